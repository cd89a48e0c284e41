"""Bootstrap intervals over photos: how much a figure would differ on other photos of the same kind."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SEED = 20171
_PERCENTILES = (2.5, 97.5)

Interval = tuple[float, float]


def draw(photos: int, resamples: int) -> NDArray[np.intp]:
    """Draw photos with replacement; the same draws each time, so that two models are compared on the same photos.

    Args:
        photos: Their number, at least 1.
        resamples: Number of draws.

    Returns:
        Indices of photos, ``[resamples, photos]``.
    """
    return np.random.default_rng(_SEED).integers(0, photos, (resamples, photos), np.intp)


def interval(values: Sequence[float | None]) -> Interval | None:
    """Find the interval that has 95 % of the values; None without a value.

    Args:
        values: Of a figure, one for each draw; None where the draw does not define it.

    Returns:
        Its two ends.
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = np.percentile(known, _PERCENTILES)
    return float(low), float(high)


def differences(ours: Sequence[float | None], theirs: Sequence[float | None]) -> list[float | None]:
    """Subtract the values of another model, draw by draw."""
    return [None if one is None or other is None else one - other for one, other in zip(ours, theirs, strict=True)]
