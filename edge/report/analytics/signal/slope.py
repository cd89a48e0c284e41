"""The slope of a noisy value over time."""

from collections.abc import Sequence
from operator import mul

_MIN_SAMPLES = 4
_MIN_SPAN = 0.7
"""Number of samples, and the part of the time that they must span, for a slope to be known."""


def slope(points: Sequence[tuple[float, float]], window: float) -> float | None:
    """Fit a straight line by least squares.

    Args:
        points: Time, s, and value, in the order of the times.
        window: Time that they should span, s.

    Returns:
        Its slope, 1/s; None for too few points.
    """
    if len(points) < _MIN_SAMPLES or points[-1][0] - points[0][0] < _MIN_SPAN * window:
        return None
    times, values = zip(*points, strict=True)
    middle = sum(times) / len(times)
    since = [time - middle for time in times]
    found: float = sum(map(mul, since, values)) / sum(map(mul, since, since))
    return found
