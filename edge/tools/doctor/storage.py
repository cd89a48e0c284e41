"""Checks of the free disk space, and of what wears out an SD card."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from edge.tools.checks.finding import Finding, bad, good, unknown, warning
from edge.tools.checks.machine import Machine, read_swaps

_LITTLE, _NONE = 500e6, 50e6
"""Bytes free, below which an upgrade fails, and below which everything does."""
CLEAR = "sudo apt clean; sudo journalctl --vacuum-size=50M; then look with: sudo du -xh --max-depth=2 / | sort -h"


def free_bytes(path: Path) -> float:
    """Measure the bytes that users other than root may still write there."""
    return shutil.disk_usage(path).free


def check_disk(machine: Machine, place: str, free: Callable[[Path], float] = free_bytes) -> Finding:
    """Check the free space on ``place``. free: measures it."""
    name = f"disk {place}"
    there = {mount.point: mount for mount in machine.mounts()}
    if place in there and "ro" in there[place].options:
        return good(name, "mounted read-only")
    try:
        left = free(machine.root / place.lstrip("/"))
    except OSError as error:
        return unknown(name, f"cannot be looked at: {error.strerror}")
    text = f"{left / 1e9:.1f} GB free" if left >= 1e9 else f"{left / 1e6:.0f} MB free"
    if left < _NONE:
        return bad(name, text, CLEAR)
    if left < _LITTLE:
        return warning(name, text, CLEAR)
    return good(name, text)


def check_wear(machine: Machine) -> Finding:
    """Give hints for a longer life of an SD card; none of them is a fault."""
    name = "SD card"
    root = next((mount for mount in reversed(machine.mounts()) if mount.point == "/"), None)
    if root is None or not root.device.startswith(("/dev/mmcblk", "/dev/root")):
        return good(name, "the system is not on one")
    if "ro" in root.options:
        return good(name, "mounted read-only")
    hints = []
    if "noatime" not in root.options:
        hints.append("mount / with noatime (/etc/fstab)")
    if any(not name.startswith(("/dev/sd", "/dev/nvme")) for name in read_swaps(machine.read("proc/swaps") or "")):
        hints.append("no swap on it: sudo systemctl disable --now dphys-swapfile, or zram in its place")
    if _journal_is_kept(machine):
        hints.append("keep the journal in memory: Storage=volatile in /etc/systemd/journald.conf.d/sensor.conf")
    if hints:
        return good(name, "it is written to more than it need be", "; ".join(hints))
    return good(name, "spared: noatime, no swap, journal in memory")


def _journal_is_kept(machine: Machine) -> bool:
    """Tell whether journald writes to /var/log: it was told to, or it was told nothing and the folder exists."""
    answer = machine.run(["systemd-analyze", "cat-config", "systemd/journald.conf"])
    set_to = re.findall(r"^Storage=(\S+)", answer.out, flags=re.MULTILINE)
    last = set_to[-1] if set_to else "auto"
    return last == "persistent" or (last == "auto" and (machine.root / "var/log/journal").is_dir())
