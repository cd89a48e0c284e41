"""Ids of persons: small numbers, not given to a second person within a day."""

from edge.wire import MAX_ID

_DAY_S = 86400.0


class Ids:
    """Counts from 1, and from 1 again only after a day without a person."""

    def __init__(self, last: int = 0) -> None:
        """Go on after the id ``last``."""
        self._last = last
        self._in_use_at = 0.0

    def in_use(self, now: float) -> None:
        """Note that a person has an id ``now`` (s)."""
        self._in_use_at = now

    def give(self, now: float) -> int:
        """Give the next id, 1 to ``edge.wire.MAX_ID``; ``now`` in s."""
        if now - self._in_use_at >= _DAY_S:
            self._last = 0
        self._last = self._last % MAX_ID + 1
        return self._last
