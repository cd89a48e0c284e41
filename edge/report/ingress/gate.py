"""The gate in the wall: lets through what ``edge.wire`` understands, at a bounded rate, and counts what it refuses."""

import time
from collections import Counter
from collections.abc import Callable

from edge import wire
from edge.config.settings import Settings
from edge.errors import BadLine
from edge.pose import KEYPOINT_COUNT
from edge.runtime.token_bucket import TokenBucket

_BURST = 2.0
"""Seconds' worth of lines that may come at once."""
_STALE_AFTER = 2.0
"""Seconds; older lines are what had piled up while nobody read, and they say nothing about now."""
_STATUS_RATE = 2.0
"""Status lines a second, beside those of frames."""
_STATUS_BYTES = 1024
_KEYPOINT_BYTES = 32
_PERSON_BYTES = 32


def line_rate(settings: Settings) -> float:
    """Lines a second that may pass: as set, or twice what the camera gives, and status lines."""
    if settings.publish.max_rate:
        return settings.publish.max_rate
    if settings.camera.source.startswith("video:") and settings.video.pace == "fast":
        return 1000.0
    return 2 * settings.camera.frame_rate + _STATUS_RATE


def byte_rate(settings: Settings) -> float:
    """Bytes a second that may pass: that many lines, each with all the persons that are allowed."""
    longest = _STATUS_BYTES + settings.decode.max_poses * (_PERSON_BYTES + KEYPOINT_COUNT * _KEYPOINT_BYTES)
    return line_rate(settings) * min(longest, wire.MAX_LINE_BYTES)


class Gate:
    """``admit(line)`` believes nothing; ``rejected`` counts refusals by reason (``edge.wire.REASONS``)."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        rejected: Counter[str] | None = None,
    ) -> None:
        """rejected: counts to go on from, after other settings took effect."""
        self._max_poses = settings.decode.max_poses
        self._clock = clock
        self._lines = TokenBucket(line_rate(settings), max(_BURST * line_rate(settings), 4))
        self._bytes = TokenBucket(byte_rate(settings), max(_BURST * byte_rate(settings), wire.MAX_LINE_BYTES))
        self.rejected: Counter[str] = Counter() if rejected is None else rejected

    def admit(self, line: bytes) -> wire.Line | None:
        """What the line says, or None if it was refused."""
        now = self._clock()
        try:
            if not (self._lines.take(1, now) and self._bytes.take(len(line), now)):
                raise BadLine("too_fast")
            said = wire.decode(line, self._max_poses)
            # Both processes read the same monotonic clock.
            if abs(now - said.monotonic) > _STALE_AFTER:
                raise BadLine("stale")
        except BadLine as error:
            self.rejected[error.reason] += 1
            return None
        return said
