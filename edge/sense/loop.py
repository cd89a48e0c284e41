"""The loop of ``sense``: open the camera while that is allowed, and turn each of its frames into one line."""

import time

from edge import wire
from edge.errors import CameraFailed
from edge.runtime.service import Service
from edge.sense.camera import open_camera
from edge.sense.camera.base import Frame
from edge.sense.camera_permission import CameraPermission
from edge.sense.capture.camera_controller import CameraController
from edge.sense.line_sender import LineSender
from edge.sense.pose_pipeline import PosePipeline
from edge.sense.sandbox.seal_monitor import SealMonitor
from edge.sense.stage_timer import StageTimer
from edge.sense.status_reporter import StatusReporter

_SHUT_WAIT_S = 0.02
"""Between two checks of whether the camera may be opened."""
_FRAME_WAIT_S = 0.25
"""Longest wait for a frame, so that a stop is noticed soon."""


class Sense:
    """The service ``sense``: ``run()`` works until ``stopping`` is set or the source is at its end."""

    def __init__(self, service: Service, line_sender: LineSender, seal: SealMonitor) -> None:
        """Load the model.

        Raises:
            BadModel: The model file cannot be used.
            Unavailable: There is no TensorFlow Lite runtime.
        """
        settings, self._stopping, self._notifier, self._reload = service
        self._line_sender = line_sender
        self._seal = seal
        self._permission = CameraPermission(line_sender, seal, settings.camera.require_seal)
        timer = StageTimer()
        self._pipeline = PosePipeline(settings, timer)
        shape = (self._pipeline.spec.height, self._pipeline.spec.width)
        self._camera = CameraController(
            lambda closing: open_camera(settings, shape, closing), settings.camera.wait, seal.camera_opened
        )
        self._reporter = StatusReporter(line_sender, self._notifier, seal, self._camera, timer)
        self._longest_silence = max(settings.camera.timeout, 3 / settings.camera.frame_rate)
        self._sequence = 0
        self._frame_at = time.monotonic()

    def run(self) -> None:
        """Sense until told to stop; raises the error that the camera or the file ended with."""
        # Before there is a camera: a service that waits for one is up, and says so.
        self._notifier.ready()
        try:
            while not self._stopping.is_set() and self._step():
                if self._reload.wanted():
                    self._pipeline.reconfigure(self._reload.settings())
        finally:
            self._notifier.stopping()
            self._stopping.set()
            self._reporter.report(self._state(), self._pipeline.spec)
            error = self._camera.error
            self._camera.shut()
        if error:
            raise error

    def _step(self) -> bool:
        """Process one frame, or wait shortly for it; False when there will be no more."""
        self._permission.update()
        if not self._permission.granted:
            return self._stay_shut()
        if not self._camera.is_open:
            self._frame_at = time.monotonic()
            self._camera.open()
        frame = self._camera.take(_FRAME_WAIT_S)
        # Once more, since the camera may have been opened meanwhile: its first picture waits for that test.
        self._permission.update_seal()
        if self._permission.refused:
            return self._stay_shut()
        if frame:
            self._process(frame)
            self._frame_at = time.monotonic()
        # The watchdog is fed by progress alone: never while the camera or the model is stuck in a call.
        if frame or self._camera.resting:
            self._notifier.alive()
        if self._camera.resting and (why := self._seal.why_new_process()):
            raise CameraFailed(f"{why}; starting anew")
        self._reporter.report_if_due(self._state(), self._pipeline.spec)
        return frame is not None or not self._camera.is_over

    def _stay_shut(self) -> bool:
        """Keep the camera shut, or shut it, and wait shortly; always True."""
        if self._permission.refused and self._camera.is_open:
            raise CameraFailed(f"no longer sealed ({', '.join(self._seal.breaches)}); the camera is shut")
        # A camera that does not close is no progress, and no pause: the watchdog ends this process then.
        if self._camera.shut():
            self._notifier.alive()
        self._reporter.report_if_due(self._state(), self._pipeline.spec)
        self._stopping.wait(_SHUT_WAIT_S)
        return True

    def _process(self, frame: Frame) -> None:
        persons = self._pipeline.find_persons(frame)
        self._reporter.observe(frame, persons)
        line = wire.FrameLine(self._sequence, frame.captured_at, frame.time, frame.width, frame.height, persons)
        self._sequence += 1
        self._line_sender.send(wire.encode(line))

    def _state(self) -> str:
        """One of ``edge.wire.STATES``: that of the capture thread, unless the camera is shut or silent for too long."""
        if not self._camera.is_open and self._permission.refused:
            return "refused"
        if not self._camera.is_open and self._permission.paused:
            return "paused"
        if self._camera.state == "running" and time.monotonic() - self._frame_at > self._longest_silence:
            return "no_frames"
        return self._camera.state
