"""Small numbers for persons."""

from edge.wire import MAX_ID

_DAY = 86400.0


class Ids:
    """Counts from 1, and from 1 again only when for a day nobody had a number."""

    def __init__(self) -> None:
        self._last = 0
        self._in_use_at = 0.0

    def in_use(self, now: float) -> None:
        """Somebody has one ``now`` (s)."""
        self._in_use_at = now

    def give(self, now: float) -> int:
        """The next one, 1 to ``edge.wire.MAX_ID``."""
        if now - self._in_use_at >= _DAY:
            self._last = 0
        self._last = self._last % MAX_ID + 1
        return self._last
