"""Turn pictures upright: ``camera.rotate`` and ``camera.mirror`` are applied here for every source."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def rotated(pixels: Pixels, clockwise: int) -> Pixels:
    """Rotate a picture clockwise by a multiple of 90 degrees, negative ones included.

    Args:
        pixels: ``[height, width, 3]``.
        clockwise: Degrees.

    Returns:
        A view, ``[width, height, 3]`` at 90 and 270 degrees.
    """
    # numpy counts quarter turns anticlockwise.
    return np.rot90(pixels, -(clockwise // 90) % 4)


def orient(pixels: Pixels, rotate: int, mirror: bool) -> Pixels:
    """Rotate a picture clockwise, then exchange left and right.

    Args:
        pixels: RGB uint8 ``[height, width, 3]``, any strides.
        rotate: 0, 90, 180 or 270 degrees.
        mirror: Exchange left and right.

    Returns:
        A new C-contiguous array, also where nothing is changed.
    """
    view = rotated(pixels, rotate)
    if mirror:
        view = view[:, ::-1]
    return np.array(view, dtype=np.uint8, order="C", copy=True)
