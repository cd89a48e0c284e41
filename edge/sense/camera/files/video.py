"""A clip as a source of frames: in real time, or as fast as its frames are processed."""

import logging
import math
from collections.abc import Iterator
from typing import Any, ClassVar

from edge.errors import BadInput
from edge.sense.camera.base import Picture, Pictures, Source
from edge.sense.camera.error_text import quoted
from edge.sense.camera.files.clip import Clip, upright

_log = logging.getLogger(__name__)

_EARLY = 0.01
"""Part of a period of ``camera.frame_rate`` by which a frame may come too early, as the times of frames are rounded."""
_MAX_GAP_S = 1.0
"""Longest time without a frame; the next is delivered although late, as a computer may be slower than the clip."""
_CUT_S = 10.0
"""Between two frames, above which they belong to different recordings."""


class VideoSource(Source):
    """Frames of a clip: in real time, or each of them (``lossless``) with ``video.pace = "fast"``.

    In real time a clip of more frames a second than ``camera.frame_rate`` is thinned to that, as a camera would be, and
    frames are skipped while the reader is late. A clip that was cut off gives the frames that it has, and
    a warning; one without a frame is an error. ``captured_at`` is when a frame is delivered, ``filmed_at`` its time in
    the clip.
    """

    kind: ClassVar[str] = "video"

    _clip: Clip | None = None
    _warned = False

    @property
    def lossless(self) -> bool:
        """True if the clip is played as fast as its frames are processed."""
        return self._settings.video.pace == "fast"

    def _open(self) -> None:
        self._clip = Clip(self._path)

    def _close(self) -> None:
        clip, self._clip = self._clip, None
        if clip is not None:
            clip.close()

    def _pictures(self) -> Pictures:
        while self._clip is not None:
            clip = self._clip
            for moment, frame in self._timed(clip) if self.lossless else self._in_time(clip):
                yield Picture(upright(frame), self._clock.now(), moment)
            self._check(clip)
            if not self._settings.video.loop or self._stopping.is_set():
                return
            # Opened again, because not every file can be rewound.
            self._close()
            self._open()

    def _check(self, clip: Clip) -> None:
        """Warn, once, of a clip that was damaged; raise BadInput where no frame of it could be read."""
        if not clip.count:
            raise BadInput(f"{quoted(self._path)} has no frame that can be read, expected a clip; copy it again")
        if (clip.damaged or clip.missing) and not self._warned:
            self._warned = True
            _log.warning(
                "%s is damaged or cut off: %d frames, %d unreadable parts; copy it again",
                quoted(self._path),
                clip.count,
                clip.damaged,
            )

    def _timed(self, clip: Clip) -> Iterator[tuple[float, Any]]:
        """Yield each frame after its time in the clip, s."""
        for number, frame in enumerate(clip.frames()):
            yield number * self._period(clip) if frame.time is None else frame.time, frame

    def _period(self, clip: Clip) -> float:
        return 1 / (clip.rate or self._settings.camera.frame_rate)

    def _in_time(self, clip: Clip) -> Iterator[tuple[float, Any]]:
        """Yield each frame with its time in the clip when it is due; skip those whose successor is due already."""
        period = self._period(clip)
        start = last = 0.0
        slot = -1
        asked: float | None = None
        for moment, frame in self._timed(clip):
            if self._stopping.is_set():
                return
            now = self._clock.now()
            if asked is None or not 0 <= moment - last < _CUT_S:
                start, asked, slot = now - moment, now, -1
            last = moment
            due = math.floor(moment * self._settings.camera.frame_rate + _EARLY)
            if due <= slot:
                continue
            late = start + moment + period <= now
            if late and now - asked < _MAX_GAP_S:
                continue
            if late:
                start = now - moment
            self._wait_until(start + moment)
            slot = due
            yield moment, frame
            asked = self._clock.now()
