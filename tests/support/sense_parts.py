"""Stand-ins for what surrounds the loop of sense: the seal that it checks, and the socket to report."""

from typing import Any

from edge import wire
from edge.sense.sandbox.confine import Confinement
from edge.sense.sandbox.seal_monitor import SealMonitor

OPEN = Confinement(0, (), (), None)


class FakeSandbox:
    """Results of the next tests of the sandbox, and the arguments of those that were made."""

    def __init__(self, *found: tuple[str, ...]) -> None:
        self._found = list(found)
        self.asked: list[dict[str, Any]] = []
        self.confined = 0
        self.now = 0.0

    def check(self, **asked: Any) -> tuple[str, ...]:
        self.asked.append(asked)
        return self._found.pop(0) if len(self._found) > 1 else self._found[0]

    def confine(self) -> tuple[str, ...]:
        self.confined += 1
        return ()

    def monitor(self) -> SealMonitor:
        return SealMonitor(OPEN, installed=True, check=self.check, confine=self.confine, clock=lambda: self.now)


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
