"""Cameras, clips and photos, all behind one interface: ``frame.Camera``.

Nothing heavy is imported before a source of that kind is opened.
"""

from pathlib import Path
from threading import Event

from edge.config.settings import Settings
from edge.errors import CameraBarred, NoSource
from edge.sense.camera.address import parse_address
from edge.sense.camera.auto import find_camera
from edge.sense.camera.base import Camera, Frame
from edge.sense.camera.fake import FakeSource
from edge.sense.camera.files.stills import StillsSource
from edge.sense.camera.files.video import VideoSource
from edge.sense.camera.picamera2.source import Picamera2Source
from edge.sense.camera.v4l2.source import V4l2Source

__all__ = ["Camera", "Frame", "auto_source", "open_camera"]


def auto_source() -> str | None:
    """What ``auto`` would take now, as ``camera.source`` says it; None where this machine has no camera."""
    try:
        address = find_camera()
    except (NoSource, CameraBarred):
        return None
    return f"{address.kind}:{address.rest}" if address.rest else address.kind


def open_camera(settings: Settings, shape: tuple[int, int], stopping: Event) -> Camera:
    """The camera that ``camera.source`` names, not yet opened: ``with`` opens it, as often as is needed.

    shape: (height, width) of the model input, in px, for which a frame size is chosen. stopping: set it and
    ``frames()`` ends. Raises BadSetting at a source that is none; with ``auto``, which looks for a camera at once,
    NoSource where there is none, CameraBarred where one may not be looked at. Opening raises NoSource, BadInput,
    CameraFailed or Unavailable.
    """
    address = parse_address(settings.camera.source)
    if address.kind == "auto":
        address = find_camera()
    if address.kind == "picamera2":
        return Picamera2Source(settings, stopping, shape)
    if address.kind == "v4l2":
        return V4l2Source(settings, stopping, Path(address.rest))
    if address.kind == "video":
        return VideoSource(settings, stopping, Path(address.rest))
    if address.kind == "stills":
        return StillsSource(settings, stopping, Path(address.rest))
    return FakeSource(settings, stopping, address.rest)
