"""Letterboxing: fit a camera frame into the model's input, and map poses back.

The frame is scaled to fit with its aspect kept and centred on a grey border. Scaling is bilinear; a frame more than
twice the size is first halved by averaging, as often as needed, so that no pixel is skipped (what mip-maps do).
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.pose import Pose, round_keypoints

GREY = 128
"""The border: the middle of the model's range, which is 0 after normalization."""


class Undo(NamedTuple):
    """Maps poses from px of the model input to px of the camera frame."""

    scale_x: float
    scale_y: float
    left: int
    top: int

    def __call__(self, pose: Pose) -> Pose:
        """Map a pose; positions are rounded to 0.01 px, scores to 4 decimals."""
        scale_x, scale_y, left, top = self
        # The centres of pixels correspond, not their corners, hence the halves.
        keypoints = [
            ((x + 0.5 - left) * scale_x - 0.5, (y + 0.5 - top) * scale_y - 0.5, score) for x, y, score in pose.keypoints
        ]
        return Pose(round(pose.score, 4), round_keypoints(keypoints, 100, 10000))


class Letterbox:
    """Fits pictures into a model input of ``height x width``; the buffers are reused."""

    def __init__(self, height: int, width: int, quantization: str) -> None:
        """Allocate the buffers.

        Args:
            height: Of the model input, px.
            width: Of the model input, px.
            quantization: ``int8``, ``uint8`` or ``float32``.
        """
        self._size = (height, width)
        self._canvas = np.full((height, width, 3), GREY, np.uint8)
        self._tensor: NDArray[Any] = self._canvas
        if quantization != "uint8":
            self._tensor = np.empty((height, width, 3), np.dtype(quantization))
        self._frame_size = (0, 0)
        self._halves: list[NDArray[np.uint8]] = []

    def __call__(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[Any], Undo]:
        """Fit a picture.

        Args:
            pixels: RGB uint8 ``[rows, columns, 3]``.

        Returns:
            The model input ``[height, width, 3]``, valid until the next call, and the way back.
        """
        if pixels.shape[:2] != self._frame_size:
            self._plan(*pixels.shape[:2])
        for half in self._halves:
            cv2.resize(pixels, half.shape[1::-1], dst=half, interpolation=cv2.INTER_AREA)
            pixels = half
        cv2.resize(pixels, self._window.shape[1::-1], dst=self._window, interpolation=cv2.INTER_LINEAR)
        if self._tensor.dtype == np.int8:
            # Flipping the top bit of a byte takes 128 away from it.
            np.bitwise_xor(self._canvas, 128, out=self._tensor.view(np.uint8))
        elif self._tensor.dtype == np.float32:
            np.multiply(self._canvas, np.float32(1 / 127.5), out=self._tensor, dtype=np.float32)
            self._tensor -= 1
        return self._tensor, self._undo

    def _plan(self, rows: int, columns: int) -> None:
        """Prepare sizes, buffers and the way back for frames of this size."""
        height, width = self._size
        scale = min(height / rows, width / columns)
        inner_height = max(1, min(height, round(rows * scale)))
        inner_width = max(1, min(width, round(columns * scale)))
        top, left = (height - inner_height) // 2, (width - inner_width) // 2
        self._canvas[:] = GREY
        self._window = self._canvas[top : top + inner_height, left : left + inner_width]
        self._undo = Undo(columns / inner_width, rows / inner_height, left, top)
        self._frame_size = (rows, columns)
        self._halves = []
        while rows >= 2 * inner_height and columns >= 2 * inner_width:
            rows, columns = rows // 2, columns // 2
            self._halves.append(np.empty((rows, columns, 3), np.uint8))
