"""How far a quantized model's keypoints are from the float32 model's."""

import math
from statistics import median

from edge.pose import Keypoint, Pose

SEEN = 0.3
"""Keypoints that the float32 model scores below this aren't compared: nobody would draw them."""


def distances(reference: list[Pose], found: list[Pose]) -> list[float]:
    """Distances (px) of each seen reference keypoint to the same one of the nearest pose that was found.

    Nearest is by the median over all keypoints. Where nothing was found there is nothing to say.
    """
    if not found:
        return []
    result: list[float] = []
    for pose in reference:
        nearest = min(found, key=lambda other: median(map(_distance, pose.keypoints, other.keypoints)))
        pairs = zip(pose.keypoints, nearest.keypoints, strict=True)
        result.extend(_distance(ours, theirs) for ours, theirs in pairs if ours.score >= SEEN)
    return result


def _distance(one: Keypoint, other: Keypoint) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)
