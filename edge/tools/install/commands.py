"""Commands that the installer runs."""

import os
import subprocess
from collections.abc import Callable

from edge.errors import Unavailable

Run = Callable[[list[str], dict[str, str]], str]
"""Run a command with further environment variables, and give what it printed; ``Unavailable`` if it fails."""


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
    # PYTHONPATH led to this package; whatever is run has its own.
    around = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(words, env=around | environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unavailable(f"{words[0]}: {error.strerror}") from error
    if done.returncode:
        raise Failed(words, done.stdout, done.stderr)
    return done.stdout
