"""The One Euro filter: little jitter while a keypoint is still, little lag while it moves.

A low pass whose cutoff grows with the speed of its input. Source: Casiez, Roussel and Vogel, "1 Euro Filter: A
Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SLOPE_CUTOFF_HZ = 1.0
"""Cutoff frequency of the low pass on the speed, as in the paper."""


class Strength(NamedTuple):
    """Parameters of the filter."""

    cutoff: float
    """Hz, of a still keypoint; lower: less jitter."""
    slope: float
    """Hz for each body size a second; higher: less lag."""


STRENGTHS = {"normal": Strength(0.5, 2.0), "strong": Strength(0.2, 1.0)}
"""By the words of ``track.smoothing``, without ``off``. docs/calibration.md, Tracking."""


def smooth(
    positions: NDArray[np.complex128],
    steady: NDArray[np.bool_],
    before: NDArray[np.complex128],
    slopes: NDArray[np.complex128],
    sizes: NDArray[np.float64],
    dt: NDArray[np.float64],
    strength: Strength,
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Filter the keypoints of ``n`` bodies once.

    The paper's signals have one dimension. These have two, and the speed of both together sets the cutoff of both.

    Args:
        positions: ``[n, 17]``, new, x + iy, px.
        steady: ``[n, 17]``, where the filter continues; elsewhere it starts again from the new position.
        before: ``[n, 17]``, smoothed at the last step.
        slopes: ``[n, 17]``, filtered at the last step, px/s.
        sizes: ``[n]``, of the bodies, px: farther away the same movement is fewer px.
        dt: ``[n]``, since the last step, s, above 0.
        strength: Of the filter.

    Returns:
        Smoothed positions and filtered slopes, ``[n, 17]``.
    """
    dt = dt[:, None]
    slopes = slopes + _weight(_SLOPE_CUTOFF_HZ, dt) * ((positions - before) / dt - slopes)
    cutoffs = strength.cutoff + strength.slope / sizes[:, None] * np.abs(slopes)
    smoothed = before + _weight(cutoffs, dt) * (positions - before)
    return np.where(steady, smoothed, positions), np.where(steady, slopes, 0.0)


def _weight(cutoff: NDArray[np.float64] | float, dt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the weight of a new value in a first-order low pass: 1 / (1 + tau / dt) with tau = 1 / (2 pi cutoff)."""
    ratio = 2 * math.pi * cutoff * dt
    return ratio / (ratio + 1)
