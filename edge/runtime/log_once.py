"""Rate-limit identical log messages, and say that what they told of is over."""

import logging
import time
from collections.abc import Callable

_INTERVAL_S = 300.0


class LogOnce:
    """Log each distinct message of one subject at most once in five minutes, and the end of what was logged."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._logged: dict[str, float] = {}
        self._open = True
        """Something was logged since the last time that it was over; or nothing yet."""

    def log(self, level: int, message: str, kind: str = "") -> None:
        """Log a message unless it, or another of its ``kind``, was logged in the last five minutes."""
        kind = kind or message
        now = self._clock()
        self._logged = {logged: at for logged, at in self._logged.items() if now - at < _INTERVAL_S}
        if kind not in self._logged:
            self._logged[kind] = now
            self._open = True
            self._log.log(level, "%s", message)

    def over(self, level: int, message: str) -> None:
        """Log the end of what was logged, always and only if its beginning was logged: the last word must be true."""
        if self._open:
            self._open = False
            self._log.log(level, "%s", message)
