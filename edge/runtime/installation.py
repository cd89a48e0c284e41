"""How this machine got the program, and so by which command it is installed again."""

from pathlib import Path

_PACKAGE = "usr/lib/posenet-edge/source"
"""Where the Debian package has what it installs from."""
_INSTALLER = "opt/posenet-edge/current/source/scripts/install"
"""The installer that came with the version in force."""


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
