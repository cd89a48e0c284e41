"""May it be installed here? Told before anything is done."""

import platform
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from edge.errors import Unavailable
from edge.runtime.installation import version_in, version_order
from edge.tools.install.commands import Run

_OLDEST_SYSTEMD = 252
_ROOM = 1_000_000_000
"""Bytes for one more version while it is made."""


def check_machine(root: Path, run: Run, machine: Callable[[], str] = platform.machine) -> None:
    """Check processor, Python, systemd and disk.

    Args:
        root: Of the file system.
        run: Runs commands.
        machine: Names the processor.

    Raises:
        Unavailable: It cannot be installed.
    """
    kind = machine()
    if kind == "armv6l":
        raise Unavailable(
            "found an armv6 board (Pi 1, Zero); no TensorFlow Lite runtime has wheels for it. Needs a Pi 2 or newer"
        )
    if kind not in ("x86_64", "aarch64", "armv7l", "armv8l"):
        raise Unavailable(f"found {kind}; expected x86_64, aarch64 or armv7")
    if _said(run, ["dpkg", "--print-architecture"]).strip() == "armhf" and sys.version_info >= (3, 12):
        raise Unavailable(
            f"found a 32-bit system with Python {platform.python_version()}; TensorFlow Lite has wheels for 32 bits up "
            "to Python 3.11. Needs a 64-bit system, or Bookworm"
        )
    if not (root / "run/systemd/system").is_dir():
        raise Unavailable(
            "systemd does not run this machine. Without it: scripts/setup, then .venv/bin/posenet-edge run"
        )
    found = re.match(r"systemd (\d+)", _said(run, ["systemctl", "--version"]))
    if not found or int(found[1]) < _OLDEST_SYSTEMD:
        raise Unavailable(
            f"found {found[0] if found else 'no systemd'}; expected {_OLDEST_SYSTEMD} or newer, as in Debian 12"
        )
    disk = root / "opt" if (root / "opt").exists() else root
    free = shutil.disk_usage(disk).free
    if free < _ROOM:
        raise Unavailable(f"{disk}: {free // 10**6} MB free; expected {_ROOM // 10**6} MB for one more version")


def check_upgrade(installed: str, new: str) -> None:
    """Refuse a version older than the installed one, which may not read what that has stored.

    Raises:
        Unavailable: It is older.
    """
    if installed and version_order(new) < version_order(installed):
        raise Unavailable(
            f"found {installed} installed, and this is {new}: going back is not supported, and {installed} goes on. To "
            "have the older one nevertheless: scripts/uninstall, which keeps the configuration, then this again"
        )


def installed_version(folder: Path) -> str:
    """Return the version of what is installed in a folder; empty if there is none."""
    for file in folder.glob("venv/lib/python*/site-packages/edge/__init__.py"):
        if version := version_in(file):
            return version
    return ""


def _said(run: Run, words: list[str]) -> str:
    try:
        return run(words, {})
    except Unavailable:
        return ""
