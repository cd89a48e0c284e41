"""The thread that opens the camera, passes on its frames, and opens it again when it fails."""

import logging
import threading
from collections.abc import Callable

from edge.errors import BadInput, PosenetEdgeError
from edge.runtime.backoff import Backoff
from edge.sense.camera.base import Frame, Source
from edge.sense.capture.latest import Latest

log = logging.getLogger(__name__)


class CaptureThread(threading.Thread):
    """Fills ``slot`` with frames until ``stopping`` is set or the source ends.

    Before the first frame any error is final (``error`` holds it), unless ``patient``. After it, a camera that
    fails or is missing is counted in ``failures`` and opened again with growing delays. A broken file is always final.
    """

    def __init__(
        self,
        open_camera: Callable[[], Source],
        slot: Latest[Frame],
        stopping: threading.Event,
        patient: bool,
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare the thread.

        Args:
            open_camera: Makes the source.
            slot: Receives the frames.
            stopping: Ends the thread.
            patient: Try again also where there has been no frame yet.
            opened: Called each time that the camera is open, before its first frame.
        """
        # A daemon, because a camera driver can hang for ever and the process must end all the same.
        super().__init__(name="camera", daemon=True)
        self._open_camera = open_camera
        self._slot = slot
        self._stopping = stopping
        self._patient = patient
        self._opened = opened
        self.source = "none"
        """One of ``edge.wire.SOURCES``."""
        self.state = "starting"
        """One of ``edge.wire.STATES``, as far as this thread can tell."""
        self.failures = 0
        self.error: BaseException | None = None
        self.waiting_to_retry = False
        """True between two tries to open the camera: no frames come, and no call is stuck."""

    def run(self) -> None:
        """Capture; ends with ``state`` ``ended`` or an ``error``."""
        try:
            self._capture()
        except BaseException as error:
            self.error = error
        finally:
            self._slot.close()

    def _capture(self) -> None:
        backoff = Backoff(first=0.5, longest=30.0)
        while not self._stopping.is_set():
            try:
                with self._open_camera() as camera:
                    self.source = camera.kind
                    self._opened()
                    for frame in camera.frames():
                        self._deliver(frame, camera.lossless)
                        backoff.reset()
                self.state = "ended"
                return
            except BadInput:
                raise
            except PosenetEdgeError as error:
                if not self._patient:
                    raise
                if self.state != "no_camera":
                    log.warning("%s; looking again until it works", error)
                self.state = "no_camera"
                self.failures += 1
            self.waiting_to_retry = True
            backoff.wait(self._stopping)
            self.waiting_to_retry = False

    def _deliver(self, frame: Frame, lossless: bool) -> None:
        if self.state != "running":
            log.info("frames of %dx%d from %s", frame.width, frame.height, self.source)
        # From here on the camera is known to exist: its loss is a failure to recover from, no mistake in the settings.
        self._patient = True
        self.state = "running"
        if lossless:
            self._slot.put_patiently(frame)
        else:
            self._slot.put(frame)
