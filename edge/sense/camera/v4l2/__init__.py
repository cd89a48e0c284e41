"""Webcams, through the kernel's Video4Linux2."""

from edge.sense.camera.registry import PYAV, Finder, SourceKind
from edge.sense.camera.v4l2.devices import find_webcam

KINDS = (
    SourceKind(
        "v4l2",
        "a webcam",
        ("v4l2:/dev/video0",),
        f"{__name__}.source:V4l2Source",
        "device",
        PYAV,
        devices=("video4linux",),
        finders=(Finder(1, find_webcam),),
    ),
)
