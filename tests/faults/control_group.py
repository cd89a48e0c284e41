"""A control group of one controller, to bound what some processes have of the memory or of a disk."""

import errno
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_ROOT = Path("/sys/fs/cgroup")
_FILES = {
    # controller: (in a hierarchy of its own, in the unified one)
    "memory": ("memory", "memory"),
    "disk": ("blkio", "io"),
}
_NO_BOUND = "-1", "max"


class ControlGroup:
    """Between ``with`` and its end; bounds hold only for what its processes take after they have entered it.

    Entering raises OSError where none can be had: it needs root, and a container may not be let to make one.
    """

    def __init__(self, controller: str) -> None:
        """controller: ``memory`` or ``disk``."""
        own, unified = _FILES[controller]
        self._is_unified = not (_ROOT / own).is_dir()
        self._folder = (_ROOT if self._is_unified else _ROOT / own) / f"posenet-faults-{controller}-{os.getpid()}"
        self._unified = unified

    def __enter__(self) -> Self:
        if self._is_unified:
            (_ROOT / "cgroup.subtree_control").write_text(f"+{self._unified}")
        self._folder.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The last process has ended; its group may notice that a moment later.
        for _ in range(500):
            try:
                self._folder.rmdir()
            except OSError as busy:
                if busy.errno != errno.EBUSY:
                    raise
                time.sleep(0.01)
            else:
                return
        raise AssertionError(f"processes are left in {self._folder}")

    @property
    def command(self) -> list[str]:
        """Words before a command that make it run in the group."""
        return ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', str(self._folder)]

    def add(self, pid: int) -> None:
        """Move a process into the group."""
        (self._folder / "cgroup.procs").write_text(str(pid))

    @property
    def memory(self) -> int:
        """Memory in use, bytes, with the pages of files that were read."""
        return int(self._read("memory.current", "memory.usage_in_bytes"))

    def bound_memory(self, most: int | None) -> None:
        """Let the group have at most so many bytes; None: as many as there are."""
        bound = _NO_BOUND[self._is_unified] if most is None else str(most)
        self._write("memory.max", "memory.limit_in_bytes", bound)

    @property
    def was_full(self) -> bool:
        """True if some process wanted more than the bound."""
        return int(self._events["max"] if self._is_unified else self._read("", "memory.failcnt")) > 0

    @property
    def killed(self) -> int:
        """Processes that the kernel has ended as there was no memory left."""
        return int(self._events["oom_kill"])

    def bound_writes(self, device: int, most: int | None) -> None:
        """Let the group write to a device at most so many bytes a second.

        Args:
            device: As ``os.stat`` has it.
            most: Bytes a second, 1 at least; None: as fast as it can.
        """
        name = f"{os.major(device)}:{os.minor(device)}"
        if self._is_unified:
            (self._folder / "io.max").write_text(f"{name} wbps={most or 'max'}")
        else:
            (self._folder / "blkio.throttle.write_bps_device").write_text(f"{name} {most or 0}")

    @property
    def _events(self) -> dict[str, str]:
        lines = self._read("memory.events", "memory.oom_control").splitlines()
        return dict(line.split() for line in lines)

    def _read(self, unified: str, own: str) -> str:
        return (self._folder / (unified if self._is_unified else own)).read_text()

    def _write(self, unified: str, own: str, text: str) -> None:
        (self._folder / (unified if self._is_unified else own)).write_text(text)
