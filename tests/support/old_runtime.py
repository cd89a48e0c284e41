"""An environment with the runtime's predecessor and numpy 1, as a 32-bit Raspberry Pi OS Bookworm has them.

``python -m tests.support.old_runtime`` makes it, of what is locked for there. The predecessor has wheels up to
CPython 3.11; under a newer Python there is no such environment, and the tests that need it are skipped.
"""

import subprocess
import sys
from pathlib import Path

from tests.support.locked import Target, locked

FOLDER = Path(__file__).parent.parent.parent / ".venv-tflite"
PYTHON = FOLDER / "bin" / "python"
WHY_NOT = "tflite-runtime has no wheel for this Python (scripts/test: up to 3.11)"


def make() -> None:
    """Makes it anew where what is asked for has changed."""
    # The lock has the hashes of all files of a version, so also of those for this machine.
    wanted = locked(Target("3.11", 36, "armv7l"), "base", "video")
    stamp = FOLDER / ".installed"
    if sys.version_info >= (3, 12) or (stamp.exists() and stamp.read_text().splitlines() == wanted):
        return
    print("test: installing tflite-runtime beside it, into .venv-tflite", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
    requirements = FOLDER / "requirements.txt"
    requirements.write_text("\n".join(wanted))
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q", "--only-binary=:all:"]
    subprocess.run([*pip, "--require-hashes", "-r", requirements], check=True)
    requirements.rename(stamp)


if __name__ == "__main__":
    make()
