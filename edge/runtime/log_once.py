"""Says a thing once, not once a second."""

import logging
import time
from collections.abc import Callable

_QUIET = 300.0


class LogOnce:
    """Logs each message at most once in five minutes, however often it is said."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._said: dict[str, float] = {}

    def log(self, level: int, message: str) -> None:
        """Logs ``message`` unless it was logged not long ago."""
        now = self._clock()
        self._said = {said: at for said, at in self._said.items() if now - at < _QUIET}
        if message not in self._said:
            self._said[message] = now
            self._log.log(level, "%s", message)
