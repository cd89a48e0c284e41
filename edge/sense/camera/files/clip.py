"""Open a clip with PyAV and read its frames."""

import itertools
import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.errors import BadInput, Unavailable
from edge.sense.camera.aspect import MAX_ASPECT, with_square_pixels
from edge.sense.camera.damage import DamageCount, is_whole, refuse_damage
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.files.path_checks import is_folder
from edge.sense.camera.files.photo import not_readable
from edge.sense.camera.rotate import Pixels

_NO_TIMES = 0x80
"""AVFMT_NOTIMESTAMPS: a bare stream, such as ``.h264``, whose frames have no times."""
_COVER = 0x400
"""AV_DISPOSITION_ATTACHED_PIC: one picture, such as that of a piece of music."""
_USUAL_RATE = 30.0
"""Frames/s of a bare stream that does not say: that of rpicam-vid, unless it is told another."""
_MIN_MOTION = 3
"""JPEGs in one file that make it a clip; a camera may put a second one into a photo."""
MOTION_JPEG = (".mjpeg", ".mjpg")
"""Suffixes of clips that are JPEGs one after another."""
_PER_S = 1_000_000
"""AV_TIME_BASE, the unit of a container's own times."""
_DURATION = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_RENEWED_S = 10.0
"""Longest wait after damage for a frame that needs no other: a stream without such frames renews its picture part by
part, x264 within 250 frames."""
_MIN_MISSING_S, _MIN_MISSING = 0.5, 0.05
"""Time, and part of the whole, that must be missing before a clip counts as cut off: containers round."""


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

    Damaged frames, and those that follow from them, are left out and counted; a clip that was cut off yields the frames
    that it has.

    Attributes:
        rate: Frames/s, as set, as the file says, or else ``_USUAL_RATE``.
        count: Whole frames so far.
        damage: Count of the damaged ones.
    """

    def __init__(self, path: Path, rate: float = 0.0, damage: DamageCount | None = None) -> None:
        """Open the file.

        Args:
            path: Of the file.
            rate: Frames/s at which it was filmed; 0: as the file says.
            damage: Where damaged frames are counted; None: in a count of its own.

        Raises:
            NoSource: There is no file.
            BadInput: It is not a clip.
        """
        av = load()
        self._name = quoted(path)
        self._errors = av.error.FFmpegError
        if is_folder(path, "a clip"):
            raise BadInput(f"{self._name} is a folder, expected a clip; photos are shown with --source stills:folder/")
        self._container = _open(av, path)
        self._stream = self._choose_stream()
        refuse_damage(self._stream.codec_context)
        self._bare = bool(self._container.format.flags & _NO_TIMES)
        self._rate_is_set = rate > 0
        said = self._stream.codec_context.framerate if self._bare else self._stream.guessed_rate
        self._rate_is_known = self._rate_is_set or bool(said) or not self._bare
        self.rate = rate or float(said or _USUAL_RATE)
        self.count = 0
        self.damage = damage or DamageCount()
        self._left_out = 0
        """Damaged frames, and those that follow from them."""
        self._number = 0
        """Frames so far, whole or not."""
        self._end = 0.0
        """When the last of them ends, s as the file says it."""

    def _choose_stream(self) -> Any:
        """Choose the video stream: the best that is more than one picture, as the first may be a cover."""
        kinds, streams = self._container.format.name, self._container.streams
        moving = [each for each in streams.video if each.frames != 1 and not each.disposition & _COVER]
        best = streams.best("video")
        if best is None or "tty" in kinds.split(","):
            fault = f"has no video stream ({kinds}), expected a clip"
        elif kinds.endswith("_pipe") or kinds == "image2":
            fault = "is a photo, expected a clip; use --source stills:photo.jpg"
        elif best.disposition & _COVER and not moving:
            fault = f"has a cover picture and no video stream ({kinds}), expected a clip"
        else:
            return best if best in moving or not moving else moving[0]
        self.close()
        raise BadInput(f"{self._name} {fault}")

    def frames(self) -> Iterator[tuple[float, Any]]:
        """Read all whole frames.

        Yields:
            The time of a frame in the clip, s, and the frame as PyAV has it, for ``pixels``.
        """
        damaged_at = -math.inf
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except self._errors:
                    damaged_at = self._moment(packet)
                    self._leave_out()
                    continue
                for frame in frames:
                    moment = self._moment(frame)
                    if not is_whole(frame):
                        damaged_at = moment
                        self._leave_out()
                        continue
                    self.damage.whole()
                    # Frames that follow from a damaged one would show what it did not take away.
                    if not frame.key_frame and abs(moment - damaged_at) < _RENEWED_S:
                        self._left_out += 1
                        continue
                    damaged_at = -math.inf
                    self.count += 1
                    yield moment, frame
        except self._errors:
            self._leave_out()

    def _leave_out(self) -> None:
        self.damage.damaged()
        self._left_out += 1

    def _moment(self, item: Any) -> float:
        """Give the time in the clip of a frame, or of a packet that holds a damaged one, s."""
        by_number = self._number / self.rate
        said = by_number if item.pts is None or self._bare else float(item.pts * item.time_base)
        self._number += 1
        self._end = max(self._end, said + 1 / self.rate)
        return by_number if self._rate_is_set else said

    def pixels(self, frame: Any) -> Pixels:
        """Convert a frame as its metadata says: rotated, mirrored, and with square pixels.

        Args:
            frame: One of ``frames``.

        Returns:
            RGB ``[height, width, 3]``.
        """
        pixels: Pixels = frame.to_ndarray(format="rgb24")
        ratio = self._stream.sample_aspect_ratio
        if ratio and ratio != 1 and 1 / MAX_ASPECT <= ratio <= MAX_ASPECT:
            pixels = with_square_pixels(pixels, pixels.shape[1] * float(ratio) / pixels.shape[0])
        return _as_displayed(pixels, frame)

    @property
    def doubt(self) -> str:
        """Why its times may be wrong; empty where they are known."""
        if self._rate_is_known:
            return ""
        return (
            f"{self._name} does not say how many frames a second it has, and {self.rate:g} are taken for it; "
            "if it plays too fast or too slowly, set video.frame_rate"
        )

    @property
    def flaw(self) -> str:
        """Describe the damage of the frames that were read, after the last of them; empty where there is none."""
        flaws = []
        if self._left_out:
            flaws.append(f"is damaged: {self._left_out} of {self.count + self._left_out} frames were left out")
        declared, end = self._declared_end, self._end
        if declared is not None and declared - end > max(_MIN_MISSING_S, _MIN_MISSING * declared, 2 / self.rate):
            flaws.append(f"is cut off: it ends after {end:.1f} of {declared:.1f} s")
        return f"{self._name} {' and '.join(flaws)}; copy it again" if flaws else ""

    @property
    def _declared_end(self) -> float | None:
        """Time at which the last frame ends, as the file declares it, s; None where it does not."""
        stream, container = self._stream, self._container
        if self._bare:
            return None
        begin = float((stream.start_time or 0) * stream.time_base)
        if stream.duration is not None:
            declared = float(stream.duration * stream.time_base)
            # Of an AVI that was cut off FFmpeg shortens the time; of an MP4 the frames may be more than are shown.
            by_count = (
                float(stream.frames / (stream.guessed_rate or _USUAL_RATE)) if container.format.name == "avi" else 0.0
            )
            return begin + max(declared, by_count)
        # Matroska has it as a text.
        if match := _DURATION.match(stream.metadata.get("DURATION", "")):
            hours, minutes, seconds = map(float, match.groups())
            return begin + 3600 * hours + 60 * minutes + seconds
        # Of the whole file, which sound may make longer.
        if container.duration is None or container.streams.audio:
            return None
        return float((container.start_time or 0) + container.duration) / _PER_S

    def close(self) -> None:
        """Close the file."""
        self._container.close()


def _open(av: Any, path: Path) -> Any:
    """Open a file with FFmpeg; raises BadInput where it has no use for it."""

    def attempt(form: str | None) -> Any:
        # Absolute, because FFmpeg takes text before a colon for a protocol. A playlist must not use the network.
        return av.open(str(path.absolute()), format=form, options={"protocol_whitelist": "file"})

    if photo := not_readable(path):
        raise BadInput(f"{quoted(path)} is {photo}, expected a clip")
    try:
        container = attempt(None)
        if container.format.name not in ("jpeg_pipe", "image2"):
            return container
        container.close()
        # What FFmpeg takes for a photo is one, or many of them one after another.
        jpegs = attempt("mjpeg")
        found = sum(1 for packet in itertools.islice(jpegs.demux(), _MIN_MOTION) if packet.size)
        jpegs.close()
        return attempt("mjpeg" if found >= _MIN_MOTION or path.suffix.lower() in MOTION_JPEG else None)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise BadInput(f"{quoted(path)} cannot be read as a clip: {reason(error)}") from error


def _as_displayed(pixels: Pixels, frame: Any) -> Pixels:
    """Rotate and mirror a picture by the display matrix of its frame, if that does nothing else.

    The matrix has nine numbers, a b u c d v x y w: a point (p, q) of the picture is displayed at
    (a p + c q + x, b p + d q + y), p to the right and q down (libavutil/display.h).

    Args:
        pixels: ``[height, width, 3]``.
        frame: As PyAV has it.

    Returns:
        A view.
    """
    matrix = next((each for each in frame.side_data if each.type.name == "DISPLAYMATRIX"), None)
    if matrix is None:
        return pixels
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(matrix))
    if not (a or d) and b and c:
        pixels, a, d = pixels.transpose(1, 0, 2), c, b
    elif b or c:
        return pixels
    return pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
