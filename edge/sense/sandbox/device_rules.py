"""Detect device rules of systemd that are out of date, so that a restart of the service would help.

systemd makes the rule for ``DeviceAllow=char-video4linux`` from /proc/devices when it starts a service. If the driver
is loaded later there is no such rule, and opening the node fails with EPERM for as long as the process lives.
"""

import errno
import math
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.sense.sandbox.device_nodes import camera_nodes, read_majors

_KINDS = ("video4linux", "media")
"""Kinds of character device that cameras have, named as in /proc/devices and ``DeviceAllow=char-``."""
LOOK_INTERVAL_S = 5.0
"""Time between two attempts to open the nodes."""
RETRY_AFTER_S = 300.0
"""Time after which a new process is tried even if the kinds of device existed when this one began. They may have
appeared between systemd's look at /proc/devices and this process's own; or the unit is wrong, and no restart helps."""


def read_kinds(proc: Path = Path("/proc")) -> dict[str, int] | None:
    """Kinds of camera device and their major numbers, as the kernel lists them now; None if it cannot be read."""
    try:
        return {name: number for name, number in read_majors(proc).items() if name in _KINDS}
    except OSError:
        return None


def find_barred(
    dev: Path = Path("/dev"), proc: Path = Path("/proc"), opening: Callable[[Path, int], int] = os.open
) -> list[Path]:
    """Nodes of cameras that a device rule forbids to this process (EPERM; file permissions would give EACCES)."""
    numbers = set((read_kinds(proc) or {}).values())
    barred = []
    for path in sorted(camera_nodes(dev)):
        try:
            status = path.stat()
            # Only cameras are opened: opening a watchdog, for example, has consequences.
            if stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) in numbers:
                os.close(opening(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError as error:
            if error.errno == errno.EPERM:
                barred.append(path)
    return barred


@dataclass
class DeviceRules:
    """Device rules of this process.

    Make it as early as possible: kinds of camera that appear after it are taken for those without a rule.

    Attributes:
        kinds: Lists the kinds of camera device that exist.
        find: Lists the nodes that the rules forbid.
        clock: Monotonic, s.
    """

    kinds: Callable[[], dict[str, int] | None] = read_kinds
    find: Callable[[], list[Path]] = find_barred
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._known = self.kinds()
        self._began = self.clock()
        self._looked_at = -math.inf
        self.barred: tuple[str, ...] = ()
        """Nodes of cameras that the rules forbade at the last look."""

    def why_outdated(self) -> str:
        """Reason why a new process might open a camera that this one cannot.

        There is one as soon as a kind of camera appears that did not exist when this process began; otherwise after
        ``RETRY_AFTER_S``, so that a wrong unit costs one restart in that time and no more.

        Returns:
            A sentence, empty if there is no reason.
        """
        now = self.clock()
        if now - self._looked_at < LOOK_INTERVAL_S:
            return ""
        self._looked_at = now
        self.barred = tuple(map(str, self.find()))
        if not self.barred:
            return ""
        nodes = ", ".join(self.barred)
        if self._known is not None and (self.kinds() or {}).keys() - self._known.keys():
            return f"the driver of {nodes} was loaded after this process was given its device rules, which forbid it"
        if now - self._began >= RETRY_AFTER_S:
            return f"the device rules of this process forbid {nodes}; check DeviceAllow= of its unit"
        return ""
