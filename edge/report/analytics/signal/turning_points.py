"""Where a value that goes to and fro turns."""


class TurningPoints:
    """Notices a swing once the value came ``least`` away from where it was furthest; what is smaller is noise."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._way = 0
        self._low, self._high = float("inf"), float("-inf")
        self._left_low = self._left_high = 0.0
        self.since = 0.0
        """When the value set out on the swing before the one noticed last, s."""

    def update(self, value: float, now: float) -> int:
        """1 where the value turns out to rise after it fell or was still, -1 where to fall, else 0."""
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
