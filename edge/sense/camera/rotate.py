"""Turning pictures upright: the one place where ``rotate`` and ``mirror`` are applied, for every source."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def rotated(pixels: Pixels, clockwise: int) -> Pixels:
    """A view of the picture turned clockwise by a multiple of 90 degrees (360 and negative angles are fine).

    pixels: ``[height, width, 3]``; the view is ``[width, height, 3]`` at 90 and 270.
    """
    # numpy counts quarter turns anticlockwise.
    return np.rot90(pixels, -(clockwise // 90) % 4)


def turn(pixels: Pixels, rotate: int, mirror: bool) -> Pixels:
    """The picture turned clockwise, then with left and right exchanged: always a new C-contiguous array.

    pixels: RGB uint8 ``[height, width, 3]``, any strides. rotate: 0, 90, 180 or 270 degrees.
    """
    view = rotated(pixels, rotate)
    if mirror:
        view = view[:, ::-1]
    return np.array(view, dtype=np.uint8, order="C", copy=True)
