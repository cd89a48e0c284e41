"""Device nodes by purpose: cameras, harmless devices, and devices that must not be opened."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

_DEV = Path("/dev")
_CAMERAS = (
    "video*", "media*", "v4l-subdev*", "dma_heap/*", "udmabuf",
    "vchiq", "vcio*", "vcsm-cma",
)  # fmt: skip
"""Cameras, their memory, and the Raspberry Pi's graphics firmware, which older camera libraries use."""
_HARMLESS = ("null", "zero", "full", "random", "urandom")
HARMLESS_NUMBERS = frozenset(os.makedev(1, minor) for minor in (3, 5, 7, 8, 9))
"""Device numbers of ``_HARMLESS``, in that order (Documentation/admin-guide/devices.txt)."""
_FORBIDDEN = (
    "mem", "port", "kmsg", "net/tun", "fuse", "kvm", "uinput", "vhost-net", "vhost-vsock", "userfaultfd", "rfkill",
    "input/event*", "hidraw*", "i2c-*", "spidev*", "gpiochip*", "gpiomem*", "fb*", "dri/*", "bus/usb/*/*",
    "snd/controlC*", "snd/pcm*c",
)  # fmt: skip
"""Memory, networks, keyboards, screens, buses and microphones. Watchdogs and serial lines are left out: opening one
has consequences."""


def camera_nodes(dev: Path = _DEV) -> list[Path]:
    """Nodes of cameras that exist now."""
    return _found(dev, _CAMERAS)


def allowed_nodes() -> list[Path]:
    """Nodes that the sensing process may open: cameras and harmless devices."""
    return _found(_DEV, (*_CAMERAS, *_HARMLESS))


def forbidden_nodes(dev: Path = _DEV) -> tuple[Path, ...]:
    """Nodes that the sensing process must not be able to open: the first disks, and those of ``_FORBIDDEN``."""
    disks = [path for path in sorted(dev.glob("*")) if path.is_block_device()]
    return tuple(disks[:4] + _found(dev, _FORBIDDEN))


def is_allowed(descriptor: int, path: str, status: os.stat_result) -> bool:
    """Tell whether a device that was opened under this path may be open: a camera, a harmless device or a terminal."""
    if not stat.S_ISCHR(status.st_mode):
        return False
    # A terminal may come from outside of a container, where its path has no meaning.
    if status.st_rdev in HARMLESS_NUMBERS or os.isatty(descriptor):
        return True
    return any(Path(path).match(str(_DEV / pattern)) for pattern in _CAMERAS)


def read_majors(proc: Path = Path("/proc"), section: str = "Character") -> dict[str, int]:
    """Read the major numbers of this kernel's devices, by name. section: ``Character`` or ``Block``."""
    found, within = {}, ""
    for words in (line.split() for line in (proc / "devices").read_text().splitlines()):
        if words[1:] == ["devices:"]:
            within = words[0]
        elif len(words) == 2 and within == section:
            found[words[1]] = int(words[0])
    return found


def _found(dev: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(dev.glob(pattern)) if os.path.lexists(path)]
