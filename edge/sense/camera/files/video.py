"""A clip as a source of frames: in real time, or as fast as its frames are processed."""

import logging
import math
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from edge.errors import BadInput
from edge.sense.camera.base import Clock, Picture, Pictures, Source
from edge.sense.camera.error_text import quoted
from edge.sense.camera.files.clip import Clip
from edge.sense.camera.registry import SourceRequest

_log = logging.getLogger(__name__)

_EARLY = 0.01
"""Part of a period of ``camera.frame_rate`` by which a frame may come too early, as the times of frames are rounded."""
_MAX_GAP_S = 1.0
"""Longest time without a frame; the next is delivered although late, as a computer may be slower than the clip."""
_CUT_S = 10.0
"""Between two frames, above which they belong to different recordings."""


class _Played(NamedTuple):
    """A frame, and the pass through the clip that it belongs to."""

    clip: Clip
    moment: float
    """Time in the clip, s."""
    content: Any
    """Frame of PyAV."""


class VideoSource(Source):
    """Frames of a clip: in real time, or each of them (``lossless``) with ``video.pace = "fast"``.

    In real time a clip of more frames a second than ``camera.frame_rate`` is thinned to that, as a camera would be, and
    frames are skipped while the reader is late. A clip that was cut off or is damaged gives the frames that are whole,
    and a warning; one without a frame is an error. ``captured_at`` is when a frame is delivered, ``filmed_at`` its time
    in the clip.
    """

    kind: ClassVar[str] = "video"

    def __init__(self, request: SourceRequest, clock: Clock | None = None) -> None:
        super().__init__(request, clock)
        self._clip: Clip | None = None
        self._told: set[str] = set()

    @property
    def lossless(self) -> bool:
        """True if the clip is played as fast as its frames are processed."""
        return self._settings.video.pace == "fast"

    def _open(self) -> None:
        self._clip = Clip(self._path, self._settings.video.frame_rate, self.damage)
        self._tell(self._clip.doubt)

    def _close(self) -> None:
        clip, self._clip = self._clip, None
        if clip is not None:
            clip.close()

    def _pictures(self) -> Pictures:
        frames = self._played()
        for frame in frames if self.lossless else self._in_time(frames):
            yield Picture(frame.clip.pixels(frame.content), self._clock.now(), frame.moment)

    def _played(self) -> Iterator[_Played]:
        """Yield the frames of the clip, over and over if it is looped."""
        while (clip := self._clip) is not None:
            for moment, frame in clip.frames():
                yield _Played(clip, moment, frame)
            if not clip.count:
                raise BadInput(f"{quoted(self._path)} has no frame that can be read, expected a clip; copy it again")
            self._tell(clip.flaw)
            if not self._settings.video.loop or self._stopping.is_set():
                return
            # Opened again, because not every file can be rewound.
            self._close()
            self._open()

    def _in_time(self, frames: Iterator[_Played]) -> Iterator[_Played]:
        """Yield frames when they are due, at most ``camera.frame_rate``; skip those whose successor is due already."""
        played = 0.0
        """Time since the first frame as the clip has it; goes on where the clip begins again, or has a cut."""
        start = asked = 0.0
        last, slot = math.nan, -1
        for frame in frames:
            if self._stopping.is_set():
                return
            now, period = self._clock.now(), 1 / frame.clip.rate
            step = frame.moment - last
            if math.isnan(last):
                start = asked = now
            elif 0 < step < _CUT_S:
                played += step
            else:
                played += period
                # Nothing is made up for: to open a file again takes time.
                start = max(start, now - played)
            last = frame.moment
            due = math.floor(played * self._settings.camera.frame_rate + _EARLY)
            if due <= slot:
                continue
            late = start + played + period <= now
            if late and now - asked < _MAX_GAP_S:
                continue
            if late:
                start = now - played
            self._wait_until(start + played)
            slot = due
            yield frame
            asked = self._clock.now()

    def _tell(self, warning: str) -> None:
        """Log a warning, if there is one, once however often the clip is played."""
        if warning and warning not in self._told:
            self._told.add(warning)
            _log.warning("%s", warning)
