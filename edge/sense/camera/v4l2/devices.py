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
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from edge.errors import CameraBarred, NoSource, Unavailable
from edge.sense.camera.error_text import quoted, reason

_QUERYCAP = 0x80685600
"""VIDIOC_QUERYCAP: _IOR('V', 0, struct v4l2_capability), from linux/videodev2.h."""
_CAPABILITY = struct.Struct("=16s32s32s3I12x")
"""driver, card, bus_info, version, capabilities of the whole device, device_caps of this node, reserved."""
_VIDEO_CAPTURE, _STREAMING, _HAS_DEVICE_CAPS = 0x00000001, 0x04000000, 0x80000000
_NOT_A_CAMERA = 0x00000002 | 0x00008000 | 0x00004000 | 0x00001000 | 0x20000000
"""Flags of nodes for output, conversion (two kinds), separate planes, or use with a media controller."""
_NOT_CAMERAS = ("bcm2835-isp", "bcm2835-codec", "unicam", "rp1-cfe", "pispbe", "rpivid", "rpi-hevc-dec")
"""Drivers of the Raspberry Pi whose capture nodes give no pictures without libcamera."""
_MAJOR = 81
"""Device number of video4linux. Nothing else is opened: to open a watchdog, for example, has consequences."""

BARRED = (
    "kept from this process by the device rules of its service or container, which no file permission changes; "
    "a service: restart it, and check DeviceAllow= in its unit; a container: give it the device"
)
"""Meaning of EPERM from opening a device. EACCES comes from the file's permissions, or from Landlock."""


class Device(NamedTuple):
    """A V4L2 node as its driver describes it."""

    driver: str
    card: str
    captures: bool
    """Frames can be read from it."""


def parse_capability(answer: bytes) -> Device:
    """Read a ``struct v4l2_capability`` (104 bytes)."""
    driver, card, _, _, whole, node = _CAPABILITY.unpack(answer)
    flags = node if whole & _HAS_DEVICE_CAPS else whole
    name = _text(driver)
    needed = _VIDEO_CAPTURE | _STREAMING
    camera = flags & needed == needed and not flags & _NOT_A_CAMERA
    return Device(name, _text(card), camera and name not in _NOT_CAMERAS)


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
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        ioctl(handle, _QUERYCAP, answer, True)
    finally:
        os.close(handle)
    return parse_capability(bytes(answer))


def candidates(folder: Path = Path("/dev")) -> list[Path]:
    """List ``/dev/video*`` in the order of their numbers."""
    numbered = [path for path in folder.glob("video*") if path.name[5:].isdecimal()]
    return sorted(numbered, key=lambda path: int(path.name[5:]))


def find_webcam() -> str:
    """Find the first V4L2 node that gives frames.

    Returns:
        Its path.

    Raises:
        NoSource: There is none; the message says what each node is.
        CameraBarred: There is none, and a node may not be looked at.
        Unavailable: There is one, and the library that reads it is missing.
    """
    said: list[str] = []
    barred = None
    for path in candidates():
        try:
            device = query(path)
        except OSError as error:
            denied = error.errno == errno.EACCES
            said.append(f"{path}: {'permission denied, add the user to the video group' if denied else reason(error)}")
            barred = barred or (path if error.errno == errno.EPERM else None)
            continue
        if not device.captures:
            said.append(f"{path}: {quoted(device.card)} gives no frames")
        elif importlib.util.find_spec("av") is None:
            raise Unavailable(f"webcam {path} found but PyAV is not installed (pip install 'posenet-edge[video]')")
        else:
            return str(path)
    if barred is not None:
        raise CameraBarred(f"{barred} is {BARRED}")
    raise NoSource(", ".join(said) or "there is no /dev/video*")
