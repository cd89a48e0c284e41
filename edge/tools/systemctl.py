"""Run systemctl."""

import subprocess

from edge.errors import Unavailable


def run_systemctl(*words: str) -> subprocess.CompletedProcess[str]:
    """Run systemctl to its end.

    Args:
        *words: Its arguments.

    Returns:
        Its exit status and what it printed.

    Raises:
        Unavailable: It is not installed.
    """
    try:
        return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Unavailable("no systemctl here; expected a machine that systemd runs") from error
