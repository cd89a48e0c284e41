"""Installs a filter of system calls for all threads of this process; it can only ever be added to."""

import ctypes
import platform
from collections.abc import Iterable
from pathlib import Path

from edge.sense.sandbox.bpf import Deny, assemble, pack
from edge.sense.sandbox.kernel_calls import call, prctl
from edge.sense.sandbox.syscall_numbers import this_architecture

_SET_MODE_FILTER, _ALL_THREADS = 1, 1
"""SECCOMP_SET_MODE_FILTER; SECCOMP_FILTER_FLAG_TSYNC."""
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install(rules: Iterable[Deny]) -> tuple[str, ...]:
    """Forbids what ``rules`` say, now and for ever; returns what could not be had, one sentence each.

    Needs no_new_privs (or CAP_SYS_ADMIN). Source: seccomp(2).
    """
    architecture = this_architecture()
    if architecture is None:
        return (f"no system call filter: none is known for a {platform.machine()} of this kind",)
    content = pack(assemble(architecture, rules))
    program = _Program(len(content) // 8, content)
    try:
        if call("seccomp", _SET_MODE_FILTER, _ALL_THREADS, program) == 0:
            return ()
        # A thread has a filter of its own, which the kernel won't replace: it named the thread and did nothing.
    except OSError:
        pass  # an older kernel, or a filter around us that forbids filters made this way
    try:
        prctl(_PR_SET_SECCOMP, _MODE_FILTER, program)
    except OSError as error:
        return (f"no system call filter: {error.strerror}",)
    others = count_threads() - 1
    return (f"{others} other threads without the system call filter",) if others else ()


def count_threads() -> int:
    """Threads of this process, this one included."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())
