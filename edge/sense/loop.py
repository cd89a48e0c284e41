"""Walks each frame through the room: camera, fit, model, decode, track, and out as one line."""

import logging
import time
from collections.abc import Callable

from edge import wire
from edge.config.settings import DecodeSettings, Settings
from edge.data_files import MODELS
from edge.errors import CameraFailed
from edge.image_quality import LATELY, ImageQuality, blindness, is_sure
from edge.pose import Pose
from edge.runtime.service import Service
from edge.runtime.status_text import SenseStatus
from edge.sense.camera import open_camera
from edge.sense.camera.base import Frame
from edge.sense.capture.camera_controller import CameraController
from edge.sense.decode import decode_multi, decode_single
from edge.sense.inference.heads import Heads
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from edge.sense.inference.tflite_runtime import choose_threads
from edge.sense.line_sender import LineSender
from edge.sense.measure_image import measure_image
from edge.sense.sandbox.seal_monitor import SealMonitor
from edge.sense.stage_timer import StageTimer, temperature
from edge.sense.track import Tracker

log = logging.getLogger(__name__)

STATUS_EVERY = 2.0
"""Seconds between two status lines, whatever else happens."""
_LOOK_EVERY = 1.0
"""Seconds between two looks at whether the picture is of any use."""
_SHUT_TURN = 0.02
"""Seconds between two looks at whether the camera may be opened."""
_TURN = 0.25
"""Longest wait for a frame, s, so that a stop is heard soon."""


