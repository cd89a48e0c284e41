"""Photos as a source of frames: each for some seconds, or each once."""

import itertools
import logging
import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from edge.errors import BadInput, NoSource
from edge.sense.camera.base import Clock, Picture, Pictures, Source, frame_numbers
from edge.sense.camera.error_text import quoted
from edge.sense.camera.files.path_checks import is_folder
from edge.sense.camera.files.photo import SUFFIXES, is_photo, load, read_photo
from edge.sense.camera.registry import SourceRequest
from edge.sense.camera.rotate import Pixels

_log = logging.getLogger(__name__)

_CROP = 0.8
"""Share of each side that the moving crop shows."""
_GAP_S = 3600.0
"""Between the ``filmed_at`` of different photos of one frame each: the tracker must not join their people."""
_PERIODS_S = (23.0, 17.0)
"""Periods of the crop's way from left to right and back, and from top to bottom and back."""


def moving_crop(photo: Pixels, number: int, rate: float) -> Pixels:
    """Cut out a window that moves over a photo along a Lissajous figure: always moving, and the same each time.

    Args:
        photo: ``[height, width, 3]``.
        number: Of the frame.
        rate: Frames/s.

    Returns:
        A view of 80 % of each side.
    """
    height, width = photo.shape[:2]
    wide, high = max(1, round(width * _CROP)), max(1, round(height * _CROP))
    across, down = (0.5 - 0.5 * math.cos(math.tau * number / rate / period) for period in _PERIODS_S)
    left, top = round(across * (width - wide)), round(down * (height - high))
    return photo[top : top + high, left : left + wide]


class StillsSource(Source):
    """Frames of one photo, or of all photos of a folder in the order of their names.

    A photo of a folder that cannot be read is left out with one warning. It is an error if
    none can be read, or if it was named alone.
    """

    kind: ClassVar[str] = "stills"

    def __init__(self, request: SourceRequest, clock: Clock | None = None) -> None:
        super().__init__(request, clock)
        self._photos: list[Path] = []
        self._unreadable: set[Path] = set()
        self._last_photo = lru_cache(maxsize=1)(read_photo)

    @property
    def lossless(self) -> bool:
        """True if each photo is one frame, once."""
        return self._settings.stills.seconds == 0 and not self._settings.stills.loop

    def _open(self) -> None:
        load()
        if not is_folder(self._path, "a photo or a folder of photos"):
            self._photos = [self._path]
            return
        try:
            self._photos = sorted(path for path in self._path.iterdir() if is_photo(path))
        except OSError as error:
            raise BadInput(f"{quoted(self._path)} cannot be listed: {error.strerror}") from error
        if not self._photos:
            raise NoSource(f"{quoted(self._path)} has no photos, expected files ending in {', '.join(SUFFIXES)}")

    def _close(self) -> None:
        self._last_photo.cache_clear()

    def _pictures(self) -> Pictures:
        stills, rate = self._settings.stills, self._settings.camera.frame_rate
        numbers = itertools.count() if self.lossless else frame_numbers(rate, self._stopping, self._clock)
        frames = max(1, round(stills.seconds * rate))
        apart = stills.seconds == 0 and len(self._photos) > 1
        number = next(numbers)
        for photo in self._photos_in_turn():
            end = number + frames
            while number < end:
                pixels = moving_crop(photo, number, rate) if stills.moving_crop else photo
                yield Picture(pixels, self._clock.now(), number * _GAP_S if apart else None)
                number = next(numbers)

    def _photos_in_turn(self) -> Iterator[Pixels]:
        """Read one photo after the other; a single one is read once."""
        while not self._stopping.is_set():
            for path in self._photos:
                photo = self._read(path)
                if photo is not None:
                    yield photo
            if len(self._unreadable) == len(self._photos):
                raise BadInput(f"{quoted(self._path)}: none of its {len(self._photos)} photos can be read")
            if not self._settings.stills.loop:
                return

    def _read(self, path: Path) -> Pixels | None:
        if path in self._unreadable:
            return None
        try:
            return self._last_photo(path)
        except BadInput as error:
            if path == self._path:
                raise
            self._unreadable.add(path)
            self.damage.damaged()
            _log.warning("left out: %s", error)
            return None
