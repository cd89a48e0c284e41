"""Count frames and time the stages of the loop between two status lines."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from edge.runtime.stage_times import StageTimes
from edge.wire import STAGE_MS, STAGES

_MEDIANS = ("fit", "invoke", "decode", "latency")


class StageTimer:
    """Collects the times of each stage since the last ``summary``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[str, list[float]] = {stage: [] for stage in STAGES}
        self._last = StageTimes(STAGES)
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
        self._last.add(stage, seconds * 1000)

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
        stages = self._last.percentiles(STAGE_MS)
        return {"frame_rate": round(len(times["latency"]) / seconds, 2), **medians, "stages": stages}
