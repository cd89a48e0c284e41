"""A whole sensor, as ``posenet-edge run`` starts it, and how long it takes to be back."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.data_files import PHOTOS
from tests.support.commands import COMMAND
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

SERVICES = ("sense", "report")
_DEVICE = "hall"
CLIENT_ID = f"posenet-edge-{_DEVICE}"
"""Of the sensor, as the broker knows it."""
TOPIC = f"posenet/{_DEVICE}"


class Sensor:
    """A sensor that sees one person at five frames/s, between ``with`` and its end.

    Args:
        host: Of the broker.
        port: The same.
        *settings: ``section.key=value``.
        inside: A command that starts the sensor elsewhere.
        source: What it sees.
        state: Folder in which ``report`` stores what outlives it.
        variables: Further ones of its environment.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *settings: str,
        inside: Sequence[str] = (),
        source: str = f"stills:{PHOTOS / 'astronaut.jpg'}",
        state: Path | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        said = {
            "device.id": _DEVICE,
            "mqtt.host": host,
            "mqtt.port": port,
            "camera.frame_rate": 5,
            "command.enabled": "true",
        }
        assignments = [f"--set={key}={value}" for key, value in said.items()]
        self._command = [
            *inside,
            *COMMAND,
            "run",
            f"--source={source}",
            *assignments,
            *(f"--set={each}" for each in settings),
        ]
        self._environment = {**os.environ, **(variables or {}), **({"STATE_DIRECTORY": str(state)} if state else {})}

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile("w")
        self._process = subprocess.Popen(self._command, stderr=self._errors, env=self._environment)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._errors:
            self._process.terminate()
            self._process.wait(20)

    def log(self) -> str:
        """What it has logged so far."""
        # Opened anew: to seek in it would move the place where the sensor writes.
        return Path(f"/proc/self/fd/{self._errors.fileno()}").read_text()

    def pid(self, service: str) -> int | None:
        """Process id of one of ``SERVICES``; None while it does not run."""
        pending = [self._process.pid]
        while pending:
            pid = pending.pop()
            try:
                if f"\0edge\0{service}\0" in Path(f"/proc/{pid}/cmdline").read_text():
                    return pid
                pending += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            except OSError:  # it has just ended
                continue
        return None

    def signal(self, service: str, number: int) -> None:
        """Send a signal to a service, once it runs."""
        found: list[int] = []

        def runs() -> bool:
            found[:] = [pid] if (pid := self.pid(service)) else []
            return bool(found)

        wait_until(runs, what=service)
        os.kill(found[0], number)

    @contextmanager
    def stopped(self, service: str) -> Iterator[None]:
        """Stop a service until the end of the ``with``, as a machine that has no time for it does."""
        self.signal(service, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(service, signal.SIGCONT)


def times(listener: Subscriber) -> list[float]:
    """Time of each frame whose poses were heard, s since 1970."""
    return [float(json.loads(payload)["time"]) for payload in listener.on("poses")]


def last_time(listener: Subscriber) -> float:
    """Time of the last frame whose poses were heard, s since 1970; 0 before the first."""
    # It is asked again and again: from the end, as there may be an hour of messages.
    newest = next((each for each in reversed(listener.messages) if each.topic.endswith("/poses")), None)
    return float(json.loads(newest.payload)["time"]) if newest else 0.0


def await_news(listener: Subscriber, since: float) -> float:
    """Wait for poses of a frame that is younger than ``since``; return the seconds that it took from then on."""
    wait_until(lambda: last_time(listener) > since, 90, "new poses")
    return time.time() - since
