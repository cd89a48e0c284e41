"""System calls that the sensing process is denied in each stage; the table of numbers has those denied altogether.

The flags come from linux/sched.h, asm-generic/fcntl.h, asm-generic/ioctls.h and linux/netlink.h and are the same on all
three processors.
"""

import errno

from edge.sense.sandbox.seccomp import Deny, Where
from edge.sense.sandbox.syscall_numbers import DENIED

_UNIX, _NETLINK, _UEVENTS = 1, 16, 15
"""AF_UNIX, AF_NETLINK, NETLINK_KOBJECT_UEVENT (device events, by which libcamera finds cameras)."""
NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_THREAD = 0x00010000
"""CLONE_THREAD."""
TYPE_INTO_TERMINAL, _CONSOLE = 0x5412, 0x541C
"""TIOCSTI and TIOCLINUX type into the terminal; the shell there would run it as a command."""
_CREATE = 0o100 | 0o1000 | 0o20000000
"""O_CREAT, O_TRUNC, and the bit that O_TMPFILE has beside O_DIRECTORY."""


def _all(reason: str) -> tuple[Deny, ...]:
    return tuple(Deny(name) for name in DENIED[reason])


FIRST = (
    Deny("socket", errno.EAFNOSUPPORT, (Where(0, "is_not", _UNIX), Where(0, "is_not", _NETLINK))),
    Deny("socket", errno.EPROTONOSUPPORT, (Where(0, "is", _NETLINK), Where(2, "is_not", _UEVENTS))),
    Deny("socketpair", errno.EAFNOSUPPORT, (Where(0, "is_not", _UNIX),)),
    # io_uring can open sockets and files without a system call that the filter sees; sense never listens, it connects.
    *_all("network"),
    *_all("processes"),
    *_all("kernel"),
    *_all("namespaces"),
    Deny("clone", where=(Where(0, "has", NEW_NAMESPACES),)),
    # Its flags are behind a pointer, which a filter cannot read. On ENOSYS the C library uses clone instead.
    Deny("clone3", errno.ENOSYS),
    *(Deny("ioctl", where=(Where(1, "is", request),)) for request in (TYPE_INTO_TERMINAL, _CONSOLE)),
    # Shared memory and queues of System V and POSIX, through which data could be left for other processes; private
    # memory (memfd_create) is allowed.
    *_all("memory"),
    # Landlock does not restrict writing to a file's metadata: an extended attribute holds up to 64 KiB.
    *_all("metadata"),
)
"""Denied from the start of the process."""

FILES = (
    Deny("open", where=(Where(1, "has", _CREATE),)),
    Deny("openat", where=(Where(2, "has", _CREATE),)),
    Deny("openat2", errno.ENOSYS),
    *_all("files"),
)
"""Denied as well on a kernel without Landlock (Raspberry Pi OS): making, renaming and removing files. Existing files
stay writable by their permissions; the unit makes the file system read-only for that."""

SECOND = (*_all("programs"), Deny("clone", where=(Where(0, "lacks", _THREAD),)))
"""Denied from the first picture on: starting programs and processes; threads are allowed."""
