"""Turning points of a value that goes to and fro."""


class TurningPoints:
    """Finds a swing when the value has come ``least`` away from its furthest point; smaller changes are noise."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._way = 0
        self._low, self._high = float("inf"), float("-inf")
        self._left_low = self._left_high = 0.0
        self.since = 0.0
        """Time at which the value set out on the swing before the last one, s."""

    def update(self, value: float, now: float) -> int:
        """Return 1 if the value turns out to rise after it fell or was still, -1 if to fall, else 0."""
        self._low, self._high = min(self._low, value), max(self._high, value)
        if self._way <= 0 and value <= self._low + self._least / 2:
            self._left_low = now
        if self._way >= 0 and value >= self._high - self._least / 2:
            self._left_high = now
        if self._way >= 0 and value <= self._high - self._least:
            self._way, self.since, self._low, self._left_low = -1, self._left_low, value, now
            return -1
        if self._way <= 0 and value >= self._low + self._least:
            self._way, self.since, self._high, self._left_high = 1, self._left_high, value, now
            return 1
        return 0
