"""Report how the service is: a status line to ``report`` every few seconds, and the line for ``systemctl status``."""

import time
from collections.abc import Sequence

from edge import wire
from edge.pose import Person
from edge.runtime.sd_notify import Notifier
from edge.runtime.status_text import SenseStatus
from edge.sense.camera.base import Frame
from edge.sense.camera_controller import CameraController
from edge.sense.inference.heads import ModelSpec
from edge.sense.line_sender import LineSender
from edge.sense.measure_image import ImageSampler
from edge.sense.sandbox.seal_monitor import SealMonitor
from edge.sense.stage_timer import StageTimer, temperature

_INTERVAL_S = 2.0
"""Between two status lines; a change of state is reported at once."""


class StatusReporter:
    """``observe`` each frame, and ``report_if_due`` as often as possible."""

    def __init__(
        self,
        line_sender: LineSender,
        notifier: Notifier,
        seal: SealMonitor,
        camera: CameraController,
        timer: StageTimer,
    ) -> None:
        self._line_sender = line_sender
        self._notifier = notifier
        self._seal = seal
        self._camera = camera
        self._timer = timer
        self._image = ImageSampler()
        self._people = 0
        self._started_at = time.monotonic()
        self._reported_at = self._started_at - _INTERVAL_S
        self._reported = ""

    def observe(self, frame: Frame, persons: Sequence[Person]) -> None:
        """Take in a frame and the persons that were found in it."""
        self._image.sample(frame, persons)
        self._people = len(persons)
        self._timer.finish(frame.captured_at)

    def report_if_due(self, state: str, spec: ModelSpec) -> None:
        """Report if the state changed or the last report is long enough ago; arguments as for ``report``."""
        if state != self._reported or time.monotonic() - self._reported_at >= _INTERVAL_S:
            self.report(state, spec)

    def report(self, state: str, spec: ModelSpec) -> None:
        """Report now.

        Args:
            state: One of ``edge.wire.STATES``.
            spec: Of the model in use.
        """
        now = time.monotonic()
        self._reported, self._reported_at = state, now
        if state != "running":
            self._image.reset()
        quality = self._image.quality
        line = wire.StatusLine(
            monotonic=now,
            time=time.time(),
            state=state,
            source=self._camera.source,
            model_height=spec.height,
            model_width=spec.width,
            output_stride=spec.output_stride,
            quantization=spec.quantization,
            frames=self._timer.frames,
            frames_dropped=self._camera.dropped,
            lines_dropped=self._line_sender.dropped,
            camera_failures=self._camera.failures,
            breaches=self._seal.breaches,
            brightness=quality and quality.brightness,
            contrast=quality and quality.contrast,
            sharpness=quality and quality.sharpness,
            temperature=temperature(),
            uptime=now - self._started_at,
            **self._timer.summary(),
        )
        self._line_sender.send(wire.encode(line))
        self._notifier.status(self._status(line).render())

    def _status(self, line: wire.StatusLine) -> SenseStatus:
        if line.state == "running":
            blindness = self._image.blindness(line.monotonic)
            return SenseStatus("running", line.frame_rate, self._people, blindness, breaches=line.breaches)
        barred = self._seal.barred if line.state == "no_camera" else ()
        return SenseStatus(line.state, barred=barred, breaches=line.breaches)
