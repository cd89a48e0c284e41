"""A control group for each machine, so that no two containers ever share their services' groups and packet filters."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FREEZER = Path("/sys/fs/cgroup/freezer")
_PREFIX = "posenet-rehearsal-"


class Group:
    """Made in the hierarchies that systemd uses, below this process's own group; ``remove`` it when all has ended."""

    _made = 0

    def __init__(self) -> None:
        Group._made += 1
        # In a process name space of one's own every process has a low number: that space's tells two rehearsals apart.
        rehearsal = f"{_PREFIX}{os.stat('/proc/self/ns/pid').st_ino}-"
        homes = list(_homes())
        for home in homes:
            _sweep(home, spare=rehearsal)
        self._folders = [home / f"{rehearsal}{os.getpid()}-{Group._made}" for home in homes]
        for folder in self._folders:
            folder.mkdir()

    def enter(self) -> None:
        """Move the calling process into it."""
        for folder in self._folders:
            (folder / "cgroup.procs").write_text("0")

    def remove(self) -> None:
        """Take it away; it must be empty."""
        for folder in self._folders:
            _remove(folder)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process as a driver that hangs leaves it, until the end of the ``with``: stopped in the kernel.

    The older freezer does that: what it has frozen does not even notice SIGKILL, unlike a stopped process.
    """
    _sweep(_FREEZER)
    folder = _FREEZER / f"{_PREFIX}{pid}"
    folder.mkdir()
    try:
        (folder / "tasks").write_text(str(pid))
        for task in Path(f"/proc/{pid}/task").iterdir():
            (folder / "tasks").write_text(task.name)
        (folder / "freezer.state").write_text("FROZEN")
        yield
    finally:
        (folder / "freezer.state").write_text("THAWED")
        # What was killed meanwhile ends now, and what was not goes on elsewhere.
        while tasks := (folder / "tasks").read_text().split():
            with suppress(OSError):
                (_FREEZER / "tasks").write_text(tasks[0])
            time.sleep(0.01)
        _remove(folder)


def _homes() -> Iterator[Path]:
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, own = line.split(":", 2)
        for _, mounted, kind, options, *_ in mounts:
            named = kind == "cgroup" and controllers == "name=systemd" and controllers in options.split(",")
            if named or (kind == "cgroup2" and not controllers):
                yield Path(mounted) / own.strip("/")


def _sweep(home: Path, spare: str = "none") -> None:
    """Remove what a killed rehearsal left; a group in use refuses. Another worker may be about to use a spared one."""
    for old in home.glob(f"{_PREFIX}*"):
        if not old.name.startswith(spare):
            _remove(old)


def _remove(folder: Path) -> None:
    for inner, _, _ in os.walk(folder, topdown=False):
        try:
            Path(inner).rmdir()
        except OSError:
            return
