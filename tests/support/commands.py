"""Runs the command as a user would: a process of its own, its output read as text."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-P", "-m", "edge"]


def command(*arguments: str, stdin: str = "", **options: object) -> subprocess.CompletedProcess[str]:
    """What ``posenet-edge ARGUMENTS`` prints and how it ends."""
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, text=True, timeout=300, check=False, **options
    )  # type: ignore[call-overload]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
