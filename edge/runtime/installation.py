"""How this machine got the program: by which command it is installed again, and which version is on the disk."""

import contextlib
import re
from pathlib import Path
from typing import Any

_PACKAGE = "usr/lib/posenet-edge/source"
"""Where the Debian package has what it installs from."""
_INSTALLER = "opt/posenet-edge/current/source/scripts/install"
"""The installer that came with the version in force."""
_RUNNING = Path(__file__).parents[1] / "__init__.py"
"""Installed, this is below the link to the version in force, and so a file of whichever version that is."""
_VERSION = re.compile(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?(?:\.post(\d+))?(?:\.dev(\d+))?")


def install_command(root: Path = Path("/")) -> str:
    """Name the command that installs the program again, or for the first time.

    Args:
        root: Of the file system.

    Returns:
        For a machine with the Debian package, for one that was installed from a checkout, or for a checkout alone.
    """
    if (root / _PACKAGE).exists():
        return "sudo dpkg-reconfigure posenet-edge"
    return f"sudo /{_INSTALLER} --upgrade" if (root / _INSTALLER).exists() else "sudo scripts/install"


def version_on_disk(root: Path = Path("/"), installed: Path = _RUNNING) -> str | None:
    """Find the version that is installed, or that of a Debian package that is newer, as its installer was refused.

    Args:
        root: Of the file system.
        installed: The file of the installed package that names its version; it may have been replaced since the start.

    Returns:
        The version; None if no file names one.
    """
    found = [version_in(file) for file in (installed, root / _PACKAGE / "edge/__init__.py")]
    return max(filter(None, found), key=version_order, default=None)


def version_in(file: Path) -> str:
    """Read the version that ``edge/__init__.py`` names; empty where it cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        if found := re.search(r'^__version__ = "([^"\n]{1,64})"', file.read_text(), re.MULTILINE):
            return found[1]
    return ""


def version_order(version: str) -> tuple[Any, ...]:
    """Tell by what a version comes before or after others: 0.2.0.dev1, 0.2.0a1, 0.2.0rc1, 0.2.0, 0.2.0.post1, 0.3.

    Source: PEP 440, in the normal form in which versions of this project are written.

    Returns:
        What compares as the versions do.
    """
    found = _VERSION.match(version)
    numbers, phase, phase_number, post, dev = found.groups("") if found else ("0", "", "", "", "")
    release = [int(number) for number in numbers.split(".")]
    while release and not release[-1]:
        release.pop()
    # A development version of a release comes before its first alpha; one of an alpha just before that.
    before = (phase, int(phase_number)) if phase else ("", 0) if dev and not post else ("z", 0)
    return release, before, int(post or -1), float(dev or "inf")
