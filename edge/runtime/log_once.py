"""Rate-limit identical log messages."""

import logging
import time
from collections.abc import Callable

_INTERVAL_S = 300.0


class LogOnce:
    """Logs each distinct message at most once in five minutes."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._logged: dict[str, float] = {}

    def log(self, level: int, message: str) -> None:
        """Log a message unless it was logged in the last five minutes."""
        now = self._clock()
        self._logged = {logged: at for logged, at in self._logged.items() if now - at < _INTERVAL_S}
        if message not in self._logged:
            self._logged[message] = now
            self._log.log(level, "%s", message)
