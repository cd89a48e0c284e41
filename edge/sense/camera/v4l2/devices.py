"""The V4L2 devices of this machine, and which of them are cameras.

A Raspberry Pi has a dozen ``/dev/video*`` that are encoders, scalers and raw sensor nodes, and a webcam has a second
one for metadata. Only the driver's answer to VIDIOC_QUERYCAP tells which is a camera.
"""

import errno
import fcntl
import importlib.util
import os
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from edge.errors import CameraBarred, NoSource, Unavailable
from edge.sense.camera.error_text import quoted, reason

_DEV = Path("/dev")
_QUERYCAP = 0x80685600
"""VIDIOC_QUERYCAP: _IOR('V', 0, struct v4l2_capability), from linux/videodev2.h."""
_CAPABILITY = struct.Struct("=16s32s32s3I12x")
"""driver, card, bus_info, version, capabilities of the whole device, device_caps of this node, reserved."""
_CAPTURE, _OUTPUT, _CAPTURE_PLANES, _STREAMING = 0x00000001, 0x00000002, 0x00001000, 0x04000000
_CONVERTS, _METADATA, _MEDIA_CONTROLLER, _HAS_DEVICE_CAPS = 0x00008000 | 0x00004000, 0x00800000, 0x20000000, 0x80000000
PI_DRIVERS = ("bcm2835-isp", "bcm2835-codec", "unicam", "rp1-cfe", "pispbe", "rpivid", "rpi-hevc-dec")
"""Drivers of the Raspberry Pi whose capture nodes give no pictures without libcamera."""
LOOPBACK = "v4l2 loopback"
"""Driver of nodes to which one program writes frames and from which others read them."""
_MAJOR = 81
"""Device number of video4linux. Nothing else is opened: to open a watchdog, for example, has consequences."""

NO_WRITER = (
    "to which no program writes frames now; start the one that does, as docs/cameras.md shows, and let it run on"
)
"""Reason for which a loopback gives no frames."""
BARRED = (
    "kept from this process by the device rules of its service or container, which no file permission changes; "
    "a service: restart it, and check DeviceAllow= in its unit; a container: give it the device"
)
"""Meaning of EPERM from opening a device. EACCES comes from the file's permissions, or from Landlock."""


class Device(NamedTuple):
    """A V4L2 node as its driver describes it."""

    driver: str
    card: str
    refusal: str = ""
    """Why no frames can be read from it; empty: they can."""

    @property
    def is_loopback(self) -> bool:
        """True if its frames come from another program."""
        return self.driver == LOOPBACK


def parse_capability(answer: bytes) -> Device:
    """Read a ``struct v4l2_capability`` (104 bytes)."""
    driver, card, _, _, whole, node = _CAPABILITY.unpack(answer)
    name = _text(driver)
    return Device(name, _text(card), _refusal(name, node if whole & _HAS_DEVICE_CAPS else whole))


def _refusal(driver: str, flags: int) -> str:
    """Tell why a node of this driver, with these capabilities, gives no frames; empty: it gives some."""
    if driver == LOOPBACK:
        # Without exclusive_caps it says that it captures and takes output, with it only what it can do just now.
        return "" if flags & _CAPTURE else f"a loopback with exclusive_caps, {NO_WRITER}"
    if flags & _CONVERTS:
        return "a codec or scaler, which gives no frames of its own"
    if flags & _OUTPUT:
        return "an output: programs write frames to it, and none can be read"
    if driver in PI_DRIVERS:
        return "which gives pictures through libcamera only; expected --source picamera2"
    if flags & (_CAPTURE_PLANES | _MEDIA_CONTROLLER):
        return "a part of a camera that has to be set up by libcamera, and gives no frames by itself"
    if flags & _CAPTURE and flags & _STREAMING:
        return ""
    if flags & _METADATA:
        return "which gives no frames but data about them; a webcam has another /dev/video* for its frames"
    return "which gives no frames"


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("ascii", "replace")


def query(path: Path, ioctl: Callable[..., Any] = fcntl.ioctl) -> Device:
    """Ask the driver behind a path.

    Args:
        path: Of the device node.
        ioctl: For tests.

    Returns:
        Its description.

    Raises:
        OSError: As the system says; ENOTTY where it is no video device.
    """
    about = path.stat()
    if not stat.S_ISCHR(about.st_mode) or os.major(about.st_rdev) != _MAJOR:
        raise OSError(errno.ENOTTY, "not a video device", str(path))
    answer = bytearray(_CAPABILITY.size)
    with opened(path) as handle:
        ioctl(handle, _QUERYCAP, answer, True)
    return parse_capability(bytes(answer))


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a device to ask it something.

    Yields:
        Its descriptor, to be used in the body.

    Raises:
        OSError: As the system says.
    """
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def outside(path: Path) -> Path | None:
    """Find what a path leads to, if that is none of ``/dev/video*``: the sandbox opens no other V4L2 device."""
    real = path.resolve()
    return None if real.parent == _DEV and real.name[:5] == "video" and real.name[5:].isdecimal() else real


def candidates(folder: Path = _DEV) -> list[Path]:
    """List ``/dev/video*`` in the order of their numbers."""
    numbered = [path for path in folder.glob("video*") if path.name[5:].isdecimal()]
    return sorted(numbered, key=lambda path: int(path.name[5:]))


def find_webcam() -> str:
    """Find the first V4L2 node that gives frames; a loopback only where there is no webcam.

    Returns:
        Its path.

    Raises:
        NoSource: There is none; the message says what each node is.
        CameraBarred: There is none, and a node may not be looked at.
        Unavailable: There is one, and the library that reads it is missing.
    """
    said: list[str] = []
    barred = loopback = webcam = None
    for path in candidates():
        try:
            device = query(path)
        except OSError as error:
            denied = error.errno == errno.EACCES
            said.append(f"{path}: {'permission denied, add the user to the video group' if denied else reason(error)}")
            barred = barred or (path if error.errno == errno.EPERM else None)
            continue
        if device.refusal:
            said.append(f"{path} is {quoted(device.card)}, {device.refusal}")
        elif device.is_loopback:
            loopback = loopback or path
        else:
            webcam = path
            break
    if found := webcam or loopback:
        if importlib.util.find_spec("av") is None:
            raise Unavailable(f"webcam {found} found but PyAV is not installed (pip install 'posenet-edge[video]')")
        return str(found)
    if barred is not None:
        raise CameraBarred(f"{barred} is {BARRED}")
    raise NoSource("; ".join(said) or "there is no /dev/video*")
