"""Whether processes grow: memory and descriptors of a sensor's services over time, and the line through them."""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.faults.sensor import SERVICES, Sensor

_EVERY_S = 0.5
_DESCRIPTORS_SETTLED_AFTER_S = 15.0
"""After a process starts: the model, the camera and the first connection are no growth."""
_MEMORY_SETTLED_AFTER_S = 300.0
"""The same: until then the windows over which times and values are kept fill."""
_SURE = 3.0
"""Standard errors by which a slope must be above nothing to be one."""


@dataclass(frozen=True)
class Slope:
    """Growth per second with its standard error; over ``seconds`` of measurement in all."""

    value: float
    error: float
    seconds: float

    @property
    def grown(self) -> float:
        """What it has surely grown by, over all the time: 0 if it may be flat."""
        return max(self.value - _SURE * self.error, 0.0) * self.seconds


def slope(pieces: Iterable[Sequence[tuple[float, float]]]) -> Slope:
    """Fit lines of one slope, each with a height of its own, by least squares.

    Args:
        pieces: Times in s and values, of one process each; those of fewer than three points count for nothing.
    """
    spread = product = seconds = 0.0
    centred: list[tuple[float, float]] = []
    lines = 0
    for piece in pieces:
        if len(piece) < 3:  # a line through two points says nothing of its error
            continue
        middle = [sum(axis) / len(piece) for axis in zip(*piece, strict=True)]
        centred += [(at - middle[0], value - middle[1]) for at, value in piece]
        seconds += piece[-1][0] - piece[0][0]
        lines += 1
    for at, value in centred:
        spread += at * at
        product += at * value
    if not spread:
        return Slope(0.0, math.inf, 0.0)
    value = product / spread
    rest = sum((each - value * at) ** 2 for at, each in centred)
    return Slope(value, math.sqrt(rest / (len(centred) - lines - 1) / spread), seconds)


class Footprints:
    """Measures both services again and again, between ``with`` and its end, whichever processes they are."""

    def __init__(self, sensor: Sensor) -> None:
        self._sensor = sensor
        self._measured: dict[tuple[str, int], list[tuple[float, float, float]]] = defaultdict(list)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY_S):
            for service in SERVICES:
                if pid := self._sensor.pid(service):
                    try:
                        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
                    except OSError:  # it has just ended
                        continue
                    if not pages:  # it ends just now
                        continue
                    self._measured[service, pid].append((time.monotonic(), pages / 256, descriptors))

    def slopes(self, service: str) -> tuple[Slope, Slope]:
        """Of resident memory in MB/s, and of the number of descriptors per s."""
        lives = [samples for (name, _), samples in self._measured.items() if name == service]
        memory, descriptors = (
            slope([(sample[0], sample[what]) for sample in life if sample[0] - life[0][0] > settled] for life in lives)
            for what, settled in ((1, _MEMORY_SETTLED_AFTER_S), (2, _DESCRIPTORS_SETTLED_AFTER_S))
        )
        return memory, descriptors
