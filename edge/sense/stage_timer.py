"""Count frames and time the stages of the loop between two status lines."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_STAGES = ("fit", "invoke", "decode", "latency")
_THERMAL_ZONE = Path("/sys/class/thermal/thermal_zone0/temp")


class Timing(NamedTuple):
    """Frames/s, and the median of each stage (0: none)."""

    frame_rate: float
    fit_ms: float
    invoke_ms: float
    decode_ms: float
    latency_ms: float


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

    def summary(self) -> Timing:
        """Summarize the time since the last summary, and start anew."""
        now = self._clock()
        seconds = max(now - self._since, 1e-3)
        self._since = now
        return Timing(
            frame_rate=round(len(self._times["latency"]) / seconds, 2),
            fit_ms=self._take_median("fit"),
            invoke_ms=self._take_median("invoke"),
            decode_ms=self._take_median("decode"),
            latency_ms=self._take_median("latency"),
        )

    def _take_median(self, stage: str) -> float:
        times, self._times[stage] = self._times[stage], []
        return round(statistics.median(times), 2) if times else 0.0


def temperature(file: Path = _THERMAL_ZONE) -> float | None:
    """Read the temperature of the processor, degrees Celsius; None where the kernel gives none."""
    try:
        return int(file.read_text()) / 1000
    except (OSError, ValueError):
        return None
