"""Doors of the kernel that must be shut, tried with arguments with which nothing can happen behind an open one.

A filter answers before the kernel looks at arguments: EPERM says shut, EFAULT or EINVAL says that somebody could walk
in who knew better arguments.
"""

import errno
from typing import Any, NamedTuple

from edge.sense.sandbox.kernel_calls import call
from edge.sense.sandbox.syscall_rules import TYPE_INTO_TERMINAL

SHUT = frozenset({errno.EPERM, errno.ENOSYS})
_NONSENSE = 0x7FFFFFFF
_NEW_USER, _SAME_FOLDER, _SAME_HANDLERS, _THREAD = 0x10000000, 0x200, 0x800, 0x10000
"""CLONE_NEWUSER with CLONE_FS, and CLONE_SIGHAND without CLONE_VM: clone refuses both pairs with EINVAL."""


class SyscallProbe(NamedTuple):
    """breach: the word for it when it is open."""

    breach: str
    name: str
    arguments: tuple[Any, ...]


PROBES = (
    SyscallProbe("network", "io_uring_setup", (0, None)),
    SyscallProbe("seccomp", "ptrace", (_NONSENSE, 0, 0, 0)),
    SyscallProbe("seccomp", "process_vm_readv", (_NONSENSE, None, 0, None, 0, 1)),
    SyscallProbe("seccomp", "bpf", (_NONSENSE, None, 0)),
    SyscallProbe("seccomp", "userfaultfd", (_NONSENSE,)),
    SyscallProbe("seccomp", "perf_event_open", (None, 0, 0, -1, 0)),
    SyscallProbe("seccomp", "keyctl", (_NONSENSE, 0, 0, 0, 0)),
    SyscallProbe("namespace", "unshare", (_NEW_USER | 1,)),
    SyscallProbe("namespace", "setns", (-1, 0)),
    SyscallProbe("namespace", "clone", (_NEW_USER | _SAME_FOLDER | _THREAD, 0, 0, 0, 0)),
    SyscallProbe("namespace", "clone3", (None, 0)),
    SyscallProbe("namespace", "mount", (None, None, None, 0, None)),
    SyscallProbe("device", "ioctl", (-1, TYPE_INTO_TERMINAL, None)),
    SyscallProbe("writable", "mq_open", (None, 0, 0, None)),
    SyscallProbe("writable", "shmget", (0, 0, 0)),
    SyscallProbe("writable", "truncate", (None, 0)),
    SyscallProbe("writable", "fchmod", (-1, 0)),
    SyscallProbe("writable", "fsetxattr", (-1, None, None, 0, 0)),
)
RUNNING_PROBES = (
    SyscallProbe("exec", "execve", (b"", None, None)),
    SyscallProbe("exec", "clone", (_SAME_HANDLERS, 0, 0, 0, 0)),
)
"""Shut from the second stage on."""


def allowed_syscalls(running: bool) -> set[str]:
    """The breaches that open doors stand for."""
    return {door.breach for door in PROBES + (RUNNING_PROBES if running else ()) if _is_open(door)}


def _is_open(door: SyscallProbe) -> bool:
    try:
        call(door.name, *door.arguments)
    except OSError as error:
        return error.errno not in SHUT
    return True
