"""How alike two bodies lie: COCO's object keypoint similarity, for bodies that move and may be half hidden."""

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_NAMES, OKS_SIGMAS
from edge.sense.track.detections import Detections

_FALLOFF = (2 * np.array(OKS_SIGMAS)) ** 2
_ENOUGH = 4
"""Common keypoints for a full similarity; of fewer each still counts a quarter, since two points agree by chance."""


def _other_side(name: str) -> str:
    for side, other in (("left", "right"), ("right", "left")):
        if name.startswith(side):
            return other + name.removeprefix(side)
    return name


_SWAPPED = [KEYPOINT_NAMES.index(_other_side(name)) for name in KEYPOINT_NAMES]


def similarity(
    places: NDArray[np.complex128],
    sure: NDArray[np.bool_],
    sizes: NDArray[np.float64],
    slack: NDArray[np.float64],
    bodies: Detections,
) -> NDArray[np.float64]:
    """OKS ``[t, n]`` (0..1) of ``t`` expected bodies with ``n`` seen ones; left and right exchanged if that is more.

    Of ``places`` ``[t, 17]`` (x + iy, px) those are compared that are ``sure`` ``[t, 17]`` on both sides. The larger of
    the two ``sizes`` ``[t]`` (px) counts, as the smaller may be of half a body. slack ``[t]``: how far from where it is
    expected a body may have gone, as a part of its size; its square is added to that of each keypoint's falloff.
    Source: COCO keypoint evaluation, the mean of exp(-d^2 / 2 s^2 k^2).
    """
    seen = np.stack((bodies.places, bodies.places[:, _SWAPPED]))
    common = sure[:, None] & np.stack((bodies.sure, bodies.sure[:, _SWAPPED]))[:, None]  # [2, t, n, 17]
    distances = np.abs(places[:, None] - seen[:, None]) / np.maximum(sizes[:, None], bodies.sizes)[..., None]
    falloffs = np.exp(distances**2 / (-2 * (_FALLOFF + slack[:, None, None] ** 2)))
    alike = falloffs.sum(axis=-1, where=common)
    better: NDArray[np.float64] = (alike / np.maximum(common.sum(axis=-1), _ENOUGH)).max(axis=0)
    return better
