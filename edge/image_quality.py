"""Whether a camera's picture is of any use, from three numbers about it, which are all that leaves the first room."""

from typing import NamedTuple

DARK = 0.05
COVERED = 0.04
BLURRED = 0.3
"""Of 205 photographs of rooms and streets, 480 px high, one in a hundred has a sharpness below 0.8; blurred by a
Gaussian of 4 px, one in a hundred is above 0.36. One in a hundred is below 0.15 in brightness, 0.11 in contrast."""


class ImageQuality(NamedTuple):
    """``brightness`` 0 (black) to 1 (white), ``contrast`` 0 (one grey) to 0.5, ``sharpness`` 0 to 100, often over 1."""

    brightness: float
    contrast: float
    sharpness: float


def blindness(sight: ImageQuality) -> str:
    """Why nothing can be seen in such a picture: ``dark``, ``covered`` or ``blurred``; empty: it can."""
    if sight.brightness < DARK:
        return "dark"
    if sight.contrast < COVERED:
        return "covered"
    return "blurred" if sight.sharpness < BLURRED else ""
