"""The device rules that systemd gave this process, and whether a new process would be given better ones.

systemd makes the rule for ``DeviceAllow=char-video4linux`` from /proc/devices when it starts a service. Where the
driver is loaded later there is no such rule, and the kernel answers EPERM to that process for ever.
"""

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

_KINDS = ("video4linux", "media")
"""Kinds of character device that cameras are behind, named as in /proc/devices and ``DeviceAllow=char-``."""
_NODES = ("video*", "media*", "v4l-subdev*")
LOOK_EVERY = 5.0
"""Seconds between two looks, each of which opens those nodes."""
PATIENCE = 300.0
"""Seconds until a new process is tried although the kinds of its devices were there when this one began: they may have
come between systemd's look and its own, or the unit's list is wrong, which no number of processes mends."""


def read_kinds(proc: Path = Path("/proc")) -> dict[str, int] | None:
    """Kinds of camera that the kernel has now, each with its major number; None where the kernel does not say."""
    try:
        characters = (proc / "devices").read_text().partition("Block devices:")[0]
    except OSError:
        return None
    numbered = (line.split() for line in characters.splitlines() if line[:3].strip().isdecimal())
    return {name: int(number) for number, name in numbered if name in _KINDS}


def find_barred(
    dev: Path = Path("/dev"), proc: Path = Path("/proc"), opening: Callable[[Path, int], int] = os.open
) -> list[Path]:
    """Nodes of cameras that a device rule keeps from this process: EPERM; where the user may not, it is EACCES."""
    numbers = set((read_kinds(proc) or {}).values())
    barred = []
    for path in sorted(path for pattern in _NODES for path in dev.glob(pattern)):
        try:
            about = path.stat()
            # Nothing else is opened: opening a watchdog, say, has consequences.
            if stat.S_ISCHR(about.st_mode) and os.major(about.st_rdev) in numbers:
                os.close(opening(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError as error:
            if error.errno == errno.EPERM:
                barred.append(path)
    return barred


class DeviceRules:
    """To be made as early as can be: kinds of camera that come later are those for which there is no rule."""

    def __init__(
        self,
        kinds: Callable[[], dict[str, int] | None] = read_kinds,
        find: Callable[[], list[Path]] = find_barred,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """kinds, find, clock: for tests."""
        self._kinds, self._find, self._clock = kinds, find, clock
        self._known = kinds()
        self._began = clock()
        self._looked_at = self._began - LOOK_EVERY
        self.barred: tuple[str, ...] = ()
        """Nodes of cameras that could not be opened for want of a rule, at the last look."""

    def why_outdated(self) -> str:
        """Why a new process might open what this one cannot; empty where there is no reason to try.

        At once where a kind of camera came after this process: once for each kind, as a new process finds it there.
        Else after ``PATIENCE``, so that a wrong list in the unit costs a new process every five minutes and no more.
        """
        now = self._clock()
        if now - self._looked_at < LOOK_EVERY:
            return ""
        self._looked_at = now
        self.barred = tuple(map(str, self._find()))
        if not self.barred:
            return ""
        nodes = ", ".join(self.barred)
        if self._known is not None and (self._kinds() or {}).keys() - self._known.keys():
            return f"the driver of {nodes} was loaded after this process was given its device rules, which bar it"
        if now - self._began >= PATIENCE:
            return f"the device rules of this process bar {nodes}; check DeviceAllow= of its unit"
        return ""
