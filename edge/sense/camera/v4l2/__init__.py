"""Webcams, through the kernel's Video4Linux2."""

from pathlib import Path
from typing import TYPE_CHECKING

from edge.sense.camera.registry import Finder, Library, SourceKind, SourceRequest, register
from edge.sense.camera.v4l2.devices import find_webcam

if TYPE_CHECKING:
    from edge.sense.camera.base import Camera


def _make(request: SourceRequest) -> "Camera":
    from edge.sense.camera.v4l2.source import V4l2Source

    return V4l2Source(request.settings, request.stopping, Path(request.argument))


register(
    SourceKind(
        "v4l2",
        "a webcam",
        ("v4l2:/dev/video0",),
        _make,
        "path",
        library=Library("av", "install posenet-edge with its extra: pip install 'posenet-edge[video]'"),
        devices=("video4linux",),
        finders=(Finder(1, find_webcam),),
    )
)
