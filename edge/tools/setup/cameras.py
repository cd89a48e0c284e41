"""The cameras of this machine by name. None is opened: sysfs tells, and only ``sense`` may have a camera."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from edge.sense.camera.picamera2.loader import is_raspberry_pi
from edge.sense.camera.registry import AUTO
from edge.sense.camera.v4l2.devices import PI_DRIVERS


class FoundCamera(NamedTuple):
    """A camera that may be chosen."""

    source: str
    """As ``camera.source`` says it."""
    name: str


def find_cameras(root: Path = Path("/")) -> list[FoundCamera]:
    """List what looks like a camera.

    Args:
        root: Holds ``sys``, ``dev`` and ``proc``.

    Returns:
        The Raspberry Pi's camera where that can be used, then webcams and loopbacks by their numbers.
    """
    found = []
    if is_raspberry_pi(root / "proc/device-tree/model") and find_spec("picamera2"):
        found.append(FoundCamera("picamera2", "the Raspberry Pi's camera"))
    nodes = [path for path in (root / "sys/class/video4linux").glob("video*") if path.name[5:].isdecimal()]
    for node in sorted(nodes, key=lambda path: int(path.name[5:])):
        # The second node of a webcam is for data about its pictures.
        if _text(node / "index") not in ("", "0") or (node / "device/driver").resolve().name in PI_DRIVERS:
            continue
        found.append(FoundCamera(f"v4l2:{_lasting(root, node.name)}", _text(node / "name") or node.name))
    return found


def describe(source: str) -> str:
    """Say in words what a ``camera.source`` is that has no name of its own."""
    return "the Raspberry Pi's camera, else the first webcam" if source == AUTO else source


def _lasting(root: Path, node: str) -> str:
    """Return the link to a node that is the same after the next boot, else the node."""
    for link in sorted((root / "dev/v4l/by-id").glob("*")):
        if link.resolve().name == node:
            return f"/dev/v4l/by-id/{link.name}"
    return f"/dev/{node}"


def _text(file: Path) -> str:
    try:
        return "".join(filter(str.isprintable, file.read_text(errors="replace"))).strip()
    except OSError:
        return ""
