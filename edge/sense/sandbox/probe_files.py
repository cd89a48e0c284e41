"""Files, devices and programs that must be out of reach, tried; what a try does make is taken away again."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

_SHUT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Nobody gets in; any other error (a full disk, say) came after somebody had been let in."""
_LITTLE = 256 * 1024
"""A file system of at most so many bytes is one that the unit made for this process alone."""


def is_any_writable(folders: Iterable[Path], files: Iterable[Path], spare_little: bool) -> bool:
    """Whether a new file can be made in one of the folders, or one of the files opened for writing.

    spare_little: a folder on a file system of at most 256 KiB may be written.
    """
    return any(_takes_a_file(folder, spare_little) for folder in folders) or any(
        _opens(path, os.O_WRONLY | os.O_NONBLOCK) for path in files
    )


def _takes_a_file(folder: Path, spare_little: bool) -> bool:
    path = folder / f".posenet-edge-{secrets.token_hex(6)}"
    if not _opens(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW):
        return False
    with contextlib.suppress(OSError):
        path.unlink()
    return not (spare_little and _is_little(folder))


def _is_little(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return 0 < found.f_blocks * found.f_frsize <= _LITTLE


def is_any_open(devices: Iterable[Path]) -> bool:
    """Whether one of the devices can be opened, to read or to write; a disk is only tried for reading."""
    for path in devices:
        if _opens_device(path, os.O_RDONLY):
            return True
        if not path.is_block_device() and _opens_device(path, os.O_WRONLY):
            return True
    return False


def _opens_device(path: Path, how: int) -> bool:
    try:
        handle = os.open(path, how | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        # Many nodes have nothing behind them, but a busy device has let us in.
        return error.errno == errno.EBUSY
    os.close(handle)
    return True


def _opens(path: Path, flags: int) -> bool:
    try:
        handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return error.errno not in _SHUT
    os.close(handle)
    return True


def runs(program: str) -> bool:
    """Whether a program can be started; it is waited for."""
    try:
        # Not fork: that would copy the page tables of a process with a camera's buffers, once a minute.
        child = os.posix_spawn(program, [program], {})
    except OSError:
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    return True
