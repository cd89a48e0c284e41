"""Opens the camera and shuts it: while it is shut nothing of it is open, and its light is off."""

import threading
from collections.abc import Callable

from edge.sense.camera.base import Frame, Source
from edge.sense.capture.capture_thread import CaptureThread
from edge.sense.capture.latest import Latest

_PATIENCE = 1.0
"""Seconds that a camera has to close."""


class CameraController:
    """``open`` and ``shut`` as often as one likes; counts go on over all of it."""

    def __init__(
        self, open_camera: Callable[[threading.Event], Source], patient: bool, opened: Callable[[], None]
    ) -> None:
        """open_camera: is given what is set when the camera is to close. patient, opened: see ``CaptureThread``."""
        self._open_camera = open_camera
        self._patient = patient
        self._opened = opened
        self._closing = threading.Event()
        self._slot: Latest[Frame] = Latest()
        self._watch: CaptureThread | None = None
        self._failures = 0
        self._dropped = 0

    def open(self) -> None:
        """Begins to look for the camera, unless that was begun already."""
        if self._watch:
            return
        closing = self._closing = threading.Event()
        self._slot = Latest()
        self._watch = CaptureThread(
            lambda: self._open_camera(closing), self._slot, closing, self._patient, self._opened
        )
        self._watch.start()

    def shut(self) -> bool:
        """Closes the camera; False as long as it does not let go, though its thread was told to."""
        if not self._watch:
            return True
        self._closing.set()
        self._slot.close()
        # A camera that hangs is left behind: its thread is a daemon and ends with the process.
        self._watch.join(_PATIENCE)
        if self._watch.is_alive():
            return False
        self._failures += self._watch.failures
        self._dropped += self._slot.dropped
        self._watch, self._slot = None, Latest()
        return True

    def take(self, timeout: float) -> Frame | None:
        """The latest frame, waiting up to ``timeout`` s for one."""
        return self._slot.take(timeout)

    @property
    def is_open(self) -> bool:
        """Whether a camera is open, or about to be."""
        return self._watch is not None

    @property
    def is_over(self) -> bool:
        """Whether no more frames will come: a file has ended, or ``error`` says why."""
        # In this order: what it placed last before it ended is still to be taken.
        return self._watch is not None and not self._watch.is_alive() and self._slot.is_empty

    @property
    def error(self) -> BaseException | None:
        """What ended it."""
        return self._watch.error if self._watch else None

    @property
    def resting(self) -> bool:
        """Between two tries to open the camera."""
        return self._watch is not None and self._watch.resting

    @property
    def state(self) -> str:
        """What the camera's thread says, one of ``edge.wire.STATES``."""
        return self._watch.state if self._watch else "starting"

    @property
    def source(self) -> str:
        """One of ``edge.wire.SOURCES``."""
        return self._watch.source if self._watch else "none"

    @property
    def failures(self) -> int:
        """How often a camera failed, or was not found."""
        return self._failures + (self._watch.failures if self._watch else 0)

    @property
    def dropped(self) -> int:
        """Frames that were replaced before anybody took them."""
        return self._dropped + self._slot.dropped
