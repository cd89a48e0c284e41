"""Median of the last three values."""

from collections import deque


class MedianOfThree:
    """Removes single-frame outliers."""

    def __init__(self) -> None:
        self._raw: deque[float] = deque(maxlen=3)

    def update(self, value: float | None) -> float | None:
        """Take in a value and return the median of the last three; None for None."""
        if value is None:
            return None
        self._raw.append(value)
        return sorted(self._raw)[len(self._raw) // 2]
