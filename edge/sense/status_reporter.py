"""Report how the service is: a status line to ``report`` every few seconds, and the line for ``systemctl status``."""

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from edge import wire
from edge.config.settings import PeopleSettings
from edge.pose import Person
from edge.runtime.footprint import resident_memory
from edge.runtime.sd_notify import Notifier
from edge.runtime.status_text import SenseStatus
from edge.sense.camera.base import Frame
from edge.sense.camera_controller import CameraController
from edge.sense.inference.heads import ModelSpec
from edge.sense.line_sender import LineSender
from edge.sense.measure_image import ImageSampler
from edge.sense.pose_pipeline import Looking
from edge.sense.processor import temperature
from edge.sense.sandbox.seal_monitor import SealMonitor
from edge.sense.stage_timer import StageTimer

log = logging.getLogger(__name__)

_INTERVAL_S = 2.0
"""Between two status lines; a change of state is reported at once."""


@dataclass
class StatusReporter:
    """``observe`` each frame, and ``report_if_due`` as often as possible.

    ``people`` says whether blindness is told; a reload may replace it.
    """

    line_sender: LineSender
    notifier: Notifier
    seal: SealMonitor
    camera: CameraController
    timer: StageTimer
    people: PeopleSettings

    def __post_init__(self) -> None:
        self._image = ImageSampler()
        self._persons = 0
        self._found = wire.Found()
        self._started_at = time.monotonic()
        self._reported_at = -math.inf
        self._reported: tuple[str, bool] | None = None
        self._latency = 0.0

    def observe(self, frame: Frame, persons: Sequence[Person], found: wire.Found, spec: ModelSpec) -> None:
        """Take in a frame.

        Args:
            frame: What the camera gave.
            persons: Who was found in it.
            found: Number of sure bodies, by where their heads point.
            spec: Of the model in use.
        """
        self._image.sample(frame, persons, spec)
        self._persons = len(persons)
        self._found = wire.Found(*(min(sum(counts), wire.MAX_FOUND) for counts in zip(self._found, found, strict=True)))
        self.timer.finish(frame.captured_at)

    def report_if_due(self, state: str, looking: Looking) -> wire.StatusLine | None:
        """Report if the last report is long enough ago, or if the state or whether the picture is poor changed.

        Arguments as for ``report``.

        Returns:
            What was reported; None if nothing was.
        """
        if (state, self._image.is_poor) != self._reported or time.monotonic() - self._reported_at >= _INTERVAL_S:
            return self.report(state, looking)
        return None

    def report(self, state: str, looking: Looking) -> wire.StatusLine:
        """Report now.

        Args:
            state: One of ``edge.wire.STATES``; ``running`` becomes ``too_slow`` here.
            looking: Which model is in use, and how often it looked where.

        Returns:
            What was reported.
        """
        now = time.monotonic()
        if state != "running":
            self._image.reset()
        self._reported, self._reported_at = (state, self._image.is_poor), now
        spec, quality = looking.model, self._image.quality
        times = self.timer.summary()
        # Without a frame in this interval, as in the one before.
        self._latency = (times["latency_ms"] / 1000 or self._latency) if state == "running" else 0.0
        if self._latency > wire.TOO_SLOW_S:
            state = "too_slow"
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
            frames_damaged=self.camera.damaged,
            lines_dropped=self.line_sender.dropped,
            camera_failures=self.camera.failures,
            breaches=self.seal.breaches,
            brightness=quality and quality.brightness,
            contrast=quality and quality.contrast,
            sharpness=quality and quality.sharpness,
            found=self._found,
            attention=looking.attention,
            looks_near=looking.near,
            looks_turned=looking.turned,
            looks_zoomed=looking.zoomed,
            duty=looking.duty,
            duty_rate=looking.rate,
            frames_spared=looking.spared,
            temperature=temperature(),
            memory=round(resident_memory(), 1),
            uptime=now - self._started_at,
            **times,
        )
        self._found = wire.Found()
        self.line_sender.send(wire.encode(line))
        text = self._status(line).render()
        self.notifier.status(text)
        log.debug("%s", text)
        return line

    def _status(self, line: wire.StatusLine) -> SenseStatus:
        if line.state in ("running", "too_slow"):
            blindness = self._image.blindness(line.monotonic) if self.people.blindness else ""
            latency = self._latency if line.state == "too_slow" else None
            return SenseStatus(
                line.state, line.frame_rate, self._persons, blindness, breaches=line.breaches, latency=latency
            )
        barred = self.seal.confinement.barred if line.state == "no_camera" else ()
        return SenseStatus(line.state, barred=barred, breaches=line.breaches)
