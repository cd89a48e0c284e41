"""Photos and clips in place of a camera."""

from edge.sense.camera.registry import VIDEO_EXTRA, Library, SourceKind

KINDS = (
    SourceKind(
        "video",
        "a clip",
        ("video:clip.mp4",),
        "edge.sense.camera.files.video:VideoSource",
        "path",
        reads_file=True,
        library=Library("av", VIDEO_EXTRA),
    ),
    SourceKind(
        "stills",
        "photos",
        ("stills:folder/", "stills:photo.jpg"),
        "edge.sense.camera.files.stills:StillsSource",
        "path",
        reads_file=True,
        library=Library("PIL", VIDEO_EXTRA),
    ),
)
