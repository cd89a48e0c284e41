"""What a process may do beyond its user: given up, never to come back.

Source: capabilities(7), prctl(2), Documentation/userspace-api/no_new_privs.rst.
"""

import contextlib
import ctypes
import os
import resource
from collections.abc import Iterable
from pathlib import Path

from edge.sense.sandbox.kernel_calls import call, prctl

_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 4, 24, 38, 47
_AMBIENT_CLEAR = 4
_VERSION_3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1 << 1, 1 << 2


class _Header(ctypes.Structure):
    """``struct __user_cap_header_struct``."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_Sets = ctypes.c_uint32 * 6
"""effective, permitted and inheritable, the lower 32 capabilities, then the upper."""


def give_up(reads: Iterable[Path]) -> tuple[str, ...]:
    """No new privileges, no capabilities, no core dumps; returns what could not be had, one sentence each.

    reads: what must stay readable. Root in somebody else's home needs a capability to read there; where that is so,
    this one alone is kept. Capabilities belong to threads: call it while there is only one.
    """
    missing: list[str] = []
    try:
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except OSError as error:
        missing.append(f"no_new_privs: {error.strerror}")
    try:
        missing += _drop_capabilities(list(reads))
    except OSError as error:
        missing.append(f"capabilities are kept: {error.strerror}")
    # Not the limit but this decides where the kernel pipes core dumps into a program.
    with contextlib.suppress(OSError):
        prctl(_PR_SET_DUMPABLE, 0)
    # A unit may forbid setting limits, after it has set this one itself.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return tuple(missing)


def _drop_capabilities(reads: list[Path]) -> list[str]:
    for capability in range(64):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break  # past the last one, or not allowed: without privileges the bounding set bounds nothing
    with contextlib.suppress(OSError):
        prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR)
    header, sets = _Header(_VERSION_3, 0), _Sets()
    call("capget", header, sets)
    if not any(sets):
        return []
    permitted = sets[1]
    call("capset", header, _Sets(0, permitted, 0, 0, sets[4], 0))
    reading = permitted & _DAC_READ_SEARCH or permitted & _DAC_OVERRIDE
    closed = next((path for path in reads if not _readable(path)), None) if reading else None
    kept = 0 if closed is None else reading
    call("capset", header, _Sets(kept, kept, 0, 0, 0, 0))
    if kept:
        return [f"one capability is kept, to read {closed}; run as the user whose it is"]
    return []


def _readable(path: Path) -> bool:
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        else:
            os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))
    except PermissionError:
        return False
    except OSError:
        pass  # missing, or no plain file: not a matter of privileges
    return True
