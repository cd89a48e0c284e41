"""The samples of the last seconds."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class TimeWindow(Generic[_Value]):
    """Samples with their times, from the oldest to the newest.

    Attributes:
        samples: Each with its time, s.
    """

    def __init__(self, seconds: float, spanning: bool = False) -> None:
        """Make an empty window.

        Args:
            seconds: How old a sample may be.
            spanning: Keep also the newest sample that is at least so old, so that the window spans the whole time.
        """
        self._seconds = seconds
        self._spanning = spanning
        self.samples: deque[tuple[float, _Value]] = deque()

    def add(self, value: _Value, now: float) -> None:
        """Add a sample, and drop what is too old."""
        self.samples.append((now, value))
        self.drop_old(now)

    def drop_old(self, now: float) -> None:
        """Drop what is too old at ``now`` s."""
        samples, seconds = self.samples, self._seconds
        if self._spanning:
            while len(samples) > 1 and now - samples[1][0] >= seconds:
                samples.popleft()
        else:
            while samples and now - samples[0][0] > seconds:
                samples.popleft()

    def values(self) -> list[_Value]:
        """Return the samples without their times."""
        return [value for _, value in self.samples]

    @property
    def span(self) -> float:
        """The time from the oldest to the newest sample, s."""
        return self.samples[-1][0] - self.samples[0][0] if self.samples else 0.0

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[tuple[float, _Value]]:
        return iter(self.samples)
