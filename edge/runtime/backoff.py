"""Delays between tries: doubled each time up to a limit, and spread at random."""

import random
import threading
from collections.abc import Callable


class Backoff:
    """Delays in s: ``first``, doubled each time up to ``longest``, each spread by a half either way.

    Without the spread, all sensors of a house would connect to a restarted broker at the same moment.
    """

    def __init__(self, first: float, longest: float, spread: Callable[[float, float], float] = random.uniform) -> None:
        self._first = first
        self._longest = longest
        self._spread = spread
        self._next = first

    def reset(self) -> None:
        """Begin with the first delay again, after a success."""
        self._next = self._first

    def delay(self) -> float:
        """Give the next delay, s."""
        delay = self._next * self._spread(0.5, 1.5)
        self._next = min(2 * self._next, self._longest)
        return delay

    def wait(self, stopping: threading.Event) -> bool:
        """Wait for the next delay; True, at once, if ``stopping`` is set."""
        return stopping.wait(self.delay())
