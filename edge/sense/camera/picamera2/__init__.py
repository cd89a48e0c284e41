"""The Raspberry Pi's camera, through Picamera2 and libcamera."""

from edge.sense.camera.picamera2.loader import find_any, find_ribbon
from edge.sense.camera.registry import Finder, Library, SourceKind

KINDS = (
    SourceKind(
        "picamera2",
        "the Raspberry Pi's camera",
        ("picamera2",),
        "edge.sense.camera.picamera2.source:Picamera2Source",
        library=Library("picamera2", "sudo apt install python3-picamera2, then scripts/install once more"),
        devices=("video4linux", "media", "dma_heap"),
        # V4L2 knows more formats of a webcam that libcamera lists as well; libcamera is left for it without PyAV.
        finders=(Finder(0, find_ribbon), Finder(2, find_any)),
    ),
)
