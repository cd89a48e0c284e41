"""Photos and clips in place of a camera."""

from edge.sense.camera.registry import PILLOW, PYAV, SourceKind

KINDS = (
    SourceKind("video", "a clip", ("video:clip.mp4",), f"{__name__}.video:VideoSource", "file", PYAV),
    SourceKind(
        "stills", "photos", ("stills:folder/", "stills:photo.jpg"), f"{__name__}.stills:StillsSource", "file", PILLOW
    ),
)
