"""Commands that the installer runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

from edge.errors import Unavailable

Run = Callable[[list[str], dict[str, str]], str]
"""Run a command with further environment variables, and give what it printed; ``Unavailable`` if it fails."""

Talk = Callable[[list[str]], int]
"""Run a command that asks at the terminal, and give its exit status."""


class Failed(Unavailable):
    """A command ended with another status than 0."""

    def __init__(self, words: list[str], output: str, errors: str) -> None:
        lines = [line.strip() for line in errors.splitlines() if line.strip()]
        worst = [line for line in lines if line.startswith("ERROR")] or lines or ["it said nothing"]
        super().__init__(f"{' '.join(words[:4])}: {worst[-1]}")
        self.output = output


def run(words: list[str], environment: dict[str, str]) -> str:
    """Run a command of this machine.

    Returns:
        Its standard output.

    Raises:
        Failed: It failed.
        Unavailable: There is no such command.
    """
    try:
        done = subprocess.run(words, env=_around() | environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unavailable(f"{words[0]}: {error.strerror}") from error
    if done.returncode:
        raise Failed(words, done.stdout, done.stderr)
    return done.stdout


def talk(words: list[str]) -> int:
    """Run a command of this machine that asks at the terminal of standard input.

    Returns:
        Its exit status.
    """
    # Ctrl-C reaches both, and is the command's: it leaves the terminal as it was. To ignore it would be inherited.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        # Standard output may be a file here; the terminal is both ways.
        return subprocess.run(words, env=_around(), stdout=sys.stdin.fileno(), check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _around() -> dict[str, str]:
    # PYTHONPATH led to this package; whatever is run has its own.
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
