"""Count frames and time the stages of the loop between two status lines."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_STAGES = ("fit", "invoke", "decode", "latency")
_THERMAL_ZONE = Path("/sys/class/thermal/thermal_zone0/temp")


class StageTimer:
    """Collects the times of each stage since the last ``summary``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[str, list[float]] = {stage: [] for stage in _STAGES}
        self._since = clock()
        self.frames = 0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time the body of the ``with`` statement."""
        begun = self._clock()
        yield
        self._times[stage].append((self._clock() - begun) * 1000)

    def finish(self, captured_at: float) -> None:
        """Count a frame that is done; ``captured_at``: when it was taken, s on the same clock."""
        self.frames += 1
        self._times["latency"].append(max(0.0, self._clock() - captured_at) * 1000)

    def summary(self) -> dict[str, float]:
        """Summarize the time since the last summary, and start anew.

        Returns:
            ``frame_rate`` in frames/s, and the median of each stage: ``fit_ms``, ``invoke_ms`` ...; 0: none.
        """
        now, times = self._clock(), self._times
        seconds = max(now - self._since, 1e-3)
        self._since, self._times = now, {stage: [] for stage in _STAGES}
        medians = {f"{stage}_ms": round(statistics.median(times[stage] or [0.0]), 2) for stage in _STAGES}
        return {"frame_rate": round(len(times["latency"]) / seconds, 2), **medians}


def temperature(file: Path = _THERMAL_ZONE) -> float | None:
    """Read the temperature of the processor, degrees Celsius; None where the kernel gives none."""
    try:
        return int(file.read_text()) / 1000
    except (OSError, ValueError):
        return None
