"""The machine that doctor checks: its files, its programs and its clock, each of which a test may replace."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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


@dataclass(frozen=True, slots=True)
class Machine:
    """Where to look, and how to ask."""

    root: Path = Path("/")
    """Holds ``proc``, ``sys`` and ``etc``."""
    run: Runner = run_command
    now: Callable[[], float] = time.time
    """In seconds since 1970."""
    admin: bool = False
    """Doctor is run by root."""

    def read(self, path: str) -> str | None:
        """Read a small file without its last newline; None if it cannot be read."""
        try:
            return (self.root / path).read_text(errors="replace").rstrip("\n\0")
        except OSError:
            return None


def last_line(text: str) -> str:
    """Find the last line that a program printed, made printable and cut at 500 characters."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return printable(lines[-1].removeprefix("posenet-edge sense: "), 500) if lines else "it printed nothing"


def printable(text: str, most: int = 60) -> str:
    """Replace control characters in a foreign text, and cut it at ``most`` characters."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= most else text[: most - 3] + "..."
