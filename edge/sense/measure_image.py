"""Measure whether the camera's picture shows anything: brightness, contrast and sharpness."""

from collections.abc import Iterable

import cv2
import numpy as np

from edge.image_quality import BlindnessMonitor, ImageQuality, is_sure
from edge.pose import Person
from edge.sense.camera.base import CameraHeads, Frame
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.heads import ModelSpec
from edge.sense.inference.letterbox import Letterbox

MEASURE_INTERVAL_S = 1.0
"""Between two measurements."""
_DIGITS = 3
_MAX_SHARPNESS = 100.0
_BRIGHT_PERCENTILE = 95.0
"""A twentieth of the picture is enough for it to be bright: a lit person, or the surroundings of a lamp."""
_EDGE_PERCENTILE = 99.5
_COARSER = 4
"""Sharpness is measured in pixels as large as so many of the model input: finer edges the model can do without, and
noise all but vanishes. docs/calibration.md, Image quality."""


def measure_image(pixels: Pixels, height: int, width: int) -> ImageQuality:
    """Measure a picture as large as the model sees it.

    Brightness is that of the brightest parts (95th percentile), contrast the standard deviation relative to it.
    Sharpness is the size of the Laplacian at the sharpest edges (99.5th percentile), in pixels four times as large as
    those of the model, relative to the standard deviation there.

    Args:
        pixels: RGB ``[rows, columns, 3]``.
        height: Of the model input, px.
        width: Of the model input, px.

    Returns:
        Brightness, contrast and sharpness, to 3 decimals.
    """
    grey = cv2.cvtColor(_as_seen(pixels, height, width), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    bright, deviation = float(np.percentile(grey, _BRIGHT_PERCENTILE)), float(grey.std())
    coarse_size = (max(grey.shape[1] // _COARSER, 1), max(grey.shape[0] // _COARSER, 1))
    coarse = cv2.resize(grey, coarse_size, interpolation=cv2.INTER_AREA)
    edges = float(np.percentile(np.abs(cv2.Laplacian(coarse, cv2.CV_32F)), _EDGE_PERCENTILE))
    coarse_deviation = float(coarse.std())
    sharpness = edges / coarse_deviation if coarse_deviation else 0.0
    return ImageQuality(
        round(bright, _DIGITS),
        round(min(deviation / bright, 1.0) if bright else 0.0, _DIGITS),
        round(min(sharpness, _MAX_SHARPNESS), _DIGITS),
    )


def _as_seen(pixels: Pixels, height: int, width: int) -> Pixels:
    """Scale a picture as for the model, without the border."""
    canvas, undo = Letterbox(height, width, "uint8")(pixels)
    rows, columns = round(pixels.shape[0] / undo.scale_y), round(pixels.shape[1] / undo.scale_x)
    return canvas[undo.top : undo.top + rows, undo.left : undo.left + columns]


class ImageSampler:
    """Quality of the picture, measured once a second, and the proof that a sure body in it gives."""

    def __init__(self) -> None:
        self.quality: ImageQuality | None = None
        """Quality of the last measured picture; None where there is no picture."""
        self._measured_at = float("-inf")
        self._monitor = BlindnessMonitor()

    def sample(self, frame: Frame, persons: Iterable[Person], spec: ModelSpec) -> None:
        """Take in a frame, the persons that were found in it, and the specification of the model that found them."""
        now = frame.captured_at
        if any(is_sure(person.pose) for person in persons):
            self._monitor.found_sure_body(now)
        if now - self._measured_at >= MEASURE_INTERVAL_S:
            self._measured_at = now
            content = frame.content
            self.quality = None if isinstance(content, CameraHeads) else measure_image(content, spec.height, spec.width)
            self._monitor.measured(self.quality, now)

    def reset(self) -> None:
        """Forget the quality: no frames come any more."""
        self.quality = None
        self._monitor = BlindnessMonitor()

    @property
    def is_poor(self) -> bool:
        """True if the picture is poor, as ``edge.image_quality.BlindnessMonitor`` has it."""
        return self._monitor.is_poor

    def blindness(self, now: float) -> str:
        """Tell why the camera is blind at ``now`` (monotonic s), as ``edge.image_quality.BlindnessMonitor`` does."""
        return self._monitor.blindness(now)
