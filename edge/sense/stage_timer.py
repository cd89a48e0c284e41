"""Count frames and time the stages of the loop between two status lines."""

import statistics
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

from edge.wire import STAGE_MS, STAGES, Percentiles

_MEDIANS = ("fit", "invoke", "decode", "latency")
_LAST_RUNS = 1000
"""Runs of each stage of which percentiles are told: a minute of 15 frames/s."""


class StageTimer:
    """Collects the times of each stage since the last ``summary``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[str, list[float]] = {stage: [] for stage in STAGES}
        self._last = {stage: deque[float](maxlen=_LAST_RUNS) for stage in STAGES}
        self._since = clock()
        self.frames = 0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time the body of the ``with`` statement."""
        begun = self._clock()
        yield
        self._add(stage, self._clock() - begun)

    def finish(self, captured_at: float) -> None:
        """Count a frame that is done; ``captured_at``: when it was taken, s on the same clock."""
        self.frames += 1
        self._add("latency", max(0.0, self._clock() - captured_at))

    def _add(self, stage: str, seconds: float) -> None:
        self._times[stage].append(seconds * 1000)
        self._last[stage].append(seconds * 1000)

    def summary(self) -> dict[str, Any]:
        """Summarize the time since the last summary, and start anew.

        Returns:
            ``frame_rate`` in frames/s, medians ``fit_ms``, ``invoke_ms`` ... (0: none), and ``stages``, which go
            further back: to the last thousand runs of each.
        """
        now, times = self._clock(), self._times
        seconds = max(now - self._since, 1e-3)
        self._since, self._times = now, {stage: [] for stage in STAGES}
        medians = {f"{stage}_ms": round(statistics.median(times[stage] or [0.0]), 2) for stage in _MEDIANS}
        stages = tuple(_percentiles(self._last[stage]) for stage in STAGES)
        return {"frame_rate": round(len(times["latency"]) / seconds, 2), **medians, "stages": stages}


def _percentiles(times: Collection[float]) -> Percentiles:
    """Find the percentiles of some times by nearest rank, within the bounds of ``STAGE_MS``; ms."""
    ordered, (least, most) = sorted(times), STAGE_MS
    ranks = (ceil(len(ordered) * percent / 100) - 1 for percent in (50, 95, 99))
    return (
        Percentiles(*(round(min(max(ordered[rank], least), most), 2) for rank in ranks)) if ordered else Percentiles()
    )
