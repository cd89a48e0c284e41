"""Report how the service is: a status line to ``report`` every few seconds, and the line for ``systemctl status``."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from edge import wire
from edge.pose import Person
from edge.runtime.sd_notify import Notifier
from edge.runtime.status_text import SenseStatus
from edge.sense.camera.base import Frame
from edge.sense.camera_controller import CameraController
from edge.sense.line_sender import LineSender
from edge.sense.measure_image import ImageSampler
from edge.sense.pose_pipeline import Looking
from edge.sense.sandbox.seal_monitor import SealMonitor
from edge.sense.stage_timer import StageTimer, temperature

_INTERVAL_S = 2.0
"""Between two status lines; a change of state is reported at once."""


@dataclass
class StatusReporter:
    """``observe`` each frame, and ``report_if_due`` as often as possible."""

    line_sender: LineSender
    notifier: Notifier
    seal: SealMonitor
    camera: CameraController
    timer: StageTimer

    def __post_init__(self) -> None:
        self._image = ImageSampler()
        self._people = 0
        self._started_at = time.monotonic()
        self._reported_at = -math.inf
        self._reported = ""

    def observe(self, frame: Frame, persons: Sequence[Person]) -> None:
        """Take in a frame and the persons that were found in it."""
        self._image.sample(frame, persons)
        self._people = len(persons)
        self.timer.finish(frame.captured_at)

    def report_if_due(self, state: str, looking: Looking) -> None:
        """Report if the state changed or the last report is long enough ago; arguments as for ``report``."""
        if state != self._reported or time.monotonic() - self._reported_at >= _INTERVAL_S:
            self.report(state, looking)

    def report(self, state: str, looking: Looking) -> None:
        """Report now.

        Args:
            state: One of ``edge.wire.STATES``.
            looking: Which model is in use, and how often it looked where.
        """
        now = time.monotonic()
        self._reported, self._reported_at = state, now
        if state != "running":
            self._image.reset()
        spec, quality = looking.model, self._image.quality
        line = wire.StatusLine(
            monotonic=now,
            time=time.time(),
            state=state,
            source=self.camera.source,
            model_height=spec.height,
            model_width=spec.width,
            output_stride=spec.output_stride,
            quantization=spec.quantization,
            frames=self.timer.frames,
            frames_dropped=self.camera.dropped,
            lines_dropped=self.line_sender.dropped,
            camera_failures=self.camera.failures,
            breaches=self.seal.breaches,
            brightness=quality and quality.brightness,
            contrast=quality and quality.contrast,
            sharpness=quality and quality.sharpness,
            attention=looking.attention,
            looks_near=looking.near,
            looks_turned=looking.turned,
            looks_zoomed=looking.zoomed,
            temperature=temperature(),
            uptime=now - self._started_at,
            **self.timer.summary(),
        )
        self.line_sender.send(wire.encode(line))
        self.notifier.status(self._status(line).render())

    def _status(self, line: wire.StatusLine) -> SenseStatus:
        if line.state == "running":
            blindness = self._image.blindness(line.monotonic)
            return SenseStatus("running", line.frame_rate, self._people, blindness, breaches=line.breaches)
        barred = self.seal.confinement.barred if line.state == "no_camera" else ()
        return SenseStatus(line.state, barred=barred, breaches=line.breaches)
