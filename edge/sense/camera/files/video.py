"""A clip, played as it was filmed or as fast as its frames are wanted."""

import logging
from collections.abc import Iterator
from typing import Any, ClassVar

from edge.errors import BadInput
from edge.sense.camera.base import Picture, Pictures, Source
from edge.sense.camera.error_text import quoted
from edge.sense.camera.files.clip import Clip, upright

_log = logging.getLogger(__name__)

_CATCH_UP = 1.0
"""Seconds of leaving frames out, after which one is shown anyway: a computer may be slower than the clip."""
_JUMP = 10.0
"""Seconds between two frames that are a cut between recordings rather than a pause."""


class VideoSource(Source):
    """Frames of a clip: in real time, or every single one (``lossless``) with ``video.pace = "fast"``.

    In real time frames are left out when the reader is late. A clip that was cut off gives the frames it has and
    then ends, with a warning; BadInput where it has none. ``captured_at`` is when a frame is given, ``filmed_at`` its
    time in the clip.
    """

    kind: ClassVar[str] = "video"

    _clip: Clip | None = None
    _warned = False

    @property
    def lossless(self) -> bool:
        """Whether the clip is played as fast as its frames are wanted."""
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
            self._judge(clip)
            if not self._settings.video.loop or self._stopping.is_set():
                return
            # Opened anew: not every file can be wound back.
            self._close()
            self._open()

    def _judge(self, clip: Clip) -> None:
        """Say, once, that a clip was damaged; raise BadInput where nothing of it could be read."""
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
        """Each frame after its moment, s from the beginning of the clip."""
        for number, frame in enumerate(clip.frames()):
            yield number * self._period(clip) if frame.time is None else frame.time, frame

    def _period(self, clip: Clip) -> float:
        return 1 / (clip.rate or self._settings.camera.frame_rate)

    def _in_time(self, clip: Clip) -> Iterator[tuple[float, Any]]:
        """The same when each is due; those that the next one has overtaken are left out."""
        period = self._period(clip)
        start = last = 0.0
        asked: float | None = None
        for moment, frame in self._timed(clip):
            if self._stopping.is_set():
                return
            now = self._clock.now()
            if asked is None or not 0 <= moment - last < _JUMP:
                start, asked = now - moment, now
            last = moment
            overtaken = start + moment + period <= now
            if overtaken and now - asked < _CATCH_UP:
                continue
            if overtaken:
                start = now - moment
            self._wait_until(start + moment)
            yield moment, frame
            asked = self._clock.now()
