"""Files that survive a power cut: when a function here returns, what it did is on the disk."""

import os
from collections.abc import Mapping
from pathlib import Path


def state_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Find the folder for what outlives the service, which systemd names in ``environment``; None without one."""
    folder = environment.get("STATE_DIRECTORY")
    return Path(folder) if folder else None


def write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file, or make it, in one step: a power cut leaves the former content or all of the new one.

    A rename alone is not enough: without fsync of file and folder, ext4 may have an empty file after a power cut, or
    the former one. Only one process at a time may write to ``path``.

    Args:
        path: The file; its folder must be there.
        content: All of it.
        mode: Its permissions, whatever the umask is.

    Raises:
        OSError: It is not stored. The former content is still there, unless only the folder could not be synchronized.
    """
    unfinished = path.with_name(f".{path.name}")
    try:
        with open(unfinished, "wb", opener=_private) as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file that may be there.

    Raises:
        OSError: It is still there, or may be there again after a power cut.
    """
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder that may be there already, and those above it.

    Raises:
        OSError: It cannot be made.
    """
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        _sync_folder(path.parent)


def _private(path: str, flags: int) -> int:
    # A secret must not be readable for others even before its permissions are set.
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
