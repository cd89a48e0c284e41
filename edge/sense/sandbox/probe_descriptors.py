"""What is open in this process, inherited or opened: no way out may be among it."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Collection

from edge.sense.sandbox import probe_sockets
from edge.sense.sandbox.device_nodes import is_innocent

_NOWHERE = ("/memfd:", "/dmabuf:", "/dev/zero (deleted)", "anon_inode:")
"""Memory and the kernel's own things, which look like files and are none."""


_AGAIN = 0.01
"""Seconds after which a suspicious descriptor is looked at again: another thread may have closed it just now, and its
number belong to something else by then."""


def has_way_out(spared: Collection[int] = ()) -> bool:
    """Whether a descriptor is a network socket, a file to write to, a device that is no camera, or a folder inherited.

    UNIX sockets, pipes and terminals are what one talks through, and are left out, as are those in ``spared``.
    """
    suspicious = _suspicious(spared)
    if suspicious:
        time.sleep(_AGAIN)
        suspicious &= _suspicious(spared)
    return bool(suspicious)


def _suspicious(spared: Collection[int]) -> set[tuple[int, str]]:
    """Number and name of each descriptor that leads out."""
    # Listed to the end before anything is looked at: the listing itself is an open folder for as long as it lasts.
    descriptors = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208
    found = set()
    for descriptor in descriptors:
        try:
            name = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
            if descriptor not in spared and _leads_out(descriptor, name):
                found.add((descriptor, name))
        except OSError as error:
            # The listing's own, or one that another thread has just closed.
            if error.errno not in (errno.EBADF, errno.ENOENT):
                raise
    return found


def _leads_out(descriptor: int, name: str) -> bool:
    about = os.fstat(descriptor)
    mode = about.st_mode
    if stat.S_ISSOCK(mode):
        return probe_sockets.is_foreign(descriptor)
    if name.startswith(_NOWHERE) or not name.startswith("/"):
        return False
    if stat.S_ISREG(mode):
        return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return not is_innocent(descriptor, name, about)
    # From a folder that somebody left open to this process, files can be reached that it couldn't reach by name. What
    # libraries open while they look around is marked to be closed, and what was inherited can't be.
    return stat.S_ISDIR(mode) and not fcntl.fcntl(descriptor, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
