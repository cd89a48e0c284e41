"""Percentiles of the times that the last runs of each stage of a loop took."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from math import ceil

from edge.wire import Percentiles

LAST_RUNS = 1000
"""Runs of each stage of which percentiles are told: a minute of 15 frames/s."""


class StageTimes:
    """Keeps the times of the last runs of each stage."""

    def __init__(self, stages: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = {stage: deque[float](maxlen=LAST_RUNS) for stage in stages}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time the body of the ``with`` statement."""
        begun = self._clock()
        yield
        self.add(stage, (self._clock() - begun) * 1000)

    def add(self, stage: str, milliseconds: float) -> None:
        """Take in a time that was measured elsewhere."""
        self._last[stage].append(milliseconds)

    def percentiles(self, bounds: tuple[float, float]) -> tuple[Percentiles, ...]:
        """Compute the percentiles of each stage, in their order, by nearest rank; ms within the bounds, 0 of no run."""
        return tuple(_percentiles(times, *bounds) for times in self._last.values())


def _percentiles(times: Collection[float], least: float, most: float) -> Percentiles:
    ordered = sorted(times)
    ranks = (ceil(len(ordered) * percent / 100) - 1 for percent in (50, 95, 99))
    return (
        Percentiles(*(round(min(max(ordered[rank], least), most), 2) for rank in ranks)) if ordered else Percentiles()
    )
