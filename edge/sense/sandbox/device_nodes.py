"""Device nodes: those that cameras are behind, those that harm nobody, and some that are none of our business."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

_CAMERAS = (
    "video*", "media*", "v4l-subdev*", "dma_heap/*", "udmabuf",
    "vchiq", "vcio*", "vcsm-cma",
)  # fmt: skip
"""Cameras, their memory, and the Raspberry Pi's graphics firmware that older libraries ask about them."""
_HARMLESS = ("null", "zero", "full", "random", "urandom")
_HARMLESS_NUMBERS = frozenset(os.makedev(1, minor) for minor in (3, 5, 7, 8, 9))
"""The same as device numbers, in that order (Documentation/admin-guide/devices.txt)."""
_FORBIDDEN = (
    "mem", "port", "kmsg", "net/tun", "fuse", "kvm", "uinput", "vhost-net", "vhost-vsock", "userfaultfd", "rfkill",
    "input/event*", "hidraw*", "i2c-*", "spidev*", "gpiochip*", "gpiomem*", "fb*", "dri/*", "bus/usb/*/*",
    "snd/controlC*", "snd/pcm*c",
)  # fmt: skip
"""Memory, networks, keyboards, screens, buses and microphones. No watchdog and no serial line: opening them acts."""


def camera_nodes(dev: Path = Path("/dev")) -> list[Path]:
    """The nodes that the sensing process works with, as far as they are there now."""
    return _found(dev, _CAMERAS)


def open_nodes(dev: Path = Path("/dev")) -> list[Path]:
    """The nodes that stay open to it: the cameras and the harmless ones."""
    return _found(dev, _CAMERAS) + _found(dev, _HARMLESS)


def foreign_nodes(dev: Path = Path("/dev")) -> tuple[Path, ...]:
    """Nodes that it must not be able to open: the first disks and what is found of the list above."""
    disks = [path for path in sorted(dev.glob("*")) if path.is_block_device()]
    return tuple(disks[:4] + _found(dev, _FORBIDDEN))


def is_innocent(descriptor: int, path: str, about: os.stat_result, dev: Path = Path("/dev")) -> bool:
    """Whether a device that is open, under this path, may be: a camera, a harmless one or a terminal."""
    if not stat.S_ISCHR(about.st_mode):
        return False
    # A terminal may come from outside of a container, where its path means nothing.
    if about.st_rdev in _HARMLESS_NUMBERS or os.isatty(descriptor):
        return True
    return any(Path(path).match(str(dev / pattern)) for pattern in _CAMERAS)


def _found(dev: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(dev.glob(pattern)) if os.path.lexists(path)]
