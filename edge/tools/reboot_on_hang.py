"""Reboot after a hang: systemd runs this when ``sense`` has ended, where ``camera.on_hang`` says ``reboot``.

A camera's driver can leave a process that not even SIGKILL ends: it waits in the kernel, the camera stays in its
hands, and every later process finds it busy. Nothing but a reboot helps.
"""

import logging
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from edge.errors import Unavailable

log = logging.getLogger(__name__)

_KILL = 1 << 8
"""SIGKILL in the masks of proc(5)."""
_UP_AT_LEAST = 600.0
"""Seconds between a start and a reboot: a camera that hangs at once must not take the device from its owner."""


def main(proc: Path = Path("/proc")) -> None:
    """Reboots where a process of this unit was killed and lives on; says why in the journal."""
    logging.basicConfig(format="posenet-edge: %(message)s", level=logging.INFO)
    stuck = sorted(unkillable(proc))
    if not stuck:
        return
    uptime = float((proc / "uptime").read_text().split()[0])
    minutes = max(0, math.ceil((_UP_AT_LEAST - uptime) / 60))
    when = f"in {minutes} min ('shutdown -c' prevents it)" if minutes else "now"
    names = ", ".join(map(str, stuck))
    log.error("process %s was killed and does not end: the camera hangs; rebooting %s", names, when)
    reboot(minutes)


def unkillable(proc: Path = Path("/proc")) -> Iterator[int]:
    """Ids of the processes of this process's own unit that have been sent SIGKILL and are still there."""
    own = _group(proc / "self")
    for folder in proc.iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "status").read_text()
                if _group(folder) == own and _is_killed(status):
                    yield int(folder.name)
            except (OSError, StopIteration):
                continue


def reboot(minutes: int) -> None:
    """Asks systemd for it; raises Unavailable where that is refused."""
    # The unit's own /run is empty: systemd is reached from where its first process is.
    command = ["nsenter", "--target=1", "--mount", "shutdown", "-r", f"+{minutes}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Unavailable(f"shutdown -r: {result.stderr.strip() or result.returncode}")


def _group(folder: Path) -> str:
    """The unit's control group, in the hierarchy that systemd uses."""
    return next(line for line in (folder / "cgroup").read_text().splitlines() if line.startswith("0::"))


def _is_killed(status: str) -> bool:
    """Whether SIGKILL waits to be noticed; a zombie has ended, and only its parent has not looked yet."""
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    pending = int(fields.get("SigPnd", "0"), 16) | int(fields.get("ShdPnd", "0"), 16)
    return bool(pending & _KILL) and not fields.get("State", "").startswith(("Z", "X"))


if __name__ == "__main__":
    try:
        main()
    except Unavailable as error:
        sys.exit(f"posenet-edge: {error}")
