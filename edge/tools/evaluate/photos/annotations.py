"""Strict reader of annotations of people in photos: COCO's format of keypoints (docs/evaluate.md, On photos)."""

import re
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadLine, BadTruth
from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES
from edge.sense.camera.error_text import quoted
from edge.strict_json import parse
from edge.tools.evaluate.truth import is_text, read_file, refuse

_MAX_PX = 1e6
_MAX_ID = 2**53
"""Above it, other programs do not read whole numbers exactly."""
_COCO_NAMES = [re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in KEYPOINT_NAMES]
"""Names of the keypoints in COCO's files."""
_VISIBILITIES = (0, 1, 2)
"""Not labelled, labelled but hidden, and visible."""


class AnnotatedPerson(NamedTuple):
    """One person, or one crowd, in a photo."""

    keypoints: NDArray[np.float64]
    """``[17, 3]``: x and y, px, and the visibility: 0 is not labelled."""
    box: tuple[float, float, float, float]
    """Left, top, width and height, px."""
    area: float
    """Area of the outline, px^2."""
    is_crowd: bool
    size: float
    """The longer side of the box in the photo as it was taken, px; stays where the photo is rotated."""
    height_share: float
    """Height of that box over that of the photo, 0..1; stays as well."""

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """``[17]``: the keypoints whose positions are known."""
        return self.keypoints[:, 2] > 0

    @property
    def counts(self) -> bool:
        """True if the person is to be found; COCO ignores crowds, and people without a labelled keypoint."""
        return not self.is_crowd and bool(self.labelled.any())


class AnnotatedPhoto(NamedTuple):
    """One photo and the people in it."""

    id: int
    file: str
    """Name in the folder of the photos."""
    width: int
    """Px, as the next."""
    height: int
    home_like: bool | None
    """True if the photo is like a home; None where the file does not say so of any photo."""
    people: tuple[AnnotatedPerson, ...]

    @property
    def people_count(self) -> int:
        """Number of people who are to be found."""
        return sum(person.counts for person in self.people)


def read_annotations(path: Path) -> list[AnnotatedPhoto]:
    """Read a file of annotations.

    Args:
        path: JSON with ``images`` and ``annotations`` as COCO's ``person_keypoints_val2017.json`` has them.

    Returns:
        Its photos, in the order of their ids.

    Raises:
        NoSource: There is no such file.
        BadInput: It cannot be read.
        BadTruth: It is no such file; the message lists every problem.
    """
    text = read_file(path, "annotations of people")
    try:
        photos = parse_annotations(text)
    except BadTruth as error:
        raise BadTruth(f"{quoted(path)}: {error}") from None
    return photos


def parse_annotations(text: bytes) -> list[AnnotatedPhoto]:
    """Parse the text of a file of annotations.

    Args:
        text: JSON in UTF-8.

    Returns:
        Its photos, in the order of their ids.

    Raises:
        BadTruth: It is no such file; the message lists every problem.
    """
    try:
        table = parse(text, "utf-8")
    except BadLine as error:
        found = error.reason.replace("_", " ")
        raise BadTruth(f"found {found}; expected JSON with lists 'images' and 'annotations'") from None
    if problems := list(_problems(table)):
        refuse(problems)
    category = _person_category(table)
    by_photo: dict[int, list[Any]] = {}
    for annotation in table["annotations"]:
        if annotation["category_id"] == category:
            by_photo.setdefault(annotation["image_id"], []).append(annotation)
    says_home_like = any("home_like" in image for image in table["images"])
    return [
        AnnotatedPhoto(
            image["id"],
            image["file_name"],
            image["width"],
            image["height"],
            image.get("home_like", False) if says_home_like else None,
            tuple(_person(annotation, image["height"]) for annotation in by_photo.get(image["id"], [])),
        )
        for image in sorted(table["images"], key=lambda image: int(image["id"]))
    ]


def _person(annotation: dict[str, Any], photo_height: int) -> AnnotatedPerson:
    left, top, width, height = annotation["bbox"]
    return AnnotatedPerson(
        np.array(annotation["keypoints"], np.float64).reshape(KEYPOINT_COUNT, 3),
        (left, top, width, height),
        annotation["area"],
        bool(annotation["iscrowd"]),
        max(width, height),
        height / photo_height,
    )


def _person_category(table: dict[str, Any]) -> int | None:
    """Find the id of the category "person"; None if there is none."""
    return next((each["id"] for each in table["categories"] if each["name"] == "person"), None)


def _problems(table: Any) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"found {quoted(table)}, expected an object with lists 'images' and 'annotations'"
        return
    lists = ("images", "annotations", "categories")
    if missing := [name for name in lists if not isinstance(table.get(name), list)]:
        others = "; 'clips' belongs to --clips" if "clips" in table else ""
        yield f"found no list {' and no list '.join(map(repr, missing))}, expected annotations in COCO's format{others}"
        return
    broken = list(_category_problems(table["categories"]))
    yield from broken
    if not table["images"]:
        yield "images: none, expected at least one"
    ids = yield from _image_problems(table["images"])
    if not broken:
        yield from _annotation_problems(table["annotations"], ids, _person_category(table))


