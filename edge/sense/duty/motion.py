"""Motion: whether something in the picture changed, told by a small grey image of it.

The picture becomes some 64 x 48 cells, each the mean of two rows of pixels, so that the noise of single pixels all but
vanishes. A cell has changed if it differs from what it showed in the last seconds by more than noise does. The
background follows the picture: a chair that was moved, and the sun on the floor, soon belong to it.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sense.camera.rotate import Pixels

_COLUMNS, _ROWS = 64, 48
"""Cells across and down, about."""
_ROWS_PER_CELL = 2
"""Rows of pixels that are read of each cell: enough against noise, and most of the picture need not be read."""
_GAP_S = 2.0
"""Time without a picture after which nothing can be compared."""
_BACKGROUND_S = 2.0
"""Time in which the background follows the picture."""
_NOISES, _QUIET = 5.0, 0.75
"""A cell has changed if it differs by so many times what this part of the cells stay below: noise, a lamp's flicker."""
_SAMPLED = 4
"""Every so many cells, across and down, are asked for the noise."""
_LEAST, _MOST = 0.04, 0.25
"""Limits of that, of the mean brightness: what is less is never a person, what is more always counts."""
_DARK = 16.0
"""Added to the mean brightness, grey levels: noise does not vanish in the dark."""
_CELLS = 4
"""Least number of changed cells that is motion. docs/duty.md has the evidence."""
_LIGHT = 1.3
"""Factor of the mean brightness that is motion too: somebody switched the light."""


class Motion:
    """``sees(pixels, now)`` of each picture in turn tells whether something in it changed."""

    def __init__(self) -> None:
        self._background: NDArray[np.float32] | None = None
        self._level = 0.0
        """Mean brightness of the background, grey levels."""
        self._now = -math.inf

    def sees(self, pixels: Pixels, now: float) -> bool:
        """Compare a picture with those before.

        Args:
            pixels: RGB ``[height, width, 3]``.
            now: Time of the picture, s.

        Returns:
            True if something changed, also where nothing can be compared: in the first picture, after a gap, and where
            the size changed.
        """
        cells = _shrink(pixels)
        level = float(cells.mean()) + _DARK
        passed, self._now = now - self._now, now
        if self._background is None or self._background.shape != cells.shape or not 0 <= passed <= _GAP_S:
            self._background, self._level = cells, level
            return True
        # The sun behind a cloud, and the camera's own exposure, change all cells alike.
        gain = level / self._level
        change = np.abs(cells - gain * self._background)
        sample = change[::_SAMPLED, ::_SAMPLED].ravel()
        rank = int(_QUIET * sample.size)
        noise = float(np.partition(sample, rank)[rank])
        changed = int(np.count_nonzero(change > min(max(_NOISES * noise, _LEAST * level), _MOST * level)))
        follows = 1 - math.exp(-passed / _BACKGROUND_S)
        self._background += follows * (cells - self._background)
        self._level += follows * (level - self._level)
        return changed >= _CELLS or not 1 / _LIGHT <= gain <= _LIGHT


def _shrink(pixels: Pixels) -> NDArray[np.float32]:
    """Average a picture into cells of whole pixels; grey levels."""
    height, width = pixels.shape[:2]
    rows = pixels[:: max(1, height // (_ROWS * _ROWS_PER_CELL))]
    across, down = max(1, width // _COLUMNS), min(_ROWS_PER_CELL, len(rows))
    size = (width // across, len(rows) // down)
    grey = cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY)[: size[1] * down, : size[0] * across]
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
