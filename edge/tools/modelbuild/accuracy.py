"""COCO keypoint average precision of poses on annotated photos, as pycocotools computes it."""

import contextlib
import io
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

from edge.errors import BadInput, Unavailable
from edge.pose import Pose

PERSON = 1
"""COCO's category."""

SAME_PERSON = 0.5
HEIGHTS = {"found_small": 0.3, "found_middle": 0.6, "found_large": math.inf}
"""People by their height up to this part of the photo's."""


class Photo(NamedTuple):
    """One annotated photo: its ``id``, ``file`` name and ``height`` (px), and whether it is like a home."""

    id: int
    file: str
    height: int
    home_like: bool


class Annotations:
    """Keypoints of people in the COCO format, from one JSON file."""

    def __init__(self, path: Path) -> None:
        """Raises BadInput where the file cannot be read, Unavailable without pycocotools."""
        try:
            from pycocotools.coco import COCO
        except ImportError as error:
            raise Unavailable("pycocotools is not installed; pip install 'posenet-edge[build]'") from error
        try:
            images = json.loads(path.read_text(encoding="utf-8"))["images"]
            self.photos = [
                Photo(image["id"], image["file_name"], image["height"], image.get("home_like", False))
                for image in images
            ]
            with contextlib.redirect_stdout(io.StringIO()):  # it chats
                self._truth: Any = COCO(str(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}: not keypoints in COCO format ({error!r})") from error

    def average_precision(self, found: dict[int, list[Pose]], home_like: bool = False) -> float:
        """AP (0..1, mean over OKS 0.50:0.05:0.95) of the poses found by photo id, in px of the photos."""
        photos = [photo for photo in self.photos if photo.home_like or not home_like]
        evaluation = self._evaluated(found, photos)
        if evaluation is None:
            return 0.0
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation.accumulate()
            evaluation.summarize()
        return float(evaluation.stats[0])

    def found_by_height(self, found: dict[int, list[Pose]]) -> dict[str, float]:
        """Part (0..1) of the people for whom there is a pose with OKS of at least 0.5, for each of ``HEIGHTS``."""
        evaluation = self._evaluated(found, self.photos)
        hits: dict[str, list[bool]] = {name: [] for name in HEIGHTS}
        for photo in self.photos if evaluation else []:
            similarity = evaluation.ious[photo.id, PERSON]  # [poses, people], or [] where either is missing
            for number, person in enumerate(evaluation._gts[photo.id, PERSON]):
                height = person["bbox"][3] / photo.height
                name = next(name for name, limit in HEIGHTS.items() if height <= limit)
                if not person["ignore"]:
                    hits[name].append(len(similarity) > 0 and similarity[:, number].max() >= SAME_PERSON)
        return {name: sum(seen) / len(seen) for name, seen in hits.items() if seen}

    def _evaluated(self, found: dict[int, list[Pose]], photos: list[Photo]) -> Any:
        """pycocotools' object after matching, None where there is no pose at all."""
        from pycocotools.cocoeval import COCOeval

        results = [_as_result(number, pose) for number, poses in found.items() for pose in poses]
        if not results:
            return None
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = COCOeval(self._truth, self._truth.loadRes(results), "keypoints")
            evaluation.params.imgIds = [photo.id for photo in photos]
            evaluation.evaluate()
        return evaluation


def _as_result(number: int, pose: Pose) -> dict[str, Any]:
    keypoints = [value for keypoint in pose.keypoints for value in keypoint]
    return {"image_id": number, "category_id": PERSON, "score": pose.score, "keypoints": keypoints}
