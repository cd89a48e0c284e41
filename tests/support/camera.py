"""What the camera tests share: a clock that nobody waits for, settings, pictures and clips."""

import threading
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from edge.config.settings import CameraSettings, PicameraSettings, Settings, StillsSettings, VideoSettings
from edge.sense.camera.base import Clock, Frame, Source
from edge.sense.camera.registry import SourceRequest

SHAPE = (257, 353)

RED_GREEN_BLUE_WHITE = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 255], [0, 0, 0], [90, 60, 30]]], np.uint8
)
"""Two rows and three columns, no two alike: every way of turning it looks different."""

R, G, B, W, K, E = RED_GREEN_BLUE_WHITE.reshape(6, 3).tolist()

# By hand, from
#   R G B
#   W K E
TURNED = {
    (0, False): [[R, G, B], [W, K, E]],
    (90, False): [[W, R], [K, G], [E, B]],
    (180, False): [[E, K, W], [B, G, R]],
    (270, False): [[B, E], [G, K], [R, W]],
    (0, True): [[B, G, R], [E, K, W]],
    (90, True): [[R, W], [G, K], [B, E]],
    (180, True): [[W, K, E], [R, G, B]],
    (270, True): [[E, B], [K, G], [W, R]],
}


class Time(threading.Event):
    """A ``stopping`` event whose waits only move a clock, and are recorded; ``stop_after`` waits it is set."""

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__()
        self.now = 1000.0
        self.waits: list[float] = []
        self.stop_after = stop_after
        self.clock = Clock(lambda: self.now, lambda: self.now + 1.7e9)

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None, "a wait without an end"
        assert timeout > 0
        self.waits.append(timeout)
        self.now += timeout
        if self.stop_after is not None and len(self.waits) >= self.stop_after:
            self.set()
        return self.is_set()


def make_settings(
    source: str = "fake:",
    picamera: dict[str, Any] | None = None,
    video: dict[str, Any] | None = None,
    stills: dict[str, Any] | None = None,
    **camera: Any,
) -> Settings:
    return Settings(
        camera=CameraSettings(source=source, **camera),
        picamera=PicameraSettings(**(picamera or {})),
        video=VideoSettings(**(video or {})),
        stills=StillsSettings(**(stills or {})),
    )


def request(settings: Settings, time: Time, argument: object = "") -> SourceRequest:
    """What a source is made from, with the size of the default model."""
    return SourceRequest(settings, time, SHAPE, str(argument))


def take(camera: Source, count: int | None = None) -> list[Frame]:
    """The first frames of a camera that is opened for them and closed again."""
    with camera as opened:
        return list(islice(opened.frames(), count))


def shade(number: int) -> int:
    """How red frame ``number`` of ``make_clip`` is."""
    return 12 * number


def number_of(frame: Frame) -> int:
    """Which frame of ``make_clip`` this is, whatever the codec made of its red."""
    return round(float(frame.content[..., 0].mean()) / 12)


def clip_picture(number: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """Red by its number all over; the left quarter is also fully green, the top quarter fully blue."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = shade(number)
    pixels[:, : width // 4, 1] = 255
    pixels[: height // 4, :, 2] = 255
    return pixels


def make_clip(path: Path, codec: str = "ffv1", pix_fmt: str = "bgr0", frames: int = 20, rate: int = 10) -> Path:
    """A clip whose frames are ``clip_picture``; ffv1 keeps them exactly."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
        stream.bit_rate = 8_000_000
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(clip_picture(number), format="rgb24")))
        container.mux(stream.encode())
    return path


GROUP = 8
"""Frames of ``make_h264_stream`` from one that needs no other to the next."""


def make_h264_stream(path: Path, frames: int = 20) -> Path:
    """``clip_picture`` as a webcam sends H.264: in the order in which frames are shown, each needing the one before."""
    with av.open(str(path), "w", format="h264") as container:
        stream: Any = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", GROUP
        stream.options = {"tune": "zerolatency", "sc_threshold": "0"}
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(clip_picture(number), format="rgb24")))
        container.mux(stream.encode())
    return path


def photo_clip(path: Path, shown: list[bool], photo: np.ndarray) -> Path:
    """10 frames/s: the photo where ``shown``, else grey."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = photo.shape[1], photo.shape[0], "bgr0"
        for here in shown:
            picture = photo if here else np.full_like(photo, 128)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path
