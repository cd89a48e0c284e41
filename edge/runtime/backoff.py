"""Waits between tries: each twice as long as the last, up to a limit, and never quite the same twice."""

import random
import threading
from collections.abc import Callable


class Backoff:
    """Times to wait, s: ``first``, doubled each time up to ``longest``, each spread by a half either way.

    Without the spread, a house full of sensors would knock at a restarted broker all at the same moment.
    """

    def __init__(self, first: float, longest: float, spread: Callable[[float, float], float] = random.uniform) -> None:
        self._first = first
        self._longest = longest
        self._spread = spread
        self._next = first

    def reset(self) -> None:
        """It worked: the next wait is the first one again."""
        self._next = self._first

    def delay(self) -> float:
        """How long to wait now, s."""
        delay = self._next * self._spread(0.5, 1.5)
        self._next = min(2 * self._next, self._longest)
        return delay

    def wait(self, stopping: threading.Event) -> bool:
        """Waits that long; True at once if ``stopping`` is set meanwhile."""
        return stopping.wait(self.delay())
