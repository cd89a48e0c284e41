"""The One Euro filter: steady while a keypoint is still, prompt when it moves.

A low pass whose cutoff grows with the speed of what it follows. Source: Casiez, Roussel and Vogel, "1 Euro Filter: A
Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SLOPE_CUTOFF = 1.0
"""Hz, of the low pass on the speed; the paper's."""


class Strength(NamedTuple):
    """How much is smoothed."""

    cutoff: float
    """Hz, of what is still: lower, less jitter."""
    slope: float
    """Hz for each body size a second: higher, less lag."""


# Chosen from 25 pairs on stretches of clips where people stand still and where they walk: the least lag that takes away
# two thirds of the jitter, and the least jitter that lags no more than 67 ms. docs/tracking.md has what they measure.
STRENGTHS = {"normal": Strength(0.5, 2.0), "strong": Strength(0.2, 1.0)}
"""By the words of ``track.smoothing``, without ``off``."""


def smooth(
    places: NDArray[np.complex128],
    steady: NDArray[np.bool_],
    before: NDArray[np.complex128],
    slopes: NDArray[np.complex128],
    sizes: NDArray[np.float64],
    dt: NDArray[np.float64],
    strength: Strength,
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """New smoothed places (px) and slopes (px/s) ``[n, 17]``, from new ``places`` and those ``before``; all are x + iy.

    steady ``[n, 17]``: where the filter goes on; elsewhere it begins anew, at the place that it is given. sizes ``[n]``
    px: of the bodies, since the same movement is fewer pixels farther away. dt ``[n]``: s, above 0. The paper's signals
    have one dimension; these have two, and the speed of both together sets the cutoff of both.
    """
    dt = dt[:, None]
    slopes = slopes + _weight(_SLOPE_CUTOFF, dt) * ((places - before) / dt - slopes)
    cutoffs = strength.cutoff + strength.slope / sizes[:, None] * np.abs(slopes)
    smoothed = before + _weight(cutoffs, dt) * (places - before)
    return np.where(steady, smoothed, places), np.where(steady, slopes, 0.0)


def _weight(cutoff: NDArray[np.float64] | float, dt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the new value in a low pass of first order, 0..1: 1 / (1 + tau / dt) with tau = 1 / (2 pi cutoff)."""
    turn = 2 * math.pi * cutoff * dt
    return turn / (turn + 1)
