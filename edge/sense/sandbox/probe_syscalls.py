"""Probe whether system calls are filtered, with invalid arguments, so that an unfiltered call has no effect.

The filter decides before the kernel looks at the arguments: EPERM or ENOSYS means denied; EFAULT or EINVAL means that
the same call would pass with valid arguments.
"""

import errno
from typing import Any, NamedTuple

from edge.sense.sandbox.kernel_calls import call
from edge.sense.sandbox.syscall_rules import TYPE_INTO_TERMINAL

DENIED = frozenset({errno.EPERM, errno.ENOSYS})
_INVALID = 0x7FFFFFFF
_NEW_USER, _SAME_FOLDER, _SAME_HANDLERS, _THREAD = 0x10000000, 0x200, 0x800, 0x10000
"""CLONE_NEWUSER with CLONE_FS, and CLONE_SIGHAND without CLONE_VM: clone refuses both pairs with EINVAL."""


class SyscallProbe(NamedTuple):
    """A system call with invalid arguments, and the breach that it stands for if it is allowed."""

    breach: str
    name: str
    arguments: tuple[Any, ...]


PROBES = (
    SyscallProbe("network", "io_uring_setup", (0, None)),
    SyscallProbe("seccomp", "ptrace", (_INVALID, 0, 0, 0)),
    SyscallProbe("seccomp", "process_vm_readv", (_INVALID, None, 0, None, 0, 1)),
    SyscallProbe("seccomp", "bpf", (_INVALID, None, 0)),
    SyscallProbe("seccomp", "userfaultfd", (_INVALID,)),
    SyscallProbe("seccomp", "perf_event_open", (None, 0, 0, -1, 0)),
    SyscallProbe("seccomp", "keyctl", (_INVALID, 0, 0, 0, 0)),
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
"""Denied from the second stage on."""


def allowed_syscalls(running: bool) -> set[str]:
    """Breaches of the system calls that are allowed; ``running``: the second stage was applied."""
    return {probe.breach for probe in PROBES + (RUNNING_PROBES if running else ()) if _is_allowed(probe)}


def _is_allowed(probe: SyscallProbe) -> bool:
    try:
        call(probe.name, *probe.arguments)
    except OSError as error:
        return error.errno not in DENIED
    return True
