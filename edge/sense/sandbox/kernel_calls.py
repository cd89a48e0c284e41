"""Direct system calls, for those that have no function in Python or the C library."""

import ctypes
import errno
import os
from typing import Any

from edge.sense.sandbox.syscall_numbers import NUMBERS, this_architecture

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def call(name: str, *arguments: Any) -> int:
    """Make the system call ``name``.

    Args:
        name: As in ``edge.sense.sandbox.syscall_numbers``.
        *arguments: Integers, bytes, None, or ctypes objects, which are passed by address.

    Returns:
        The kernel's result, 0 or more.

    Raises:
        OSError: As the kernel says; ENOSYS if this processor has no such call.
    """
    architecture = this_architecture()
    number = NUMBERS[architecture].get(name) if architecture else None
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)
    ctypes.set_errno(0)
    return _checked(_libc.syscall(ctypes.c_long(number), *map(_converted, arguments)), name)


def prctl(option: int, *arguments: Any) -> int:
    """Make the system call prctl; missing arguments are zero.

    Returns:
        The kernel's result, 0 or more.

    Raises:
        OSError: As the kernel says.
    """
    words = [*map(_converted, arguments), *[ctypes.c_ulong(0)] * (4 - len(arguments))]
    ctypes.set_errno(0)
    return _checked(_libc.prctl(option, *words), f"prctl {option}")


def _converted(argument: Any) -> Any:
    if isinstance(argument, int):
        return ctypes.c_ulong(argument)  # a negative one wraps around, as the kernel expects it
    return argument if argument is None or isinstance(argument, bytes) else ctypes.byref(argument)


def _checked(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result
