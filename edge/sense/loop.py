"""Main loop of ``sense``: open the camera while that is allowed, and send one line for each of its frames."""

import logging
import time

from edge import wire
from edge.errors import RESTART, CameraFailed, Told
from edge.runtime.service import Service
from edge.sense.camera import open_camera
from edge.sense.camera.base import Frame
from edge.sense.camera_controller import CameraController
from edge.sense.descriptors import why_exhausted
from edge.sense.duty.model_control import ModelControl
from edge.sense.duty.rate_control import LEAST_RATE, RateControl, Readings
from edge.sense.inference.models import KEPT_RATE, Models, period
from edge.sense.line_sender import LineSender
from edge.sense.pose_pipeline import Looking, PosePipeline
from edge.sense.processor import is_throttled
from edge.sense.sandbox.seal_monitor import SealMonitor
from edge.sense.stage_timer import StageTimer
from edge.sense.status_reporter import StatusReporter

log = logging.getLogger(__name__)

_SHUT_WAIT_S = 0.02
"""Interval between two checks whether the camera may be opened, s."""
_FRAME_WAIT_S = 0.25
"""Maximum wait for a frame, so that a stop is noticed soon, s."""


class Sense:
    """The service ``sense``: ``run()`` works until ``stopping`` is set or the source is at its end."""

    def __init__(self, service: Service, line_sender: LineSender, seal: SealMonitor) -> None:
        """Load the model, or with ``model.file = "auto"`` choose one by a trial of some seconds.

        Raises:
            BadModel: The model file cannot be used.
            Unavailable: There is no TensorFlow Lite runtime.
        """
        settings, self._stopping, self._notifier, self._reload = service
        self._line_sender = line_sender
        self._seal = seal
        self._require_seal = settings.camera.require_seal
        self._word = ""
        """The last word from ``report``; the camera is never opened before the first."""
        timer = StageTimer()
        self._models = models = Models(settings)
        self._pipeline = PosePipeline(settings, models.model, timer)
        self._camera = CameraController(
            lambda closing: open_camera(settings, models.largest, closing), settings.camera.wait, seal.camera_opened
        )
        self._reporter = StatusReporter(line_sender, self._notifier, seal, self._camera, timer, settings.people)
        self._rate = RateControl(settings.duty, settings.camera.frame_rate)
        pixels = [file.pixels for file in models.files]
        longest = period(settings.camera.frame_rate)
        self._control = ModelControl(settings.duty, pixels, models.index, models.look, models.most, longest)
        if models.look is not None:
            log.info("model auto: %s runs (%s)", models.file.path.stem, self._control.reason)
        self._max_frame_gap_s = max(settings.camera.timeout, 3 / settings.camera.frame_rate)
        self._sequence = 0
        self._last_frame_at = time.monotonic()

    def run(self) -> None:
        """Process frames until told to stop; re-raises the error that ended the camera's thread.

        Raises:
            Told: ``report`` asked for a restart.
        """
        # Report readiness first: a service waiting for its camera counts as started.
        self._notifier.ready()
        try:
            while not self._stopping.is_set() and self._step():
                if self._reload.wanted():
                    settings = self._reload.settings()
                    self._pipeline.reconfigure(settings)
                    self._reporter.people = settings.people
                    self._rate.settings = self._control.settings = settings.duty
        finally:
            error = self._camera.error
            if not error:  # with one, it may have to wait until somebody mends that
                self._notifier.stopping()
            self._reporter.report(self._state(), self._looking)
            self._camera.shut()
        if error:
            raise error

    def _step(self) -> bool:
        """Process one frame, or wait briefly for one; False if no more will come."""
        self._seal.look()
        self._word = self._line_sender.listen()
        if self._word == wire.RESTART:
            log.warning("starting again, as command/restart asked")
            raise Told(RESTART)
        if self._word != wire.RESUME or self._refused:
            return self._stay_shut()
        if not self._camera.is_open:
            self._last_frame_at = time.monotonic()
            self._camera.open()
        frame = self._camera.take(_FRAME_WAIT_S)
        # Opening the camera makes a seal test due; it must pass before the first frame is processed.
        self._seal.look()
        if self._refused:
            return self._stay_shut()
        if frame:
            if self._rate.admits(frame.captured_at):
                self._process(frame)
            self._last_frame_at = time.monotonic()
        # Only progress feeds the watchdog: never a camera or a model that is stuck in a call.
        if frame or self._camera.waiting_to_retry:
            self._notifier.alive()
        if self._camera.waiting_to_retry and (reason := self._seal.confinement.why_outdated() or why_exhausted()):
            raise CameraFailed(f"{reason}; restarting")
        self._report()
        return frame is not None or not self._camera.is_over

    def _stay_shut(self) -> bool:
        """Close the camera if open, then wait briefly; always True: the loop goes on."""
        if self._refused and self._camera.is_open:
            raise CameraFailed(f"no longer sealed ({', '.join(self._seal.breaches)}); the camera is shut")
        # If the driver does not return, neither feed the watchdog nor report `paused`; systemd kills the process.
        if self._camera.shut():
            self._notifier.alive()
        self._report()
        self._stopping.wait(_SHUT_WAIT_S)
        return True

    @property
    def _refused(self) -> bool:
        """True if the camera must be shut because the process is not sealed."""
        return self._require_seal and bool(self._seal.breaches)

    def _process(self, frame: Frame) -> None:
        persons = self._pipeline.find_persons(frame)
        self._reporter.observe(frame, persons, self._pipeline.found, self._pipeline.spec)
        line = wire.FrameLine(self._sequence, frame.captured_at, frame.time, frame.width, frame.height, persons)
        self._sequence += 1
        self._line_sender.send(wire.encode(line))

    def _report(self) -> None:
        """Report if that is due, and adapt rate and model to what the report says of the machine."""
        line = self._reporter.report_if_due(self._state(), self._looking)
        if line is None:
            return
        looking, now = self._pipeline.looking, line.monotonic
        is_spent = looking.choice == "camera" or self._control.spares_frames(now)
        readings = Readings(line.temperature, is_throttled(), line.latency_ms / 1000)
        trouble = self._rate.judge(readings, now, LEAST_RATE if is_spent else KEPT_RATE)
        look = (line.fit_ms + line.invoke_ms + line.decode_ms) / 1000
        # In an empty room a processor slows down, as it has hardly anything to do: that tells nothing of the model.
        self._control.judge(look if looking.duty == "full" and look else None, trouble, self._rate.is_well, now)
        if self._control.index != self._models.index:
            self._pipeline.use(self._models.use(self._control.index))
            log.warning("model auto: %s runs from now on (%s)", self._models.file.path.stem, self._control.reason)

    @property
    def _looking(self) -> Looking:
        looking, rate = self._pipeline.looking, self._rate
        if looking.choice == "set":
            looking = looking._replace(choice=self._control.reason)
        if rate.reason:
            looking = looking._replace(duty=rate.reason, rate=min(looking.rate, rate.rate))
        return looking._replace(spared=looking.spared + rate.refused)

    def _state(self) -> str:
        """Return the state to report, one of ``edge.wire.STATES``."""
        if not self._camera.is_open and self._refused:
            return "refused"
        if not self._camera.is_open and self._word == wire.PAUSE:
            return "paused"
        if self._camera.state == "running" and time.monotonic() - self._last_frame_at > self._max_frame_gap_s:
            return "no_frames"
        return self._camera.state
