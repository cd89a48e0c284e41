"""Stand-ins for what surrounds the loop of sense: the seal that it checks, and the socket to report."""

from typing import Any

from edge import wire
from edge.sense.sandbox.confine import Confinement
from edge.sense.sandbox.seal_monitor import SealMonitor

OPEN = Confinement(0, (), (), None)


class Cell:
    """What the tests of the cell will find, and what was asked of them."""

    def __init__(self, *found: tuple[str, ...]) -> None:
        self._found = list(found)
        self.asked: list[dict[str, Any]] = []
        self.shut = 0
        self.now = 0.0

    def check(self, **asked: Any) -> tuple[str, ...]:
        self.asked.append(asked)
        return self._found.pop(0) if len(self._found) > 1 else self._found[0]

    def close(self) -> tuple[str, ...]:
        self.shut += 1
        return ()

    def guard(self) -> SealMonitor:
        return SealMonitor(OPEN, installed=True, check=self.check, shut=self.close, clock=lambda: self.now)


class Outlet:
    """Remembers what left."""

    dropped = 0

    def __init__(self) -> None:
        self.lines: list[wire.Line] = []

    def send(self, line: bytes) -> bool:
        self.lines.append(wire.decode(line))
        return True

    def listen(self) -> str:
        return "resume"

    def close(self) -> None:
        return
