"""Drop privileges, capabilities and core dumps of this process for good.

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
"""``struct __user_cap_data_struct[2]``: three sets of the lower 32 capabilities, then those of the upper 32."""
_PERMITTED_LOWER, _PERMITTED_UPPER = 1, 4
"""Indices in ``_Sets``; 0 and 3 are the effective sets, 2 and 5 the inheritable ones."""


def drop(reads: Iterable[Path]) -> tuple[str, ...]:
    """Set no_new_privs, drop all capabilities and forbid core dumps.

    Capabilities belong to threads: call it while there is only one.

    Args:
        reads: Files and folders that must stay readable. If root needs a capability to read them, as in the home of
            another user, that one is kept.

    Returns:
        One message per step that failed.
    """
    failures: list[str] = []
    try:
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except OSError as error:
        failures.append(f"no_new_privs: {error.strerror}")
    try:
        failures += _drop_capabilities(list(reads))
    except OSError as error:
        failures.append(f"capabilities are kept: {error.strerror}")
    # RLIMIT_CORE is ignored when core_pattern is a pipe; PR_SET_DUMPABLE is not.
    with contextlib.suppress(OSError):
        prctl(_PR_SET_DUMPABLE, 0)
    # A unit may forbid changing limits; it then sets RLIMIT_CORE itself.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return tuple(failures)


def _drop_capabilities(reads: list[Path]) -> list[str]:
    for capability in range(64):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break  # past the last one, or not permitted: without privileges the bounding set has no effect
    with contextlib.suppress(OSError):
        prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR)
    header, sets = _Header(_VERSION_3, 0), _Sets()
    call("capget", header, sets)
    if not any(sets):
        return []
    permitted = sets[_PERMITTED_LOWER]
    # Without effective capabilities, but still permitted to take one back: are the files readable?
    call("capset", header, _Sets(0, permitted, 0, 0, sets[_PERMITTED_UPPER], 0))
    reading = permitted & _DAC_READ_SEARCH or permitted & _DAC_OVERRIDE
    unreadable = next((path for path in reads if not _readable(path)), None) if reading else None
    kept = 0 if unreadable is None else reading
    call("capset", header, _Sets(kept, kept, 0, 0, 0, 0))
    if kept:
        return [f"one capability is kept, to read {unreadable}; run as the user who owns it"]
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
        pass  # missing, or not a regular file: not a matter of privileges
    return True
