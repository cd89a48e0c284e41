"""COCO's object keypoint similarity (OKS), for bodies that move and may be half hidden."""

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_NAMES, OKS_SIGMAS
from edge.sense.track.detections import Detections

_FALLOFF = (2 * np.array(OKS_SIGMAS)) ** 2
_FULL_KEYPOINTS = 4
"""Common keypoints for a full similarity; of fewer each counts a quarter, because two points may agree by chance."""


def _other_side(name: str) -> str:
    for side, other in (("left", "right"), ("right", "left")):
        if name.startswith(side):
            return other + name.removeprefix(side)
    return name


_SWAPPED = [KEYPOINT_NAMES.index(_other_side(name)) for name in KEYPOINT_NAMES]


def similarity(
    positions: NDArray[np.complex128],
    sure: NDArray[np.bool_],
    sizes: NDArray[np.float64],
    slack: NDArray[np.float64],
    bodies: Detections,
) -> NDArray[np.float64]:
    """Compute the OKS of ``t`` expected bodies with ``n`` detected ones.

    Keypoints that are sure on both sides are compared, relative to the larger of the two sizes, because the smaller may
    be that of half a body. Source: COCO keypoint evaluation, the mean of exp(-d^2 / 2 s^2 k^2).

    Args:
        positions: ``[t, 17]``, where keypoints are expected, x + iy, px.
        sure: ``[t, 17]``.
        sizes: ``[t]``, px.
        slack: ``[t]``, how far a body may have moved from there, in sizes; its square is added to that of the falloffs.
        bodies: The detected ones.

    Returns:
        ``[t, n]``, 0..1; with left and right exchanged, as the decoder sometimes does, where that is more.
    """
    detected = np.stack((bodies.positions, bodies.positions[:, _SWAPPED]))
    common = sure[:, None] & np.stack((bodies.sure, bodies.sure[:, _SWAPPED]))[:, None]  # [2, t, n, 17]
    distances = np.abs(positions[:, None] - detected[:, None]) / np.maximum(sizes[:, None], bodies.sizes)[..., None]
    falloffs = np.exp(distances**2 / (-2 * (_FALLOFF + slack[:, None, None] ** 2)))
    summed = falloffs.sum(axis=-1, where=common)
    similarities: NDArray[np.float64] = (summed / np.maximum(common.sum(axis=-1), _FULL_KEYPOINTS)).max(axis=0)
    return similarities
