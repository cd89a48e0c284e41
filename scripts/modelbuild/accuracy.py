"""COCO keypoint average precision of poses on annotated photos, computed by pycocotools."""

import contextlib
import io
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

from edge.errors import BadInput, Unavailable
from edge.pose import Pose

PERSON = 1
"""Number of the category in COCO."""

MIN_SAME_OKS = 0.5
"""Least OKS of a pose that counts as found."""
HEIGHTS = {"found_small": 0.3, "found_middle": 0.6, "found_large": math.inf}
"""Classes of people by height: upper limits as a fraction of the photo's height."""


class Photo(NamedTuple):
    """One annotated photo: its ``id``, ``file`` name, ``height`` (px), and whether it is like a home."""

    id: int
    file: str
    height: int
    home_like: bool


class Annotations:
    """Keypoints of people in the COCO format, from one JSON file."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            BadInput: It cannot be read.
            Unavailable: pycocotools is not installed.
        """
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
            with contextlib.redirect_stdout(io.StringIO()):  # it prints messages
                self._truth: Any = COCO(str(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}: not keypoints in COCO format ({error!r})") from error

    def average_precision(self, found: dict[int, list[Pose]], home_like: bool = False) -> float:
        """Average precision over OKS 0.50:0.05:0.95.

        Args:
            found: Poses by photo id, in px of the photo.
            home_like: Only use photos that are like a home.

        Returns:
            AP, 0..1.
        """
        photos = [photo for photo in self.photos if photo.home_like or not home_like]
        evaluation = self._evaluated(found, photos)
        if evaluation is None:
            return 0.0
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation.accumulate()
            evaluation.summarize()
        return float(evaluation.stats[0])

    def found_by_height(self, found: dict[int, list[Pose]]) -> dict[str, float]:
        """Fraction (0..1) of the people that are found, for each class of ``HEIGHTS`` that has any."""
        evaluation = self._evaluated(found, self.photos)
        hits: dict[str, list[bool]] = {name: [] for name in HEIGHTS}
        for photo in self.photos if evaluation else []:
            similarity = evaluation.ious[photo.id, PERSON]  # [poses, people], or [] if either is missing
            for number, person in enumerate(evaluation._gts[photo.id, PERSON]):
                height = person["bbox"][3] / photo.height
                name = next(name for name, limit in HEIGHTS.items() if height <= limit)
                if not person["ignore"]:
                    hits[name].append(len(similarity) > 0 and similarity[:, number].max() >= MIN_SAME_OKS)
        return {name: sum(seen) / len(seen) for name, seen in hits.items() if seen}

    def _evaluated(self, found: dict[int, list[Pose]], photos: list[Photo]) -> Any:
        """Evaluation of pycocotools after matching, None without any pose."""
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
