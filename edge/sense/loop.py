"""Walks each frame through the room: camera, fit, model, decode, track, and out as one line."""

import logging
import time
from collections.abc import Callable

from edge import wire
from edge.errors import CameraFailed
from edge.places import MODELS
from edge.pose import Pose
from edge.sense.camera import open_camera
from edge.sense.camera.frame import Frame
from edge.sense.decode import decode_multi, decode_single
from edge.sense.fit import Letterbox
from edge.sense.guard import Guard
from edge.sense.heads import Heads
from edge.sense.look import look
from edge.sense.model import Model
from edge.sense.modelfile import find_model
from edge.sense.outlet import Outlet
from edge.sense.runtime import choose_threads
from edge.sense.slot import Slot
from edge.sense.tally import Tally, temperature
from edge.sense.track import Tracker
from edge.sense.watch import Watch
from edge.service import Service
from edge.settings import DecodeSettings, Settings
from edge.sight import Sight, blindness

log = logging.getLogger(__name__)

STATUS_EVERY = 2.0
"""Seconds between two status lines, whatever else happens."""
_LOOK_EVERY = 1.0
"""Seconds between two looks at whether the picture is of any use."""
_TURN = 0.25
"""Longest wait for a frame, s, so that a stop is heard soon."""


class Sense:
    """The sensing room: ``run()`` works until ``stopping`` is set or the source is at its end."""

    def __init__(self, service: Service, outlet: Outlet, guard: Guard) -> None:
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
        self._tally = Tally()
        self._slot: Slot[Frame] = Slot()
        shape = (self._model.height, self._model.width)
        self._watch = Watch(
            lambda: open_camera(settings, shape, stopping),
            self._slot,
            stopping,
            patient=settings.camera.wait,
            opened=guard.camera_opened,
        )
        self._sequence = 0
        self._people = 0
        self._sight: Sight | None = None
        self._looked_at = self._started - _LOOK_EVERY
        self._frame_at = self._started
        self._status_at = self._started - STATUS_EVERY
        self._told = ""

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
            self._slot.close()
            # A camera that hangs is left behind: its thread is a daemon and ends with the process.
            if self._watch.is_alive():
                self._watch.join(1.0)
        self._tell_status()
        if self._watch.error:
            raise self._watch.error

    def _take(self, settings: Settings) -> None:
        """Other settings, as far as a reload changes them; who is there stays known."""
        self._decode = make_decoder(settings.decode)
        self._tracker.settings = settings.track

    def _turn(self) -> bool:
        """One frame, or a short wait for it; False when there will be no more."""
        self._guard.look()
        if not self._watch.ident and not self._is_refused():
            self._watch.start()
        frame = self._slot.take(_TURN)
        # Once more, since the camera may have been opened meanwhile: its first picture waits for that test.
        self._guard.look()
        if self._watch.ident and self._is_refused():
            raise CameraFailed(f"no longer sealed ({', '.join(self._guard.breaches)}); the camera is shut")
        if frame:
            self._outlet.send(wire.encode(self._see(frame)))
            self._frame_at = time.monotonic()
        # The watchdog is fed by progress alone: never while the camera or the model is stuck in a call.
        if frame or self._watch.resting or self._is_refused():
            self._notifier.alive()
        if self._watch.resting and self._guard.needs_new_process():
            raise CameraFailed("a camera was plugged in, and this process is shut in without it; starting anew")
        if self._state() != self._told or time.monotonic() - self._status_at >= STATUS_EVERY:
            self._tell_status()
        return frame is not None or self._watch.is_alive() or self._is_refused()

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
            self._sight, self._looked_at = look(frame.pixels), frame.captured_at
        self._people = len(persons)
        self._tally.finish(frame.captured_at)
        height, width = frame.pixels.shape[:2]
        line = wire.FrameLine(self._sequence, frame.captured_at, frame.time, width, height, persons)
        self._sequence += 1
        return line

    def _state(self) -> str:
        """What the camera thread says, unless it may not start, or says ``running`` and nothing came for too long."""
        if not self._watch.ident and self._is_refused():
            return "refused"
        if self._watch.state == "running" and time.monotonic() - self._frame_at > self._silence:
            return "no_frames"
        return self._watch.state

    def _tell_status(self) -> None:
        self._status_at = time.monotonic()
        self._told = self._state()
        if self._told != "running":
            self._sight = None
        line = wire.StatusLine(
            monotonic=self._status_at,
            time=time.time(),
            state=self._told,
            source=self._watch.source,
            model_height=self._model.height,
            model_width=self._model.width,
            output_stride=self._model.output_stride,
            quantization=self._model.quantization,
            frames=self._tally.frames,
            frames_dropped=self._slot.dropped,
            lines_dropped=self._outlet.dropped,
            camera_failures=self._watch.failures,
            breaches=self._guard.breaches,
            **(self._sight._asdict() if self._sight else dict.fromkeys(Sight._fields)),
            temperature=temperature(),
            uptime=self._status_at - self._started,
            **self._tally.summary(),
        )
        self._outlet.send(wire.encode(line))
        self._notifier.status(self._in_words(line))

    def _in_words(self, line: wire.StatusLine) -> str:
        """For ``systemctl status``."""
        sealed = f"not sealed: {', '.join(line.breaches)}" if line.breaches else "sealed"
        people = f"{self._people} {'person' if self._people == 1 else 'people'}"
        blind = f", {why}" if line.sight and (why := blindness(line.sight)) else ""
        state = {
            "running": f"{line.frame_rate:.1f} frames/s, {people}{blind}",
            "no_camera": "no camera, looking for it",
            "no_frames": "the camera gives no frames",
            "refused": "camera refused",
        }.get(line.state, line.state)
        return f"{state}, {sealed}"


def make_decoder(settings: DecodeSettings) -> Callable[[Heads], list[Pose]]:
    """The decoder that the settings ask for."""
    if settings.mode == "single":
        return lambda heads: [decode_single(heads)]
    return lambda heads: decode_multi(heads, settings.max_poses, settings.score_threshold, settings.nms_radius)