class Sense:
    """The sensing room: ``run()`` works until ``stopping`` is set or the source is at its end."""

    def __init__(self, service: Service, outlet: LineSender, guard: SealMonitor) -> None:
        """Loads the model; raises BadModel or Unavailable."""
        settings, stopping, self._notifier, self._reload = service
        self._guard = guard
        self._require_seal = settings.camera.require_seal
        self._outlet = outlet
        self._stopping = stopping
        self._silence = max(settings.camera.timeout, 3 / settings.camera.frame_rate)
        self._started = time.monotonic()
        self._model = Model(find_model(settings.model.file, MODELS), choose_threads(settings.model.threads))
        self._fit = Letterbox(self._model.height, self._model.width, self._model.quantization)
        self._decode = make_decoder(settings.decode)
        self._tracker = Tracker(settings.track)
        self._tally = StageTimer()
        shape = (self._model.height, self._model.width)
        self._shutter = CameraController(
            lambda closing: open_camera(settings, shape, closing), settings.camera.wait, guard.camera_opened
        )
        self._sequence = 0
        self._people = 0
        self._sure_at: float | None = None
        self._sight: ImageQuality | None = None
        self._looked_at = self._started - _LOOK_EVERY
        self._frame_at = self._started
        self._status_at = self._started - STATUS_EVERY
        self._told = ""
        self._word = ""

    def run(self) -> None:
        """Raises the error that ended the camera before its first frame, or that a file ended with."""
        # Before there is a camera: a service that waits for one is up, and says so.
        self._notifier.ready()
        try:
            while not self._stopping.is_set() and self._turn():
                if self._reload.wanted():
                    self._take(self._reload.settings())
        finally:
            self._notifier.stopping()
            self._stopping.set()
            self._tell_status()
            error = self._shutter.error
            self._shutter.shut()
        if error:
            raise error

    def _take(self, settings: Settings) -> None:
        """Other settings, as far as a reload changes them; who is there stays known."""
        self._decode = make_decoder(settings.decode)
        self._tracker.settings = settings.track

    def _turn(self) -> bool:
        """One frame, or a short wait for it; False when there will be no more."""
        self._guard.look()
        self._word = self._outlet.listen()
        if self._word != "resume" or self._is_refused():
            return self._stay_shut()
        if not self._shutter.is_open:
            self._frame_at = time.monotonic()
            self._shutter.open()
        frame = self._shutter.take(_TURN)
        # Once more, since the camera may have been opened meanwhile: its first picture waits for that test.
        self._guard.look()
        if self._is_refused():
            return self._stay_shut()
        if frame:
            self._outlet.send(wire.encode(self._see(frame)))
            self._frame_at = time.monotonic()
        # The watchdog is fed by progress alone: never while the camera or the model is stuck in a call.
        if frame or self._shutter.resting:
            self._notifier.alive()
        if self._shutter.resting and (why := self._guard.why_new_process()):
            raise CameraFailed(f"{why}; starting anew")
        self._tell_if_due()
        return frame is not None or not self._shutter.is_over

    def _stay_shut(self) -> bool:
        """No camera for now: nobody has said that it may be open, or it may not."""
        if self._is_refused() and self._shutter.is_open:
            raise CameraFailed(f"no longer sealed ({', '.join(self._guard.breaches)}); the camera is shut")
        # One that does not let go is no progress, and no pause: the watchdog ends this process then.
        if self._shutter.shut():
            self._notifier.alive()
        self._tell_if_due()
        self._stopping.wait(_SHUT_TURN)
        return True

    def _tell_if_due(self) -> None:
        if self._state() != self._told or time.monotonic() - self._status_at >= STATUS_EVERY:
            self._tell_status()

    def _is_refused(self) -> bool:
        """Whether the camera must be shut because the cell is not."""
        return self._require_seal and bool(self._guard.breaches)

    def _see(self, frame: Frame) -> wire.FrameLine:
        """The persons of one frame, in px of that frame."""
        with self._tally.timed("fit"):
            tensor, undo = self._fit(frame.pixels)
            self._model.set_input(tensor)
        with self._tally.timed("invoke"):
            self._model.invoke()
        with self._tally.timed("decode"):
            poses = [undo(pose) for pose in self._decode(self._model.heads())]
            persons = tuple(self._tracker.update(poses, frame.filmed_at))
        if frame.captured_at - self._looked_at >= _LOOK_EVERY:
            self._sight, self._looked_at = measure_image(frame.pixels), frame.captured_at
        self._people = len(persons)
        if any(is_sure(person.pose) for person in persons):
            self._sure_at = frame.captured_at
        self._tally.finish(frame.captured_at)
        height, width = frame.pixels.shape[:2]
        line = wire.FrameLine(self._sequence, frame.captured_at, frame.time, width, height, persons)
        self._sequence += 1
        return line

    def _state(self) -> str:
        """What the camera thread says, unless it is shut, or says ``running`` and nothing came for too long."""
        if not self._shutter.is_open and self._is_refused():
            return "refused"
        if not self._shutter.is_open and self._word == "pause":
            return "paused"
        if self._shutter.state == "running" and time.monotonic() - self._frame_at > self._silence:
            return "no_frames"
        return self._shutter.state

    def _tell_status(self) -> None:
        self._status_at = time.monotonic()
        self._told = self._state()
        if self._told != "running":
            self._sight = None
        line = wire.StatusLine(
            monotonic=self._status_at,
            time=time.time(),
            state=self._told,
            source=self._shutter.source,
            model_height=self._model.height,
            model_width=self._model.width,
            output_stride=self._model.output_stride,
            quantization=self._model.quantization,
            frames=self._tally.frames,
            frames_dropped=self._shutter.dropped,
            lines_dropped=self._outlet.dropped,
            camera_failures=self._shutter.failures,
            breaches=self._guard.breaches,
            **(self._sight._asdict() if self._sight else dict.fromkeys(ImageQuality._fields)),
            temperature=temperature(),
            uptime=self._status_at - self._started,
            **self._tally.summary(),
        )
        self._outlet.send(wire.encode(line))
        self._notifier.status(self._in_words(line))

    def _in_words(self, line: wire.StatusLine) -> str:
        """For ``systemctl status``."""
        if line.state != "running":
            barred = self._guard.barred if line.state == "no_camera" else ()
            return SenseStatus(line.state, barred=barred, breaches=line.breaches).render()
        sees = self._sure_at is not None and line.monotonic - self._sure_at <= LATELY
        blind = blindness(line.sight) if line.sight and not sees else ""
        return SenseStatus("running", line.frame_rate, self._people, blind, breaches=line.breaches).render()


def make_decoder(settings: DecodeSettings) -> Callable[[Heads], list[Pose]]:
    """The decoder that the settings ask for."""
    if settings.mode == "single":
        return lambda heads: [decode_single(heads)]
    return lambda heads: decode_multi(heads, settings.max_poses, settings.score_threshold, settings.nms_radius)
