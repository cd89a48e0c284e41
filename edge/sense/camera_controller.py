"""Open and shut the camera: while it is shut none of its devices is open, and its light is off."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.errors import BadInput, PosenetEdgeError
from edge.runtime.backoff import Backoff
from edge.sense.camera.base import Frame, Source
from edge.sense.camera.damage import DamageCount
from edge.sense.latest import Latest

log = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 1.0
"""For which ``shut`` waits."""


@dataclass
class CameraController:
    """May be opened and shut repeatedly; a thread of its own opens the camera and passes on its frames.

    Before the first frame any error is final (``error`` holds it), unless ``patient``. After it, a camera that fails or
    is missing is counted in ``failures`` and opened again with growing delays. A broken file is always final.

    Attributes:
        open_camera: Makes the source; its argument is set when the camera is to close.
        patient: Try again also where there has been no frame yet.
        opened: Called each time that the camera is open, before its first frame.
        backoff: Delays between two attempts to open it.
    """

    open_camera: Callable[[threading.Event], Source]
    patient: bool
    opened: Callable[[], None] = lambda: None
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.5, longest=30.0))

    def __post_init__(self) -> None:
        self._closing = threading.Event()
        self._slot: Latest[Frame] = Latest()
        self._thread: threading.Thread | None = None
        self._dropped = 0
        self._damage = 0, DamageCount()
        """Damaged frames of the sources before, and those of the one that is open."""
        self.failures = 0
        """How often the camera failed or was not found."""
        self._forget()

    def _forget(self) -> None:
        self.source = "none"
        """One of ``edge.wire.SOURCES``."""
        self.state = "starting"
        """One of ``edge.wire.STATES``, as far as the camera's thread can tell."""
        self.error: BaseException | None = None
        """The error that ended the thread."""
        self.waiting_to_retry = False
        """True between two tries to open the camera: no frames come, and no call is stuck."""

    def open(self) -> None:
        """Start opening the camera, unless it is open or being opened."""
        if self._thread:
            return
        self._closing, self._slot = threading.Event(), Latest()
        # A daemon, because a camera driver can hang for ever and the process must end all the same.
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def shut(self) -> bool:
        """Close the camera; False if its driver has not returned within a second."""
        if not self._thread:
            return True
        self._closing.set()
        self._slot.close()
        # A camera that hangs is left behind: its thread ends with the process.
        self._thread.join(_CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            return False
        self._dropped = self.dropped
        self._thread, self._slot = None, Latest()
        self._forget()
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
    def dropped(self) -> int:
        """Frames that were replaced before they were taken."""
        return self._dropped + self._slot.dropped

    @property
    def damaged(self) -> int:
        """Frames that were left out because they were damaged."""
        before, now = self._damage
        return before + now.total

    def _run(self) -> None:
        """Capture; ends with ``state`` ``ended`` or an ``error``."""
        try:
            self._capture()
        except BaseException as error:
            self.error = error
        finally:
            self._slot.close()

    def _capture(self) -> None:
        patient = self.patient
        self.backoff.reset()
        while not self._closing.is_set():
            try:
                with self.open_camera(self._closing) as camera:
                    self.source = camera.kind
                    self._damage = self.damaged, camera.damage
                    self.opened()
                    for frame in camera.frames():
                        if self.state != "running":
                            log.info("frames of %dx%d from %s", frame.width, frame.height, self.source)
                        # From here on the camera is known to exist: its loss is a failure to recover from, no mistake
                        # in the settings.
                        patient, self.state = True, "running"
                        self._slot.put(frame, patiently=camera.lossless)
                        self.backoff.reset()
                self.state = "ended"
                return
            except BadInput:
                raise
            except PosenetEdgeError as error:
                if not patient:
                    raise
                if self.state != "no_camera":
                    log.warning("%s; looking again until it works", error)
                self.state = "no_camera"
                self.failures += 1
            self.waiting_to_retry = True
            self.backoff.wait(self._closing)
            self.waiting_to_retry = False
