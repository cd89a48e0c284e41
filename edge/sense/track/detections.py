"""The poses of one frame as arrays, without those that are no body of their own."""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_COUNT, SURE, Pose

_MIN_KEYPOINTS = 4
"""Least number of sure keypoints of a body (as in the tracker of tfjs)."""
_MIN_OWN_SHARE = 0.5
"""Least share of a pose's keypoint scores that belongs to no better pose; below it, it repeats that pose.
docs/calibration.md, Tracking."""


class Detections(NamedTuple):
    """``n`` bodies, the highest score first."""

    poses: list[Pose]
    positions: NDArray[np.complex128]
    """``[n, 17]``: x + iy, px. A complex number takes half the numpy calls of two real ones."""
    sure: NDArray[np.bool_]
    """``[n, 17]``: score of at least ``edge.pose.SURE``."""
    sizes: NDArray[np.float64]
    """``[n]``: half the diagonal of the box around the sure keypoints, px."""


def find_detections(poses: Iterable[Pose]) -> Detections:
    """Find the poses that are bodies: with at least four sure keypoints, and not a repetition of a better pose.

    Args:
        poses: In any order. ``decode_multi`` leaves out of a pose's score what a better pose has already.

    Returns:
        The bodies.
    """
    ordered = sorted(poses, reverse=True)
    # A speed trick: numpy takes three times as long to read nested tuples.
    numbers = chain.from_iterable(chain.from_iterable(pose.keypoints for pose in ordered))
    keypoints = np.fromiter(numbers, np.float64).reshape(-1, KEYPOINT_COUNT, 3)
    scores = keypoints[..., 2]
    sure = scores >= SURE
    own = np.array([pose.score for pose in ordered]) >= _MIN_OWN_SHARE * scores.mean(axis=1)
    rows = np.flatnonzero(own & (sure.sum(axis=1) >= _MIN_KEYPOINTS))
    keypoints, sure = keypoints[rows], sure[rows]
    positions = keypoints[..., 0] + 1j * keypoints[..., 1]
    return Detections([ordered[row] for row in rows.tolist()], positions, sure, _sizes(keypoints[..., :2], sure))


# COCO's OKS takes the square root of the area of a person's outline, which is not known here. It is about half the
# diagonal of the box (docs/calibration.md, Tracking), which unlike the box's area does not vanish from the side.
def _sizes(positions: NDArray[np.float64], sure: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Compute half the diagonal of the box around the sure ones of ``[n, 17, 2]``: ``[n]``, px, at least 1."""
    seen = sure[..., None]
    sides = positions.max(axis=1, where=seen, initial=-np.inf) - positions.min(axis=1, where=seen, initial=np.inf)
    sizes: NDArray[np.float64] = np.maximum(np.hypot(sides[:, 0], sides[:, 1]) / 2, 1.0)
    return sizes
