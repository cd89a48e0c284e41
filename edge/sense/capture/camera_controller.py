"""Open and shut the camera: while it is shut none of its devices is open, and its light is off."""

import threading
from collections.abc import Callable

from edge.sense.camera.base import Frame, Source
from edge.sense.capture.capture_thread import CaptureThread
from edge.sense.capture.latest import Latest

_CLOSE_TIMEOUT_S = 1.0
"""For which ``shut`` waits."""


class CameraController:
    """May be opened and shut repeatedly; the counts of failures and dropped frames go on."""

    def __init__(
        self, open_camera: Callable[[threading.Event], Source], patient: bool, opened: Callable[[], None]
    ) -> None:
        """Begin with a camera that is shut.

        Args:
            open_camera: Makes the source; its argument is set when the camera is to close.
            patient: As for ``CaptureThread``.
            opened: As for ``CaptureThread``.
        """
        self._open_camera = open_camera
        self._patient = patient
        self._opened = opened
        self._closing = threading.Event()
        self._slot: Latest[Frame] = Latest()
        self._thread: CaptureThread | None = None
        self._failures = 0
        self._dropped = 0

    def open(self) -> None:
        """Start opening the camera, unless it is open or being opened."""
        if self._thread:
            return
        closing = self._closing = threading.Event()
        self._slot = Latest()
        self._thread = CaptureThread(
            lambda: self._open_camera(closing), self._slot, closing, self._patient, self._opened
        )
        self._thread.start()

    def shut(self) -> bool:
        """Close the camera; False if its driver has not returned within a second."""
        if not self._thread:
            return True
        self._closing.set()
        self._slot.close()
        # A camera that hangs is left behind: its thread is a daemon and ends with the process.
        self._thread.join(_CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            return False
        self._failures += self._thread.failures
        self._dropped += self._slot.dropped
        self._thread, self._slot = None, Latest()
        return True

    def take(self, timeout: float) -> Frame | None:
        """Take the latest frame, waiting up to ``timeout`` s for one."""
        return self._slot.take(timeout)

    @property
    def is_open(self) -> bool:
        """True if a camera is open or being opened."""
        return self._thread is not None

    @property
    def is_over(self) -> bool:
        """True if no more frames will come: a file has ended, or ``error`` says why."""
        # In this order: what it placed last before it ended is still to be taken.
        return self._thread is not None and not self._thread.is_alive() and self._slot.is_empty

    @property
    def error(self) -> BaseException | None:
        """The error that ended the capture thread."""
        return self._thread.error if self._thread else None

    @property
    def waiting_to_retry(self) -> bool:
        """True if the capture thread is between two attempts to open the camera."""
        return self._thread is not None and self._thread.waiting_to_retry

    @property
    def state(self) -> str:
        """State of the capture thread, one of ``edge.wire.STATES``."""
        return self._thread.state if self._thread else "starting"

    @property
    def source(self) -> str:
        """One of ``edge.wire.SOURCES``."""
        return self._thread.source if self._thread else "none"

    @property
    def failures(self) -> int:
        """How often the camera failed or was not found."""
        return self._failures + (self._thread.failures if self._thread else 0)

    @property
    def dropped(self) -> int:
        """Frames that were replaced before they were taken."""
        return self._dropped + self._slot.dropped
