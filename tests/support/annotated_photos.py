"""Annotations of people in photos, in COCO's format, and poses that fit them."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.tools.evaluate.photos.annotations import AnnotatedPhoto, parse_annotations

SIZE = (160, 120)
"""Width and height of the photos, px."""
AREA = 5000.0
BOX = (10.0, 10.0, 120.0, 90.0)


def body(x: float, y: float, score: float = 0.9) -> Pose:
    """A pose whose nose is at (x, y); its joints lie on a line."""
    return Pose(score, tuple(Keypoint(x + 7.0 * n, y + 5.0 * n, score) for n in range(KEYPOINT_COUNT)))


def shifted(pose: Pose, right: float, down: float = 0.0) -> Pose:
    return Pose(pose.score, tuple(Keypoint(k.x + right, k.y + down, k.score) for k in pose.keypoints))


def image(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": number, "file_name": f"{number}.png", "width": SIZE[0], "height": SIZE[1], **changes}


def person(number: int, photo: int, pose: Pose, **changes: Any) -> dict[str, Any]:
    """A person whose joints are all visible, exactly where the pose has them."""
    keypoints = [value for keypoint in pose.keypoints for value in (keypoint.x, keypoint.y, 2)]
    return {
        "id": number,
        "image_id": photo,
        "category_id": 1,
        "iscrowd": 0,
        "area": AREA,
        "bbox": list(BOX),
        "keypoints": keypoints,
        "num_keypoints": KEYPOINT_COUNT,
        **changes,
    }


def unlabelled(number: int, photo: int, **changes: Any) -> dict[str, Any]:
    """A person without a labelled keypoint, as COCO's crowds are as well."""
    return person(number, photo, body(0, 0), keypoints=[0] * 3 * KEYPOINT_COUNT, num_keypoints=0, **changes)


def coco(images: Sequence[Any], people: Iterable[Any], **changes: Any) -> dict[str, Any]:
    categories = [{"id": 1, "name": "person"}]
    return {"images": list(images), "annotations": list(people), "categories": categories, **changes}


def photos_of(images: Sequence[Any], people: Iterable[Any]) -> list[AnnotatedPhoto]:
    return parse_annotations(json.dumps(coco(images, people)).encode())


def one_each(poses: Sequence[Pose], **changes: Any) -> list[AnnotatedPhoto]:
    """Photos 1, 2, ..., each of one person, in the poses."""
    numbers = range(1, len(poses) + 1)
    return photos_of(
        [image(number, **changes) for number in numbers],
        [person(number, number, pose) for number, pose in zip(numbers, poses, strict=True)],
    )


def write(path: Path, table: Any) -> Path:
    path.write_text(json.dumps(table))
    return path
