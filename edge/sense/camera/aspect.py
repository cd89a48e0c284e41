"""Square pixels: pictures whose pixels are wider than high, or higher than wide, are stretched."""

import cv2
import numpy as np

from edge.sense.camera.rotate import Pixels

MAX_ASPECT = 4
"""Greatest width of a pixel by its height, or height by its width, that is believed; real ones are up to 2."""


def with_square_pixels(pixels: Pixels, aspect: float) -> Pixels:
    """Stretch a picture to the aspect that it is to be shown at; neither side becomes shorter.

    Args:
        pixels: RGB uint8 ``[height, width, 3]``, any strides.
        aspect: Width of the picture by its height.

    Returns:
        A new array, or ``pixels`` where nothing is to be done.
    """
    height, width = pixels.shape[:2]
    size = max(width, round(height * aspect)), max(height, round(width / aspect))
    if size == (width, height):
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
