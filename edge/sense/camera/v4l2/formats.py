"""Pixel formats and frame sizes that a V4L2 driver offers, and the best of them for what is wanted."""

import fcntl
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_ENUM_FMT = 0xC0405602
"""VIDIOC_ENUM_FMT: _IOWR('V', 2, struct v4l2_fmtdesc), from linux/videodev2.h."""
_FORMAT = struct.Struct("=3I32s4s16x")
"""index, type, flags, description, pixelformat, reserved."""
_ENUM_FRAMESIZES = 0xC02C564A
"""VIDIOC_ENUM_FRAMESIZES: _IOWR('V', 74, struct v4l2_frmsizeenum)."""
_SIZES = struct.Struct("=I4s7I8x")
"""index, pixel_format, type, then width and height, or least, greatest and step of each; reserved."""
_CAPTURE, _DISCRETE = 1, 1
"""V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_FRMSIZE_TYPE_DISCRETE."""
_MOST = 64
"""Formats, and sizes of one, that are asked for: a driver that never ends its list must not keep this busy."""
_NAMED = 12
"""Sizes that a message names."""

MOTION_JPEG, H264 = "mjpeg", "h264"
_INPUT_FORMATS = {
    "YUYV": "yuyv422", "UYVY": "uyvy422", "YU12": "yuv420p", "YV12": "yuv420p", "NV12": "nv12", "422P": "yuv422p",
    "RGB3": "rgb24", "BGR3": "bgr24", "BGR4": "bgr0", "RGBP": "rgb565le", "GREY": "gray", "Y16 ": "gray16le",
    "MJPG": MOTION_JPEG, "JPEG": MOTION_JPEG, "H264": H264,
}  # fmt: skip
"""FFmpeg's names of the formats that it reads, by the kernel's; of the raw ones the best first."""
READABLE = "raw pixels (YUYV and others), MJPG or H264"


class Sizes(NamedTuple):
    """One frame size, or a range of them: (width, height) in px."""

    least: tuple[int, int]
    most: tuple[int, int]
    step: tuple[int, int] = (1, 1)

    def nearest(self, size: tuple[int, int]) -> tuple[int, int]:
        """Find the size nearest to this one."""
        width, height = (
            low + step * min(max(0, round((side - low) / step)), (high - low) // step)
            for side, low, high, step in zip(size, *self, strict=True)
        )
        return width, height

    def __str__(self) -> str:
        (width, height), (widest, highest), (across, down) = self
        if self.least == self.most:
            return f"{width}x{height}"
        steps = "" if self.step == (1, 1) else f" in steps of {across}x{down}"
        return f"{width}x{height} to {widest}x{highest}{steps}"


class Offer(NamedTuple):
    """A pixel format, and its sizes as far as the driver lists them."""

    fourcc: str
    """The kernel's name, four characters."""
    sizes: tuple[Sizes, ...]

    @property
    def input_format(self) -> str | None:
        """FFmpeg's name; None where it cannot read this."""
        return _INPUT_FORMATS.get(self.fourcc)

    def nearest(self, size: tuple[int, int]) -> tuple[int, int]:
        """Find the offered size nearest to this one; this one itself where no size is listed."""
        return min((each.nearest(size) for each in self.sizes), key=lambda found: _apart(found, size), default=size)


def list_offers(handle: int) -> list[Offer]:
    """Ask a driver for its formats and sizes.

    Args:
        handle: An opened device.

    Returns:
        As the driver orders them; empty where it does not tell.
    """
    return [Offer(fourcc, tuple(_list_sizes(handle, fourcc))) for fourcc in _list_formats(handle)]


def choose(offers: Sequence[Offer], size: tuple[int, int], prefers_jpeg: bool) -> list[tuple[str, tuple[int, int]]]:
    """Choose what to open a device with.

    H.264 is the last choice: all of its frames have to be decoded, as each needs those before it.

    Args:
        offers: At least one; those that cannot be read are passed over.
        size: (width, height) that is wanted.
        prefers_jpeg: Prefer Motion JPEG to raw pixels.

    Returns:
        Formats as FFmpeg calls them, each with the nearest size, the best first.
    """
    by_format = {offer.input_format: offer.nearest(size) for offer in reversed(offers) if offer.input_format}
    raw = [name for name in _INPUT_FORMATS.values() if name in by_format and name not in (MOTION_JPEG, H264)]
    best_raw = min(dict.fromkeys(raw), key=lambda name: _apart(by_format[name], size), default=None)
    jpeg = MOTION_JPEG if MOTION_JPEG in by_format else None
    ordered = [jpeg, best_raw] if prefers_jpeg else [best_raw, jpeg]
    chosen = [name for name in ordered if name] or [name for name in (H264,) if name in by_format]
    return [(name, by_format[name]) for name in chosen]


def describe_sizes(offers: Sequence[Offer]) -> str:
    """Name the sizes of all formats that can be read, smallest first."""
    sizes = sorted({each for offer in offers if offer.input_format for each in offer.sizes})
    more = f" and {len(sizes) - _NAMED} more" if len(sizes) > _NAMED else ""
    return ", ".join(map(str, sizes[:_NAMED])) + more


def _apart(one: tuple[int, int], other: tuple[int, int]) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _list_formats(handle: int) -> Iterator[str]:
    for index in range(_MOST):
        asked = bytearray(_FORMAT.pack(index, _CAPTURE, 0, b"", b""))
        try:
            fcntl.ioctl(handle, _ENUM_FMT, asked, True)
        except OSError:
            # EINVAL ends the list. A driver that has none at all is opened with what is wanted.
            return
        fourcc = _FORMAT.unpack(asked)[4]
        # The highest bit says that the bytes of a pixel are in the other order.
        if fourcc[3] < 0x80:
            yield fourcc.decode("ascii", "replace")


def _list_sizes(handle: int, fourcc: str) -> Iterator[Sizes]:
    for index in range(_MOST):
        asked = bytearray(_SIZES.pack(index, fourcc.encode("ascii", "replace"), *bytes(7)))
        try:
            fcntl.ioctl(handle, _ENUM_FRAMESIZES, asked, True)
        except OSError:
            return
        _, _, kind, *numbers = _SIZES.unpack(asked)
        if kind == _DISCRETE:
            if all(numbers[:2]):
                yield Sizes((numbers[0], numbers[1]), (numbers[0], numbers[1]))
            continue
        low_width, high_width, across, low_height, high_height, down = numbers[:6]
        if 0 < low_width <= high_width and 0 < low_height <= high_height:
            yield Sizes((low_width, low_height), (high_width, high_height), (max(1, across), max(1, down)))
        return