def _category_problems(categories: list[Any]) -> Iterator[str]:
    for number, each in enumerate(categories, 1):
        if not (isinstance(each, dict) and _is_id(each.get("id")) and is_text(each.get("name"))):
            yield f"category {number}: found {quoted(each)}, expected an id and a name"
        elif each["name"] == "person" and (names := each.get("keypoints", _COCO_NAMES)) != _COCO_NAMES:
            found = f"{len(names)} keypoints" if isinstance(names, list) else "keypoints"
            yield f"category person: found {found} {quoted(names)}, expected COCO's 17 in COCO's order"
    if not any(isinstance(each, dict) and each.get("name") == "person" for each in categories):
        yield "categories: no 'person', expected that one"


def _image_problems(images: list[Any]) -> Generator[str, None, set[int]]:
    """Yield the problems; returns the ids of the photos."""
    ids: set[int] = set()
    names: set[str] = set()
    for number, image in enumerate(images, 1):
        where = f"image {number}"
        if not isinstance(image, dict):
            yield f"{where}: found {quoted(image)}, expected an object"
            continue
        identity, name = image.get("id"), image.get("file_name")
        if is_text(name):
            where += f" ({quoted(name)})"
        for key, holds, expected in (
            ("id", _is_id(identity), "a whole number, 0 or more"),
            ("file_name", is_text(name) and not _leads_out(name), "the name of a photo, in the folder of the photos"),
            ("width", _is_side(image.get("width")), "px, a whole number above 0"),
            ("height", _is_side(image.get("height")), "px, a whole number above 0"),
            ("home_like", isinstance(image.get("home_like", False), bool), "true or false"),
        ):
            if not holds:
                yield f"{where}: {key} = {quoted(image.get(key))}, expected {expected}"
        if _is_id(identity):
            if identity in ids:
                yield f"{where}: a second image with id {identity}, expected each id once"
            ids.add(identity)
        if is_text(name):
            if name in names:
                yield f"{where}: stands there twice, expected each photo once"
            names.add(name)
    return ids


def _annotation_problems(annotations: list[Any], photos: set[int], category: int | None) -> Iterator[str]:
    seen: Counter[Any] = Counter()
    for number, annotation in enumerate(annotations, 1):
        if not isinstance(annotation, dict):
            yield f"annotation {number}: found {quoted(annotation)}, expected an object"
            continue
        identity = annotation.get("id")
        where = f"annotation {number}" + (f" (id {identity})" if _is_id(identity) else "")
        if not _is_id(annotation.get("category_id")):
            yield f"{where}: category_id = {quoted(annotation.get('category_id'))}, expected the id of a category"
            continue
        if annotation["category_id"] != category:
            continue
        if _is_id(identity):
            seen[identity] += 1
            if seen[identity] == 2:
                yield f"{where}: its id stands there twice, expected each person once"
        if not _is_id(annotation.get("image_id")) or annotation["image_id"] not in photos:
            yield f"{where}: image_id = {quoted(annotation.get('image_id'))}, expected the id of one of the images"
        yield from _person_problems(annotation, where)


def _person_problems(annotation: dict[str, Any], where: str) -> Iterator[str]:
    keypoints, box, area = (annotation.get(key) for key in ("keypoints", "bbox", "area"))
    is_crowd = annotation.get("iscrowd")
    if is_crowd not in (0, 1):
        yield f"{where}: iscrowd = {quoted(is_crowd)}, expected 0 or 1"
    labelled: int | None = None
    if not (isinstance(keypoints, list) and all(map(_is_number, keypoints))):
        yield f"{where}: keypoints = {quoted(keypoints)}, expected a list of 17 times x, y and visibility"
    elif len(keypoints) != 3 * KEYPOINT_COUNT:
        found = f"{len(keypoints)} numbers ({len(keypoints) / 3:.3g} keypoints)"
        yield f"{where}: keypoints has {found}, expected 17 times x, y and visibility"
    elif strange := {value for value in keypoints[2::3] if value not in _VISIBILITIES}:
        yield f"{where}: keypoints has visibility {quoted(min(strange))}, expected 0, 1 or 2"
    else:
        labelled = sum(value > 0 for value in keypoints[2::3])
        said = annotation.get("num_keypoints", labelled)
        if said != labelled:
            yield f"{where}: num_keypoints = {quoted(said)}, expected {labelled}, as keypoints has visibilities above 0"
    if not (isinstance(box, list) and len(box) == 4 and all(map(_is_number, box)) and min(box[2:]) >= 0):
        yield f"{where}: bbox = {quoted(box)}, expected left, top, width and height, px"
        box = None
    if not (_is_number(area) and area >= 0):
        yield f"{where}: area = {quoted(area)}, expected px^2"
        area = None
    # Such people would never count as found. Where nothing is labelled it does no harm, and COCO has some.
    if labelled and not is_crowd:
        if area == 0:
            yield f"{where}: area = 0 of a person with {labelled} keypoints, expected that of the outline, px^2"
        if box and min(box[2:]) == 0:
            yield f"{where}: bbox = {box}, with no area, of a person with {labelled} keypoints"


def _is_number(value: Any) -> TypeGuard[float]:
    return type(value) in (int, float) and abs(value) <= _MAX_PX**2


def _is_id(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= _MAX_ID


def _is_side(value: Any) -> bool:
    return type(value) is int and 0 < value <= _MAX_PX


def _leads_out(name: str) -> bool:
    path = Path(name)
    return path.is_absolute() or ".." in path.parts
