"""Probe whether files can be written, devices opened or programs started; files that a probe makes are removed."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Errors of a denied access; any other error, as of a full disk, comes after access was given."""
_MAX_SMALL_BYTES = 256 * 1024
"""Greatest size of a file system that the unit may have made for this process alone."""


def is_any_writable(folders: Iterable[Path], files: Iterable[Path], allow_small: bool) -> bool:
    """Probe folders by making a new file, and files by opening them for writing.

    Args:
        folders: In which no file can be made.
        files: Of which none can be written.
        allow_small: Allow writing to a folder on a file system of at most 256 KiB.

    Returns:
        True if something can be written.
    """
    return any(_can_create(folder, allow_small) for folder in folders) or any(
        _try_to_open(path, os.O_WRONLY) not in _DENIED for path in files
    )


def _can_create(folder: Path, allow_small: bool) -> bool:
    path = folder / f".posenet-edge-{secrets.token_hex(6)}"
    if _try_to_open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW) in _DENIED:
        return False
    with contextlib.suppress(OSError):
        path.unlink()
    return not (allow_small and _is_small(folder))


def _is_small(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return 0 < found.f_blocks * found.f_frsize <= _MAX_SMALL_BYTES


def is_any_device_accessible(devices: Iterable[Path]) -> bool:
    """Tell whether one of the devices can be opened for reading or writing; disks are only tried for reading."""
    # Many nodes have no device; a busy device was accessible.
    accessible = (0, errno.EBUSY)
    return any(
        _try_to_open(path, os.O_RDONLY) in accessible
        or (not path.is_block_device() and _try_to_open(path, os.O_WRONLY) in accessible)
        for path in devices
    )


def _try_to_open(path: Path, flags: int) -> int:
    """Open and close a file; return the number of the error, 0 if there was none."""
    try:
        os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def can_execute(program: str) -> bool:
    """Tell whether a program can be started; wait for its end."""
    try:
        # Not fork, which would copy the page tables of a process with a camera's buffers every minute.
        child = os.posix_spawn(program, [program], {})
    except OSError:
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    return True
