"""Frames, and the interface behind which every source of frames stands.

A source delivers pictures, or the heads of a PoseNet that the camera runs itself.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from threading import Event
from typing import ClassVar, NamedTuple, Self, TypeVar

from edge.config.texts import read_aspect
from edge.errors import BadSetting, CameraFailed
from edge.sense.camera.aspect import with_square_pixels
from edge.sense.camera.damage import DamageCount
from edge.sense.camera.registry import SourceRequest
from edge.sense.camera.rotate import Pixels, orient
from edge.sense.inference.heads import Heads, ModelSpec
from edge.sense.inference.letterbox import Undo

T = TypeVar("T")
POLL_S = 0.1
"""Time after which a wait for a frame checks whether to stop."""


class CameraHeads(NamedTuple):
    """Output of a camera with a PoseNet of its own, in place of a picture."""

    heads: Heads
    undo: Undo
    """From px of the model input to px of the camera frame."""
    width: int
    """Width of the camera frame, px."""
    height: int
    model: ModelSpec


class Frame(NamedTuple):
    """One picture, or what the camera's own PoseNet found in it."""

    content: Pixels | CameraHeads
    """Pixels are RGB uint8 ``[height, width, 3]``, C-contiguous and the receiver's own: no source writes to them
    again."""
    captured_at: float
    """Monotonic clock, s."""
    time: float
    """Wall clock, s since 1970."""
    filmed_at: float
    """When what it shows happened, s on whichever clock the source has: ``captured_at`` of a camera; of a clip the time
    in the clip, however fast it is played, which goes backwards where the clip begins again."""

    @property
    def width(self) -> int:
        """Px."""
        return self.content.width if isinstance(self.content, CameraHeads) else self.content.shape[1]

    @property
    def height(self) -> int:
        """Px."""
        return self.content.height if isinstance(self.content, CameraHeads) else self.content.shape[0]


class Picture(NamedTuple):
    """A frame as a source has it, before it is rotated."""

    content: Pixels | CameraHeads
    """RGB ``[height, width, 3]``; views and cached arrays are fine."""
    captured_at: float
    """Monotonic clock, s."""
    filmed_at: float | None = None
    """``filmed_at`` of the ``Frame``; None: ``captured_at``."""


Pictures = Generator[Picture, None, None]


class Clock(NamedTuple):
    """The two clocks of a frame, so that a test can bring its own."""

    now: Callable[[], float] = time.monotonic
    """Monotonic, s."""
    wall: Callable[[], float] = time.time
    """Since 1970, s."""


class Source(ABC):
    """A source of frames: open it with ``with``, then iterate over ``frames()``.

    Life cycle, clocks and rotation are here; a subclass adds ``_open``, ``_close`` and ``_pictures``. It waits on
    ``stopping`` alone, so that ``frames()`` ends soon after that is set.
    """

    kind: ClassVar[str]
    """One of ``edge.wire.SOURCES``, as ``health`` names the source; a kind that has no word there uses the nearest."""

    def __init__(self, request: SourceRequest, clock: Clock | None = None) -> None:
        self._settings, self._stopping, self._shape, self._argument = request
        self._clock = clock or Clock()
        self._opened = False
        self.damage = DamageCount()
        """Frames that were left out because they were damaged."""

    @property
    def lossless(self) -> bool:
        """True if every frame is wanted and the source waits for its reader (a clip played fast)."""
        return False

    @property
    def _path(self) -> Path:
        """The argument of a source that is named by a path."""
        return Path(self._argument)

    @abstractmethod
    def _open(self) -> None:
        """Take the device or file; if this raises, ``_close`` is called."""

    @abstractmethod
    def _close(self) -> None:
        """Release what ``_open`` took, also where it raised half-way; must not raise."""

    @abstractmethod
    def _pictures(self) -> Pictures:
        """Yield pictures until the source ends or ``stopping`` is set."""

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

    def __exit__(self, *_: object) -> None:
        self._opened = False
        self._close()

    def frames(self) -> Iterator[Frame]:
        """Deliver frames, rotated as the settings say, until the source ends or ``stopping`` is set.

        Returns:
            An iterator, to be used while the source is open.

        Raises:
            CameraFailed: The camera stopped giving frames, or the source is closed.
            BadInput: A file cannot be read.
            BadSetting: The settings ask to rotate what is no picture.
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
                content, captured_at, filmed_at = picture
                if isinstance(content, CameraHeads):
                    self._refuse_rotation()
                else:
                    if camera.aspect:
                        content = with_square_pixels(content, read_aspect(camera.aspect))
                    content = orient(content, camera.rotate, camera.mirror)
                age = self._clock.now() - captured_at
                filmed_at = captured_at if filmed_at is None else filmed_at
                frame = Frame(content, captured_at, self._clock.wall() - age, filmed_at)
                # Held on to, a picture would keep a buffer of the camera.
                del picture, content
                yield frame
        finally:
            pictures.close()

    def _refuse_rotation(self) -> None:
        camera = self._settings.camera
        if camera.rotate or camera.mirror or camera.aspect:
            raise BadSetting(
                f"camera.rotate = {camera.rotate}, camera.mirror = {str(camera.mirror).lower()}, "
                f'camera.aspect = "{camera.aspect}": found a camera that looks for people in its own picture before it '
                'can be rotated or stretched; expected 0, false and "", mount it upright'
            )

    @property
    def _patience(self) -> float:
        """Longest wait for a frame, s; at a very low rate a frame may take longer than ``timeout``."""
        camera = self._settings.camera
        return max(camera.timeout, 3 / camera.frame_rate)

    def _wait_for(self, take: Callable[[float], T | None], name: str) -> T | None:
        """Call ``take`` with a short timeout until it returns something; None once ``stopping`` is set."""
        deadline = self._clock.now() + self._patience
        while not self._stopping.is_set():
            if (taken := take(POLL_S)) is not None:
                return taken
            if self._clock.now() >= deadline:
                raise CameraFailed(f"{name} gave no frame for {self._patience:g} s; check the cable, open it again")
        return None

    def _wait_until(self, moment: float) -> None:
        """Wait for a moment of the monotonic clock, or until ``stopping`` is set."""
        left = moment - self._clock.now()
        if left > 0:
            self._stopping.wait(left)

    def _limit_rate(self, last: float) -> None:
        """Limit the rate of a camera that gives frames faster than it was asked to.

        A tenth of a period is left over, so that a camera that keeps the rate exactly never waits a period too many.

        Args:
            last: When the last frame was taken, monotonic s.
        """
        self._wait_until(last + 0.9 / self._settings.camera.frame_rate)


def frame_numbers(rate: float, stopping: Event, clock: Clock) -> Iterator[int]:
    """Count frames at a steady rate: wait until each is due, and leave out those that are past.

    Args:
        rate: Frames/s.
        stopping: Ends a wait.
        clock: Whose ``now`` counts.

    Yields:
        Numbers from 0, each ``number / rate`` s after the first.
    """
    start, number = clock.now(), 0
    while True:
        left = start + number / rate - clock.now()
        if left > 0:
            stopping.wait(left)
        yield number
        number = max(number + 1, math.floor((clock.now() - start) * rate))
