"""Photos and clips in place of a camera."""

from pathlib import Path
from typing import TYPE_CHECKING

from edge.sense.camera.registry import Library, SourceKind, SourceRequest, register

if TYPE_CHECKING:
    from edge.sense.camera.base import Camera

_EXTRA = "install posenet-edge with its extra: pip install 'posenet-edge[video]'"


def _make_video(request: SourceRequest) -> "Camera":
    from edge.sense.camera.files.video import VideoSource

    return VideoSource(request.settings, request.stopping, Path(request.argument))


def _make_stills(request: SourceRequest) -> "Camera":
    from edge.sense.camera.files.stills import StillsSource

    return StillsSource(request.settings, request.stopping, Path(request.argument))


register(
    SourceKind(
        "video", "a clip", ("video:clip.mp4",), _make_video, "path", reads_file=True, library=Library("av", _EXTRA)
    )
)
register(
    SourceKind(
        "stills",
        "photos",
        ("stills:folder/", "stills:photo.jpg"),
        _make_stills,
        "path",
        reads_file=True,
        library=Library("PIL", _EXTRA),
    )
)
