"""The Raspberry Pi's camera, through Picamera2 and libcamera."""

from functools import partial

from edge.runtime.installation import install_command
from edge.sense.camera.picamera2.loader import find, is_raspberry_pi
from edge.sense.camera.registry import Finder, Library, SourceKind

KINDS = (
    SourceKind(
        "picamera2",
        "the Raspberry Pi's camera",
        ("picamera2",),
        f"{__name__}.source:Picamera2Source",
        library=Library("picamera2", f"sudo apt install python3-picamera2, then {install_command()}"),
        devices=("video4linux", "media", "dma_heap"),
        # V4L2 knows more formats of a webcam that libcamera lists as well; libcamera is left for it without PyAV.
        finders=(
            Finder(0, partial(find, usb=False), is_raspberry_pi),
            Finder(2, partial(find, usb=True), is_raspberry_pi),
        ),
    ),
)
