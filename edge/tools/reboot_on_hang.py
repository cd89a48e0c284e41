"""Reboot after a hang: systemd runs this when ``sense`` has ended, if ``camera.on_hang`` is ``reboot``.

A camera driver can block a process in the kernel so that not even SIGKILL ends it. The process keeps the camera open,
and every later process finds it busy, until the machine is rebooted.
"""

import logging
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from edge.errors import Unavailable
from edge.sense.sandbox.probe_process import read_status

log = logging.getLogger(__name__)

_SIGKILL_BIT = 1 << 8
"""SIGKILL in the masks of proc(5)."""
_MIN_UPTIME_S = 600.0
"""Least time from a start to a reboot: the owner needs it for maintenance if the camera hangs at once."""


def main(proc: Path = Path("/proc")) -> None:
    """Reboot if a process of this unit was killed and still exists; log the reason."""
    logging.basicConfig(format="posenet-edge: %(message)s", level=logging.INFO)
    stuck = sorted(unkillable(proc))
    if not stuck:
        return
    uptime = float((proc / "uptime").read_text().split()[0])
    minutes = max(0, math.ceil((_MIN_UPTIME_S - uptime) / 60))
    when = f"in {minutes} min ('shutdown -c' prevents it)" if minutes else "now"
    names = ", ".join(map(str, stuck))
    log.error("process %s was killed and does not end: the camera hangs; rebooting %s", names, when)
    reboot(minutes)


def unkillable(proc: Path = Path("/proc")) -> Iterator[int]:
    """Ids of processes of this process's unit that were sent SIGKILL and still exist."""
    own = _group(proc / "self")
    for folder in proc.iterdir():
        if folder.name.isdigit():
            try:
                if _group(folder) == own and _is_killed(read_status(folder)):
                    yield int(folder.name)
            except (OSError, StopIteration):
                continue


def reboot(minutes: int) -> None:
    """Ask systemd for a reboot.

    Raises:
        Unavailable: It was refused.
    """
    # The unit's own /run is empty: the socket of systemd is in the mount namespace of process 1.
    command = ["nsenter", "--target=1", "--mount", "shutdown", "-r", f"+{minutes}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Unavailable(f"shutdown -r: {result.stderr.strip() or result.returncode}")


def _group(folder: Path) -> str:
    """Control group of a process in the hierarchy of systemd."""
    return next(line for line in (folder / "cgroup").read_text().splitlines() if line.startswith("0::"))


def _is_killed(status: dict[str, str]) -> bool:
    """Tell whether SIGKILL is pending; a zombie has ended and only waits for its parent."""
    pending = int(status.get("SigPnd", "0"), 16) | int(status.get("ShdPnd", "0"), 16)
    return bool(pending & _SIGKILL_BIT) and not status.get("State", "").startswith(("Z", "X"))


if __name__ == "__main__":
    try:
        main()
    except Unavailable as error:
        sys.exit(f"posenet-edge: {error}")
