"""Open a clip with PyAV and read its frames."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.errors import BadInput, Unavailable
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.files.path_checks import is_folder
from edge.sense.camera.rotate import Pixels, rotated


def load() -> Any:
    """Import the module ``av``; raises Unavailable where it is not installed."""
    try:
        import av
        import av.error  # noqa: F401 (a submodule that av itself does not load)
    except ImportError as error:
        raise Unavailable(f"PyAV is not installed ({error}): pip install 'posenet-edge[video]'") from error
    return av


class Clip:
    """One pass through a clip, from its first frame to its last; close it afterwards.

    A truncated file yields the frames that it has: ``damaged`` counts the parts that could not be read, and ``missing``
    tells whether frames are missing.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            NoSource: There is no file.
            BadInput: It is not a clip.
        """
        av = load()
        name = quoted(path)
        if is_folder(path, "a clip"):
            raise BadInput(f"{name} is a folder, expected a clip; photos are shown with --source stills:folder/")
        try:
            # Absolute, because FFmpeg takes text before a colon for a protocol. A playlist must not use the network.
            self._container = av.open(str(path.absolute()), options={"protocol_whitelist": "file"})
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise BadInput(f"{name} cannot be read as a clip: {reason(error)}") from error
        self._errors = av.error.FFmpegError
        kinds = self._container.format.name
        if not self._container.streams.video or "tty" in kinds.split(","):
            self.close()
            raise BadInput(f"{name} has no video stream ({kinds}), expected a clip")
        if kinds.endswith("_pipe") or kinds == "image2":
            self.close()
            raise BadInput(f"{name} is a photo, expected a clip; use --source stills:photo.jpg")
        self._stream = self._container.streams.video[0]
        rate = self._stream.average_rate
        self.rate = float(rate) if rate else None
        """Frames/s; None if the file does not declare it."""
        self.count = 0
        self.damaged = 0

    def frames(self) -> Iterator[Any]:
        """Read all PyAV frames."""
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except self._errors:
                    self.damaged += 1
                    continue
                self.count += len(frames)
                yield from frames
        except self._errors:
            self.damaged += 1

    @property
    def missing(self) -> bool:
        """True if the header declares clearly more frames than were read (an edited clip may declare a few more)."""
        return self.count < 0.95 * (self._stream.frames or 0)

    def close(self) -> None:
        """Close the file."""
        self._container.close()


def upright(frame: Any) -> Pixels:
    """Convert a PyAV frame to RGB ``[height, width, 3]``, rotated according to its metadata."""
    pixels: Pixels = frame.to_ndarray(format="rgb24")
    # Degrees anticlockwise; PyAV before 14.2 does not have it.
    turned = getattr(frame, "rotation", 0) or 0
    return rotated(pixels, -turned) if turned % 90 == 0 else pixels
