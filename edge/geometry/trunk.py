"""The trunk, from hips to shoulders: what counts as upright, as level, and as coming down fast."""

import math

STEEP_DEGREES, LEVEL_DEGREES = 45.0, 55.0
"""Inclination up to which a trunk is upright, and from which on it is level."""
FAST_HEIGHTS_PER_S = 0.6
"""Speed with which its middle comes down from which on somebody goes down. docs/calibration.md, Detectors."""
DESCENT_S = (0.3, 0.8)
"""Shortest and longest time over which that speed is measured: one wrong keypoint makes no descent, and a whole one is
not diluted."""
PATH_S = 2.0
"""Time that is looked back on: a whole fall of about a second, and some time upright before it."""


def inclination(shoulders: tuple[float, float], hips: tuple[float, float]) -> float:
    """Compute the angle from the vertical: 0 upright, 90 level, 180 head down.

    Args:
        shoulders: Middle of the shoulders, x to the right and y down.
        hips: Middle of the hips.

    Returns:
        The angle, degrees.
    """
    return math.degrees(math.atan2(abs(shoulders[0] - hips[0]), hips[1] - shoulders[1]))
