"""Says on standard error how far something has come that takes long."""

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

_FIRST = 2.0
_SELDOMEST = 60.0


class Progress:
    """Speaks after 2 s, and then later and later, up to once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wait = _FIRST
        self._said_at = clock()

    def say(self, seconds: float, frames: int) -> None:
        """How far it has come: s of what is seen, and frames; most of the time it keeps silent."""
        if self._clock() - self._said_at >= self._wait:
            self._said_at = self._clock()
            self._wait = min(2 * self._wait, _SELDOMEST)
            log.info("%.0f s, %d frames", seconds, frames)
