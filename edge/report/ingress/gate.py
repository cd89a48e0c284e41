"""The gate in the wall: admits lines that ``edge.wire`` understands, at a bounded rate, and counts the others."""

import logging
import time
from collections import Counter
from collections.abc import Callable

from edge import wire
from edge.config.settings import Settings
from edge.errors import BadLine
from edge.pose import KEYPOINT_COUNT
from edge.runtime.token_bucket import TokenBucket

log = logging.getLogger(__name__)

_BURST_S = 2.0
"""Lines of so long may come at once."""
_STALE_AFTER_S = 2.0
"""Age of lines that piled up while nobody read; they say nothing about now. What ``sense`` itself takes for a frame
comes on top: a machine that is too slow says so, and what it sees still counts."""
_SPARE_RATE = 2.0
"""Lines a second beyond twice the frames that are asked of the camera."""
STATUS_RATE = 2.0
"""Status lines a second, in room of their own: however many frames come, it is known how ``sense`` is."""
_STATUS_BURST = 8.0
_STATUS_BYTES = 2048
_KEYPOINT_BYTES = 32
_PERSON_BYTES = 32


def line_rate(settings: Settings) -> float:
    """Lines of frames a second that may pass: as set, or twice the frames of the camera and a little."""
    if settings.publish.max_rate:
        return settings.publish.max_rate
    if settings.camera.source.startswith("video:") and settings.video.pace == "fast":
        return 1000.0
    return 2 * settings.camera.frame_rate + _SPARE_RATE


def byte_rate(settings: Settings) -> float:
    """Bytes a second that may pass: ``line_rate`` times a line with as many persons as are allowed."""
    longest = _STATUS_BYTES + settings.decode.max_poses * (_PERSON_BYTES + KEYPOINT_COUNT * _KEYPOINT_BYTES)
    return line_rate(settings) * min(longest, wire.MAX_LINE_BYTES)


class Gate:
    """Admits the lines that fit ``edge.wire``; ``rejected`` counts the others by reason (``edge.wire.REASONS``)."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Follow ``settings``; clock: that of the lines, s."""
        self._clock = clock
        self.rejected: Counter[str] = Counter()
        self._status_room = (
            TokenBucket(STATUS_RATE, _STATUS_BURST),
            TokenBucket(STATUS_RATE * _STATUS_BYTES, _STATUS_BURST * _STATUS_BYTES),
        )
        self._lateness = 0.0
        self.follow(settings)

    def follow(self, settings: Settings) -> None:
        """Take the bounds from other settings; counts stay."""
        self._max_poses = settings.decode.max_poses
        lines = TokenBucket(line_rate(settings), max(_BURST_S * line_rate(settings), 4))
        bytes_ = TokenBucket(byte_rate(settings), max(_BURST_S * byte_rate(settings), wire.MAX_LINE_BYTES))
        self._frame_room = lines, bytes_

    def admit(self, line: bytes) -> wire.Line | None:
        """Parse a line; None if it is refused."""
        now = self._clock()
        try:
            # Told by how it begins: what the rate does not admit is not worth parsing.
            lines, room = self._status_room if line.startswith(wire.STATUS_BEGINS) else self._frame_room
            if not (lines.take(1, now) and room.take(len(line), now)):
                raise BadLine("too_fast")
            said = wire.decode(line, self._max_poses)
            # Both processes read the same monotonic clock.
            if isinstance(said, wire.StatusLine):
                self._lateness = said.lateness
            if not -_STALE_AFTER_S <= now - said.monotonic <= _STALE_AFTER_S + self._lateness:
                raise BadLine("stale")
        except BadLine as error:
            self.rejected[error.reason] += 1
            log.debug("line refused: %s", error)
            return None
        return said
