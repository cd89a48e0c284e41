"""The Raspberry Pi's camera, through Picamera2 and libcamera."""

from typing import TYPE_CHECKING

from edge.sense.camera.picamera2.loader import find_any, find_ribbon
from edge.sense.camera.registry import Finder, Library, SourceKind, SourceRequest, register

if TYPE_CHECKING:
    from edge.sense.camera.base import Camera


def _make(request: SourceRequest) -> "Camera":
    from edge.sense.camera.picamera2.source import Picamera2Source

    return Picamera2Source(request.settings, request.stopping, request.shape)


register(
    SourceKind(
        "picamera2",
        "the Raspberry Pi's camera",
        ("picamera2",),
        _make,
        library=Library("picamera2", "sudo apt install python3-picamera2, then scripts/install once more"),
        devices=("video4linux", "media", "dma_heap"),
        # V4L2 knows more formats of a webcam that libcamera lists as well; libcamera is left for it without PyAV.
        finders=(Finder(0, find_ribbon), Finder(2, find_any)),
    )
)
