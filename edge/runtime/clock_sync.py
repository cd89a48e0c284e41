"""Tell whether a time service has set the wall clock; without a battery it is wrong from boot until then.

Source: adjtimex(2), systemd-timesyncd.service(8).
"""

import ctypes
from collections.abc import Callable
from pathlib import Path

SYNCHRONIZATIONS = ("synced", "unsynced")
_TIMEX_BYTES = 512
"""More than ``struct timex`` has on any machine; all zero it asks and sets nothing."""
_TIME_ERROR = 5
_TIMESYNC = Path("/run/systemd/timesync")
"""Folder of systemd-timesyncd, which makes ``synchronized`` in it once it has set the clock."""


def _kernel_state() -> int:
    return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))


def clock_state(kernel_state: Callable[[], int] = _kernel_state, timesync: Path = _TIMESYNC) -> str | None:
    """Tell whether the wall clock is set.

    Args:
        kernel_state: What adjtimex(2) returns; below 0 where it is forbidden, as the unit of ``report`` does.
        timesync: Asked then.

    Returns:
        One of ``SYNCHRONIZATIONS``; None where neither the kernel nor systemd-timesyncd tells.
    """
    state = kernel_state()
    if state >= 0:
        is_set = state != _TIME_ERROR
    elif timesync.is_dir():
        is_set = (timesync / "synchronized").exists()
    else:
        return None
    return SYNCHRONIZATIONS[0 if is_set else 1]
