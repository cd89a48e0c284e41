"""Start-up time, memory and processor time of ``sense`` and ``report`` as processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from edge.data_files import PHOTOS
from edge.errors import Unavailable
from edge.runtime.process import die_with_parent

_SETTLED_FRAMES = 30
"""Number of frames after which the memory of ``sense`` does not grow any more."""
_READY_WITHIN_S = 10.0
_NO_BROKER = 9
"""The port "discard", which is closed nearly everywhere: a measurement must not reach a broker in use."""


class Start(NamedTuple):
    """One start of the sensing process."""

    seconds: float
    """From the start of the process to its first frame line."""
    rss_mb: float
    """Resident memory after 30 frames, MB."""


def first_pose(model: str) -> Start:
    """Run ``sense`` on a sample photo.

    Returns:
        Its start.

    Raises:
        Unavailable: It ended too early.
    """
    begun = time.monotonic()
    source = [f"--source=stills:{PHOTOS / 'astronaut.jpg'}", f"--set=model.file={model}", "--set=camera.frame_rate=60"]
    process = _start("sense", "--stdout", *source)
    assert process.stdout
    try:
        seconds = 0.0
        frames = 0
        for line in process.stdout:
            if b'"kind":"frame"' in line:
                seconds = seconds or time.monotonic() - begun
                frames += 1
            if frames >= _SETTLED_FRAMES:
                return Start(seconds, rss_mb(process.pid))
        raise Unavailable(f"sense ended with exit status {process.wait()} before it had seen {_SETTLED_FRAMES} frames")
    finally:
        _end(process)


class RunningReport(NamedTuple):
    """``report`` as a process that listens on ``socket``."""

    pid: int
    socket: Path


@contextmanager
def running_report(folder: Path, port: int = _NO_BROKER, *arguments: str) -> Iterator[RunningReport]:
    """Run ``report`` with a socket in ``folder``; ``port`` is that of a broker on this machine.

    Yields:
        The process, once it listens.

    Raises:
        Unavailable: It did not start.
    """
    socket = folder / "wall.sock"
    broker = ("--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={port}")
    process = _start("report", f"--socket={socket}", *broker, *arguments)
    deadline = time.monotonic() + _READY_WITHIN_S
    try:
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable("report did not open its socket")
            time.sleep(0.01)
        yield RunningReport(process.pid, socket)
    finally:
        _end(process)


def rss_mb(pid: int) -> float:
    """Resident memory of a process in MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used, s."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _start(verb: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "edge", verb, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
        # A device's own configuration may want a seal, a camera or a broker.
        env={**os.environ, "POSENET_EDGE_CONFIG": os.devnull},
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(2)
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()
