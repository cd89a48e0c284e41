"""Opening a clip with PyAV, and reading its frames one after the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.errors import BadInput, Unavailable
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.files.path_checks import is_folder
from edge.sense.camera.rotate import Pixels, rotated


def load() -> Any:
    """The module ``av``; raises Unavailable where it isn't installed."""
    try:
        import av
        import av.error  # noqa: F401 (a submodule that av itself does not load)
    except ImportError as error:
        raise Unavailable(f"PyAV is not installed ({error}): pip install 'posenet-edge[video]'") from error
    return av


class Clip:
    """One pass through a clip, from its first frame to its last; close it afterwards.

    Raises NoSource where there is no file, BadInput where it is not a clip. A file that was cut off gives the frames
    it has: ``damaged`` counts the parts that could not be read, and ``missing`` says whether frames are wanting.
    """

    def __init__(self, path: Path) -> None:
        av = load()
        name = quoted(path)
        if is_folder(path, "a clip"):
            raise BadInput(f"{name} is a folder, expected a clip; photos are shown with --source stills:folder/")
        try:
            # Absolute, because FFmpeg takes what stands before a colon for a protocol; and a playlist reads no network.
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
        """Frames a second, where the file says it."""
        self.count = 0
        self.damaged = 0

    def frames(self) -> Iterator[Any]:
        """PyAV frames, all of them."""
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
        """Whether the file promised clearly more frames than it had (edits leave a few out of a whole clip)."""
        return self.count < 0.95 * (self._stream.frames or 0)

    def close(self) -> None:
        """Close the file."""
        self._container.close()


def upright(frame: Any) -> Pixels:
    """A PyAV frame as RGB ``[height, width, 3]``, turned as the file says a player should."""
    pixels: Pixels = frame.to_ndarray(format="rgb24")
    # Degrees anticlockwise; PyAV before 14.2 doesn't tell.
    turned = getattr(frame, "rotation", 0) or 0
    return rotated(pixels, -turned) if turned % 90 == 0 else pixels
