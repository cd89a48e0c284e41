"""A V4L2 driver as far as ``ioctl`` tells: formats, sizes and controls, with the structs spelt out here once more.

The numbers are put together as in asm-generic/ioctl.h, and the answers are those of the kernel's documentation: EINVAL
ends a list, is said of a control that is not there and of a menu's item that is not offered, ERANGE of a value outside.
"""

import errno
import os
import struct
from dataclasses import dataclass, field

POWER_LINE, EXPOSURE_MODE, EXPOSURE, FOCUS, AUTOFOCUS = 0x980918, 0x9A0901, 0x9A0902, 0x9A090A, 0x9A090C
INTEGER, BOOLEAN, MENU = 1, 2, 3


def _iowr(number: int, size: int) -> int:
    return 3 << 30 | size << 16 | ord("V") << 8 | number


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@dataclass
class Control:
    """One control."""

    kind: int
    low: int
    high: int
    value: int
    items: tuple[int, ...] = ()
    """Of a menu: the values that there are."""
    flags: int = 0
    refuses: int = 0
    """Number of the error with which it cannot be set."""


@dataclass
class Driver:
    """Answers ``fcntl.ioctl``."""

    formats: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    """Sizes by fourcc: (width, height), or (least width, greatest, step, least height, greatest, step)."""
    controls: dict[int, Control] = field(default_factory=dict)
    set_values: list[tuple[int, int]] = field(default_factory=list)
    """Controls in the order in which they were set, with their values."""
    never_ends: bool = False
    """Its lists have no end, as those of a broken driver."""

    def ioctl(self, _: int, request: int, data: bytearray, mutate: bool = True) -> int:
        assert mutate
        answers = {
            _iowr(2, 64): self._format,
            _iowr(74, 44): self._size,
            _iowr(36, 68): self._control,
            _iowr(37, 44): self._item,
            _iowr(28, 8): self._set,
        }
        if request not in answers:
            raise _error(errno.ENOTTY)
        assert len(data) == request >> 16 & 0x3FFF
        answers[request](data)
        return 0

    def _format(self, data: bytearray) -> None:
        index, kind = struct.unpack_from("<II", data)
        assert kind == 1
        names = list(self.formats)
        if index >= len(names) and not (self.never_ends and names):
            raise _error(errno.EINVAL)
        struct.pack_into("<4s", data, 44, names[index % len(names)].encode())

    def _size(self, data: bytearray) -> None:
        index, fourcc = struct.unpack_from("<I4s", data)
        sizes = self.formats[fourcc.decode()]
        if index >= len(sizes) and not (self.never_ends and sizes):
            raise _error(errno.EINVAL)
        size = sizes[index % len(sizes)]
        struct.pack_into(f"<I{len(size)}I", data, 8, 1 if len(size) == 2 else 3, *size)

    def _control(self, data: bytearray) -> None:
        (number,) = struct.unpack_from("<I", data)
        if number not in self.controls:
            raise _error(errno.EINVAL)
        its = self.controls[number]
        struct.pack_into("<I32s4iI", data, 4, its.kind, b"a control", its.low, its.high, 1, its.value, its.flags)

    def _item(self, data: bytearray) -> None:
        number, index = struct.unpack_from("<II", data)
        its = self.controls[number]
        if its.kind != MENU or index not in its.items:
            raise _error(errno.EINVAL)

    def _set(self, data: bytearray) -> None:
        number, value = struct.unpack("<Ii", data)
        its = self.controls[number]
        if its.refuses:
            raise _error(its.refuses)
        if its.kind == MENU and value not in its.items:
            raise _error(errno.EINVAL)
        if not its.low <= value <= its.high:
            raise _error(errno.ERANGE)
        its.value = value
        self.set_values.append((number, value))
