"""Looks at a whole picture for three numbers: how bright it is, how much there is to tell apart, and how sharply."""

import cv2
import numpy as np

from edge.image_quality import ImageQuality
from edge.sense.camera.rotate import Pixels

_DIGITS = 3
_MOST = 100.0
_NOISE = 4.0
"""In Gaussian noise the 99.5th percentile of a Laplacian's size is 2.807 / 0.674 = 4.2 times its median."""


def measure_image(pixels: Pixels) -> ImageQuality:
    """Numbers of an RGB picture ``[height, width, 3]``.

    Sharpness is the size of the Laplacian at the sharpest edges (99.5th percentile) above that of noise, relative to
    the contrast, at half the picture's size: independent of light and, nearly, of noise.
    """
    half = (max(pixels.shape[1] // 2, 1), max(pixels.shape[0] // 2, 1))
    small = cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    contrast = float(grey.std())
    edges, flat = np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), (99.5, 50))
    sharpness = max(float(edges - _NOISE * flat), 0.0) / contrast if contrast else 0.0
    return ImageQuality(
        round(float(grey.mean()), _DIGITS), round(contrast, _DIGITS), round(min(sharpness, _MOST), _DIGITS)
    )
