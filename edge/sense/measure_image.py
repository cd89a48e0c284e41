"""Measure whether the camera's picture shows anything: brightness, contrast and sharpness."""

from collections.abc import Iterable

import cv2
import numpy as np

from edge.image_quality import SURE_HOLDS_S, ImageQuality, blindness, is_sure
from edge.pose import Person
from edge.sense.camera.base import CameraHeads, Frame
from edge.sense.camera.rotate import Pixels

_INTERVAL_S = 1.0
"""Between two measurements."""
_DIGITS = 3
_MAX_SHARPNESS = 100.0
_NOISE = 4.0
"""The 99.5th percentile of a Laplacian's size in Gaussian noise, in medians. docs/calibration.md, Image quality."""


def measure_image(pixels: Pixels) -> ImageQuality:
    """Measure a picture.

    Sharpness is the size of the Laplacian at the sharpest edges (99.5th percentile) above that of noise, relative to
    the contrast, at half the picture's size: independent of light and, nearly, of noise.

    Args:
        pixels: RGB ``[height, width, 3]``.

    Returns:
        Brightness, contrast and sharpness, to 3 decimals.
    """
    half = (max(pixels.shape[1] // 2, 1), max(pixels.shape[0] // 2, 1))
    small = cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    contrast = float(grey.std())
    edges, flat = np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), (99.5, 50))
    sharpness = max(float(edges - _NOISE * flat), 0.0) / contrast if contrast else 0.0
    return ImageQuality(
        round(float(grey.mean()), _DIGITS), round(contrast, _DIGITS), round(min(sharpness, _MAX_SHARPNESS), _DIGITS)
    )


class ImageSampler:
    """Quality of the picture, measured once a second, and the proof that a sure body in it gives."""

    def __init__(self) -> None:
        self.quality: ImageQuality | None = None
        """Quality of the last measured picture; None where there is no picture."""
        self._measured_at = self._sure_at = float("-inf")

    def sample(self, frame: Frame, persons: Iterable[Person]) -> None:
        """Take in a frame and the persons that were found in it."""
        if any(is_sure(person.pose) for person in persons):
            self._sure_at = frame.captured_at
        if frame.captured_at - self._measured_at >= _INTERVAL_S:
            self._measured_at = frame.captured_at
            self.quality = None if isinstance(frame.content, CameraHeads) else measure_image(frame.content)

    def reset(self) -> None:
        """Forget the quality: no frames come any more."""
        self.quality = None

    def blindness(self, now: float) -> str:
        """Tell why the picture shows nothing, as ``edge.image_quality.blindness`` does.

        Args:
            now: Monotonic, s.

        Returns:
            Empty if it shows something, or if there is no picture.
        """
        if self.quality is None or now - self._sure_at <= SURE_HOLDS_S:
            return ""
        return blindness(self.quality)
