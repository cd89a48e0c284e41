"""What every source shares: how it is opened and closed, its clocks, and how pictures become frames."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from threading import Event
from types import TracebackType
from typing import ClassVar, NamedTuple, Self

from edge.config.settings import Settings
from edge.errors import CameraFailed
from edge.sense.camera.base import Frame
from edge.sense.camera.rotate import Pixels, turn


class Picture(NamedTuple):
    """What a source has seen, before it is turned.

    pixels: RGB ``[height, width, 3]``; views and cached ones are fine. captured_at, filmed_at: as in Frame, where None
    is ``captured_at``.
    """

    pixels: Pixels
    captured_at: float
    filmed_at: float | None = None


Pictures = Generator[Picture, None, None]


class Clock(NamedTuple):
    """The two clocks of a frame, so that a test can bring its own."""

    now: Callable[[], float] = time.monotonic
    """Monotonic, s."""
    wall: Callable[[], float] = time.time
    """Since 1970, s."""


class Source(ABC):
    """Base of all sources: ``_open``, ``_close`` and ``_pictures`` are theirs, the life cycle and the turning are here.

    Every wait is one of ``stopping``, so that ``frames()`` ends soon after it is set.
    """

    kind: ClassVar[str]
    lossless: bool = False

    def __init__(self, settings: Settings, stopping: Event, clock: Clock | None = None) -> None:
        self._settings = settings
        self._stopping = stopping
        self._clock = clock or Clock()
        self._opened = False

    @abstractmethod
    def _open(self) -> None:
        """Take the device or file; where this raises, ``_close`` follows."""

    @abstractmethod
    def _close(self) -> None:
        """Release whatever ``_open`` took, however far it came; raises nothing."""

    @abstractmethod
    def _pictures(self) -> Pictures:
        """Pictures until the source ends or ``stopping`` is set."""

    def __enter__(self) -> Self:
        if self._opened:
            raise CameraFailed(f"the {self.kind} source is open already; close it first")
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        self._opened = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened = False
        self._close()

    def frames(self) -> Iterator[Frame]:
        """Frames, turned as the settings say, until the source ends or ``stopping`` is set.

        Raises CameraFailed where a camera stops giving frames or the source is closed, BadInput where a file
        cannot be read.
        """
        if not self._opened:
            raise CameraFailed(f"the {self.kind} source is closed; open it with 'with' first")
        return self._frames()

    def _frames(self) -> Generator[Frame, None, None]:
        camera = self._settings.camera
        pictures = self._pictures()
        try:
            while not self._stopping.is_set():
                if not self._opened:
                    raise CameraFailed(f"the {self.kind} source was closed while its frames were read")
                picture = next(pictures, None)
                if picture is None or self._stopping.is_set():
                    return
                pixels, captured_at, filmed_at = picture
                pixels = turn(pixels, camera.rotate, camera.mirror)
                age = self._clock.now() - captured_at
                filmed_at = captured_at if filmed_at is None else filmed_at
                frame = Frame(pixels, captured_at, self._clock.wall() - age, filmed_at)
                del picture, pixels
                yield frame
        finally:
            pictures.close()

    @property
    def _patience(self) -> float:
        """Seconds without a frame that are too long; at a very low rate a frame may take longer than ``timeout``."""
        camera = self._settings.camera
        return max(camera.timeout, 3 / camera.frame_rate)

    def _wait_until(self, moment: float) -> None:
        """Wait for a moment of the monotonic clock, or until ``stopping`` is set."""
        left = moment - self._clock.now()
        if left > 0:
            self._stopping.wait(left)

    def _breathe(self, last: float) -> None:
        """Wait so that a camera that gives frames faster than it was asked to is read no faster than that.

        last: when the last frame was taken. A tenth of a period is left over, so that a camera that keeps the rate
        exactly never waits a period too many.
        """
        self._wait_until(last + 0.9 / self._settings.camera.frame_rate)


class Pace:
    """Numbers of frames at a steady rate: each waits until it is due, and those that are past are left out."""

    def __init__(self, rate: float, stopping: Event, clock: Clock) -> None:
        self._rate = rate
        self._stopping = stopping
        self._clock = clock
        self._start: float | None = None
        self._number = -1

    def tick(self) -> int:
        """Wait for the next frame and return its number, from 0; it is due at start + number / rate seconds."""
        now = self._clock.now()
        if self._start is None:
            self._start = now
        self._number = max(self._number + 1, math.floor((now - self._start) * self._rate))
        left = self._start + self._number / self._rate - now
        if left > 0:
            self._stopping.wait(left)
        return self._number
