"""Probe for open descriptors through which something could leave the sandbox."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Collection

from edge.sense.sandbox import probe_sockets
from edge.sense.sandbox.device_nodes import is_allowed

_NOT_FILES = ("/memfd:", "/dmabuf:", "/dev/zero (deleted)", "anon_inode:")
"""Names of memory and kernel objects, which look like files."""
_CONFIRM_AFTER_S = 0.01
"""Time after which a forbidden descriptor is looked for again: another thread may have closed it between the look at
its name and the look at its kind, and its number may have been given to another file."""


def has_forbidden(ignored: Collection[int] = ()) -> bool:
    """Tell whether a network socket, a writable file, a device that is not allowed or an inherited folder is open.

    UNIX sockets, pipes and terminals are allowed.

    Args:
        ignored: Descriptors that are not looked at.

    Returns:
        True if one was found twice.
    """
    found = _find_forbidden(ignored)
    if found:
        time.sleep(_CONFIRM_AFTER_S)
        found &= _find_forbidden(ignored)
    return bool(found)


def _find_forbidden(ignored: Collection[int]) -> set[tuple[int, str]]:
    """Number and name of each forbidden descriptor."""
    # The list is complete before a descriptor is looked at: while it is made, the listed folder itself is open.
    descriptors = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208
    found = set()
    for descriptor in descriptors:
        try:
            name = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
            if descriptor not in ignored and _is_forbidden(descriptor, name):
                found.add((descriptor, name))
        except OSError as error:
            # The descriptor of the listing, or one that another thread has closed.
            if error.errno not in (errno.EBADF, errno.ENOENT):
                raise
    return found


def _is_forbidden(descriptor: int, name: str) -> bool:
    status = os.fstat(descriptor)
    mode = status.st_mode
    if stat.S_ISSOCK(mode):
        return probe_sockets.is_forbidden(descriptor)
    if name.startswith(_NOT_FILES) or not name.startswith("/"):
        return False
    if stat.S_ISREG(mode):
        return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return not is_allowed(descriptor, name, status)
    # Through an inherited folder files can be reached that cannot be reached by name. Folders that libraries open have
    # the close-on-exec flag, which an inherited descriptor cannot have.
    return stat.S_ISDIR(mode) and not fcntl.fcntl(descriptor, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
