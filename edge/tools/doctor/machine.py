"""The machine that is looked at: its files, its programs and its clock, each of which a test may plant."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_NOT_FOUND, _TIMED_OUT = 127, 124


class Answer(NamedTuple):
    """How a program ended and what it said; 127: it is not installed, 124: it took too long, as in a shell."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def missing(self) -> bool:
        """Whether there is no such program."""
        return self.code == _NOT_FOUND


Runner = Callable[[Sequence[str]], Answer]


def run_command(words: Sequence[str], seconds: float = 30.0) -> Answer:
    """Runs a program to its end, without a terminal and in English."""
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
        return Answer(_NOT_FOUND, err=f"{words[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Answer(_TIMED_OUT, err=f"{words[0]}: no end within {seconds:.0f} s")
    return Answer(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class Machine:
    """root: where ``/proc``, ``/sys`` and ``/etc`` are looked for. now: s since 1970. admin: run by root."""

    root: Path = Path("/")
    run: Runner = run_command
    now: Callable[[], float] = time.time
    admin: bool = False

    def read(self, path: str) -> str | None:
        """A small file's text without its last newline, or None where it cannot be read."""
        try:
            return (self.root / path).read_text(errors="replace").rstrip("\n\0")
        except OSError:
            return None


def last_line(text: str) -> str:
    """What a program said in the end, for people; printable and not too long."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return printable(lines[-1].removeprefix("posenet-edge sense: "), 500) if lines else "it said nothing"


def printable(text: str, most: int = 60) -> str:
    """Somebody else's words, without control characters, cut at ``most``."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= most else text[: most - 3] + "..."
