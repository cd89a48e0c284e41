"""The machine that audit and doctor look at: its files, its units, its programs and its clock.

A test may replace each of these.
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from edge.runtime.status_text import parse_waiting
from edge.tools.proc import Mount, Process, read_mounts

_NOT_FOUND, _TIMED_OUT = 127, 124


class Result(NamedTuple):
    """Exit status and output of a program. As in a shell, 127: it is not installed, 124: it took too long."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def missing(self) -> bool:
        """True if there is no such program."""
        return self.code == _NOT_FOUND


Runner = Callable[[Sequence[str]], Result]


def run_command(words: Sequence[str], seconds: float = 30.0) -> Result:
    """Run a program to its end, without a terminal and in English."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "LIBCAMERA_LOG_LEVELS": "*:WARN"}
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env=environment,
            cwd="/",
            check=False,
        )
    except (FileNotFoundError, PermissionError) as error:
        return Result(_NOT_FOUND, err=f"{words[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Result(_TIMED_OUT, err=f"{words[0]}: no end within {seconds:.0f} s")
    return Result(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Unit:
    """One unit of systemd."""

    name: str
    properties: Mapping[str, str]
    """Properties, as ``read_properties`` gives them."""

    def __getitem__(self, key: str) -> str:
        return self.properties.get(key, "")

    @property
    def installed(self) -> bool:
        """True if systemd has the unit's file."""
        return self["LoadState"] not in ("", "not-found")

    @property
    def up(self) -> bool:
        """True if it was started and has not ended."""
        return self["ActiveState"] in ("active", "reloading")

    @property
    def waits_for(self) -> str:
        """Error that it waits for somebody to mend; empty if it does not wait."""
        return parse_waiting(self["StatusText"]) if self.up else ""

    @property
    def running(self) -> bool:
        """True if it is up and works."""
        return self.up and not self.waits_for

    @property
    def resting(self) -> bool:
        """True if it is down and systemd will not start it by itself."""
        return self["ActiveState"] in ("inactive", "failed")

    @property
    def program(self) -> str:
        """Path of its program; empty if it is not known."""
        found = re.search(r"path=(\S+)", self["ExecStart"])
        return found[1] if found else ""


@dataclass(frozen=True)
class Machine:
    """Access to a machine: its files, its programs and its clock."""

    root: Path = Path("/")
    """Holds ``proc``, ``sys``, ``dev`` and ``etc``."""
    run: Runner = run_command
    now: Callable[[], float] = time.time
    """In seconds since 1970."""
    admin: bool = False
    """Doctor is run by root."""

    @property
    def proc(self) -> Path:
        """The folder of the kernel's files about processes."""
        return self.root / "proc"

    def read(self, path: str) -> str | None:
        """Read a small file without its last newline; None if it cannot be read."""
        try:
            return (self.root / path).read_text(errors="replace").rstrip("\n\0")
        except OSError:
            return None

    def process(self, pid: int) -> Process:
        """Get a process by its number."""
        return Process(pid, self.proc / str(pid))

    def mounts(self) -> list[Mount]:
        """Read the mounts in order; of two at one place the last counts."""
        return read_mounts(self.read("proc/mounts") or "")


def read_swaps(text: str) -> list[str]:
    """Read in ``/proc/swaps`` which files and devices memory may be swapped to, without compressed memory."""
    names = (line.split()[0] for line in text.splitlines()[1:] if line.strip())
    return [name for name in names if not name.startswith("/dev/zram")]


def read_properties(text: str) -> dict[str, str]:
    """Read what ``systemctl show`` prints of one unit; of a property that is printed several times, all lines."""
    found: dict[str, str] = {}
    for key, equals, value in (line.partition("=") for line in text.splitlines()):
        if equals:
            found[key] = f"{found[key]}\n{value}" if key in found else value
    return found


def last_line(text: str) -> str:
    """Find the last line that a program printed, made printable and cut at 500 characters."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return "it printed nothing"
    line = "".join(c if c.isprintable() else "?" for c in lines[-1].removeprefix("posenet-edge sense: "))
    return line if len(line) <= 500 else line[:497] + "..."
