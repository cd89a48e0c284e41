"""Annotations are read strictly: whatever would make a figure wrong is named before anything is evaluated."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadInput, BadTruth, NoSource
from edge.pose import KEYPOINT_COUNT
from edge.tools.evaluate.photos.annotations import parse_annotations, read_annotations
from tests.support.annotated_photos import body, coco, image, person, unlabelled

NAMES = [
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
]  # fmt: skip
"""As they stand in COCO's own file."""
NUMBERS = st.floats(-100, 1000) | st.integers(-100, 1000)
LABELS = st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(0, 2)), min_size=KEYPOINT_COUNT, max_size=KEYPOINT_COUNT)


def parse(table: Any) -> Any:
    return parse_annotations(json.dumps(table).encode())


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.lists(st.integers(0, 10**12), min_size=1, max_size=4, unique=True))
    images = [image(number, home_like=draw(st.booleans())) for number in ids]
    people = []
    for number in range(draw(st.integers(0, 5))):
        labels = draw(LABELS)
        people.append(
            person(number, draw(st.sampled_from(ids)), body(0, 0))
            | {
                "keypoints": [value for label in labels for value in label],
                "num_keypoints": sum(label[2] > 0 for label in labels),
                "iscrowd": draw(st.integers(0, 1)),
                "area": draw(st.floats(1, 1e5)),
            }
        )
    return coco(images, people)


@given(tables())
def test_what_is_right_is_read(table: dict[str, Any]) -> None:
    photos = parse(table)
    assert [photo.id for photo in photos] == sorted(each["id"] for each in table["images"])
    for photo in photos:
        told = next(each for each in table["images"] if each["id"] == photo.id)
        assert (photo.file, photo.home_like) == (told["file_name"], told["home_like"])
        people = [each for each in table["annotations"] if each["image_id"] == photo.id]
        assert [each.keypoints.ravel().tolist() for each in photo.people] == [each["keypoints"] for each in people]
        counted = [each for each in people if each["num_keypoints"] and not each["iscrowd"]]
        assert photo.people_count == len(counted)


@given(st.binary(max_size=60) | st.text(max_size=30).map(str.encode))
def test_what_is_no_such_file_is_refused(text: bytes) -> None:
    with pytest.raises(BadTruth):
        parse_annotations(text)


@given(tables(), st.data())
def test_any_value_in_place_of_another_is_taken_or_named(table: dict[str, Any], data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["images", "annotations", "categories"]))
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    )
    if not table[part] or data.draw(st.booleans()):
        table[part] = data.draw(anything)
    else:
        each = table[part][0]
        each[data.draw(st.sampled_from(sorted(each)))] = data.draw(anything)
    try:
        parse(table)
    except BadTruth as error:
        assert "expected" in str(error)


def test_photos_come_in_the_order_of_their_ids_and_home_like_is_unknown_where_it_is_not_said() -> None:
    photos = parse(coco([image(7), image(3)], [person(1, 7, body(0, 0))]))
    assert [photo.id for photo in photos] == [3, 7]
    assert [photo.home_like for photo in photos] == [None, None]
    assert [len(photo.people) for photo in photos] == [0, 1]


def test_cocos_own_names_of_keypoints_are_taken_and_other_categories_passed_over() -> None:
    categories = [{"id": 1, "name": "person", "keypoints": NAMES}, {"id": 18, "name": "dog"}]
    dog = {"id": 5, "image_id": 1, "category_id": 18, "bbox": [0, 0, 1, 1]}
    (photo,) = parse(coco([image(1)], [dog, person(1, 1, body(0, 0))], categories=categories))
    assert len(photo.people) == 1


def test_crowds_and_unlabelled_people_may_have_no_area() -> None:
    people = [unlabelled(1, 1, iscrowd=1, area=0), unlabelled(2, 1, bbox=[5, 5, 0, 0])]
    (photo,) = parse(coco([image(1)], people))
    assert (len(photo.people), photo.people_count) == (2, 0)


Change = Callable[[dict[str, Any]], Any]
WRONG: dict[str, tuple[Change, str]] = {
    "no area": (lambda t: t["annotations"][0].update(area=0), r"annotation 1 \(id 1\): area = 0 of a person with 17"),
    "a box without area": (lambda t: t["annotations"][0].update(bbox=[5, 5, 0, 9]), "with no area, of a person"),
    "other keypoints": (
        lambda t: t["annotations"][0].update(keypoints=[1, 1, 2] * 4),
        r"keypoints has 12 numbers \(4 keypoints\), expected 17 times",
    ),
    "names of other keypoints": (
        lambda t: t["categories"][0].update(keypoints=[f"wing {n}" for n in range(21)]),
        "category person: found 21 keypoints .* expected COCO's 17",
    ),
    "another order of keypoints": (
        lambda t: t["categories"][0].update(keypoints=NAMES[::-1]),
        "expected COCO's 17 in COCO's order",
    ),
    "a wrong count": (lambda t: t["annotations"][0].update(num_keypoints=3), "num_keypoints = '3', expected 17"),
    "a wrong visibility": (
        lambda t: t["annotations"][0].update(keypoints=[1, 1, 3] * 17),
        "visibility '3', expected 0, 1 or 2",
    ),
    "an unknown photo": (lambda t: t["annotations"][0].update(image_id=99), "image_id = '99', expected the id of one"),
    "a photo twice": (lambda t: t["images"].append(image(1)), "a second image with id 1"),
    "a file twice": (lambda t: t["images"].append(image(2, file_name="1.png")), "stands there twice"),
    "a person twice": (lambda t: t["annotations"].append(t["annotations"][0]), "its id stands there twice"),
    "a file elsewhere": (lambda t: t["images"][0].update(file_name="../../secret.png"), "file_name = .* in the folder"),
    "no size": (lambda t: t["images"][0].pop("width"), "width = 'None', expected px"),
    "no image": (lambda t: t["images"].clear(), "images: none"),
    "no person": (lambda t: t["categories"].clear(), "no 'person'"),
    "no list": (lambda t: t.pop("annotations"), "found no list 'annotations'"),
    "infinite": (lambda t: t["annotations"][0].update(area=10**400), "area = '1000.* expected px"),
    "a truth file of clips": (lambda t: (t.clear(), t.update(clips=[])), "'clips' belongs to --clips"),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_is_wrong_is_named(which: str) -> None:
    table = coco([image(1)], [person(1, 1, body(0, 0))])
    parse(table)
    change, message = WRONG[which]
    change(table)
    with pytest.raises(BadTruth, match=message):
        parse(table)


def test_all_problems_are_named_together_up_to_a_bound(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    people = [person(number, 1, body(0, 0), area=0) for number in range(30)]
    file.write_text(json.dumps(coco([image(1)], people)))
    with pytest.raises(BadTruth, match=r"people\.json.*\(id 0\).*\(id 19\).*and 10 more") as refused:
        read_annotations(file)
    assert "id 20" not in str(refused.value)


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSource, match="no file"):
        read_annotations(tmp_path / "none.json")
    with pytest.raises(BadInput, match="cannot be read"):
        read_annotations(tmp_path)
