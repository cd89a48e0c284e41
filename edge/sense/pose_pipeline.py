"""From a frame to the persons in it: duty, attention, letterbox, model, decoder, tracker."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from edge import wire
from edge.config.settings import Settings
from edge.image_quality import is_sure
from edge.pose import Person, Pose
from edge.sense.attention.attention import Attention
from edge.sense.attention.budget import Budget
from edge.sense.attention.view import View
from edge.sense.attention.watch import Watch
from edge.sense.camera.base import CameraHeads, Frame
from edge.sense.camera.rotate import Pixels
from edge.sense.decode import make_decoder
from edge.sense.duty.watchman import Watchman
from edge.sense.inference.heads import ModelSpec
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.stage_timer import StageTimer
from edge.sense.track import Tracker

_HEADS = ("upright", "right", "down", "left")
"""Where heads point in the frame that point up in a view, by its quarter turns: fields of ``edge.wire.Found``."""


class Looking(NamedTuple):
    """The model in use, how often it looks, and the looks since start that were not at the whole frame upright."""

    model: ModelSpec
    attention: str = "on"
    """Word of ``edge.wire.ATTENTIONS``."""
    near: int = 0
    """At crops around people."""
    turned: int = 0
    """At the whole frame turned."""
    zoomed: int = 0
    """At the crop around everybody."""
    duty: str = "full"
    """Word of ``edge.wire.DUTIES``."""
    rate: float = 0.0
    """Most frames a second that are looked at."""
    spared: int = 0
    """Frames that were not looked at."""
    choice: str = "set"
    """Word of ``edge.wire.MODEL_CHOICES``."""


class PosePipeline:
    """``find_persons(frame)`` on each frame in turn; heads that the camera delivers need no model here."""

    def __init__(
        self, settings: Settings, model: Model, timer: StageTimer, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Know nobody.

        Args:
            settings: Of decoder, tracker, attention and duty.
            model: May be shared by several pipelines in one thread.
            timer: Of the stages.
            clock: By which the cost of second looks is bounded, s.
        """
        self._timer = timer
        self._clock = clock
        self._model = model
        self._letterbox = Letterbox(model.height, model.width, model.quantization)
        self._decode = make_decoder(settings.decode)
        self._tracker = Tracker(settings.track)
        self._attention = Attention(settings.attention, (model.width, model.height))
        self._budget = Budget(settings.attention)
        self._watchman = Watchman(settings.duty)
        self._frame_rate = settings.camera.frame_rate
        self.spec = model.spec
        """Specification of the model that the last frame went through, here or in the camera."""
        self.found = wire.Found()
        """Sure bodies of the last frame, by where their heads point; turned ones only where nobody is sure upright."""
        self._camera_infers = False
        self._looks: Counter[str] = Counter()

    def reconfigure(self, settings: Settings) -> None:
        """Take over the settings that a reload may change; tracked persons keep their ids."""
        self._decode = make_decoder(settings.decode)
        self._tracker.settings = settings.track
        self._budget.settings = settings.attention
        self._attention.reconfigure(settings.attention)
        self._watchman.settings = settings.duty

    def use(self, model: Model) -> None:
        """Look with another model from now on; tracked persons keep their ids."""
        self._model = model
        self._letterbox = Letterbox(model.height, model.width, model.quantization)
        self._attention.input_size = (model.width, model.height)

    @property
    def looking(self) -> Looking:
        """Model, attention and duty in use, and the number of looks of each kind."""
        attention = "on" if self._budget.settings.looks and not self._camera_infers else "off"
        near, turned, zoomed = (self._looks[where] for where in ("near", "turned", "zoomed"))
        watchman, rate = self._watchman, self._frame_rate
        duty = "off" if self._camera_infers or not watchman.settings.enabled else "idle" if watchman.is_idle else "full"
        if duty == "idle":
            rate = min(rate, watchman.settings.floor_rate)
        choice = "camera" if self._camera_infers else "set"
        return Looking(self.spec, attention, near, turned, zoomed, duty, rate, watchman.spared, choice)

    def find_persons(self, frame: Frame) -> tuple[Person, ...]:
        """Find persons, in px of the frame."""
        content = frame.content
        self._camera_infers = isinstance(content, CameraHeads)
        if not isinstance(content, CameraHeads):
            if self._watchman.wants(content, frame.filmed_at):
                return tuple(self._attend(content, frame.filmed_at))
            # Otherwise the tracker would take who comes next for a person at once, as after a gap.
            self._tracker.skip(frame.filmed_at)
            self.found = wire.Found()
            return ()
        self.spec = content.model
        with self._timer.timed("decode"):
            poses = [content.undo(pose) for pose in self._decode(content.heads)]
        with self._timer.timed("track"):
            persons = tuple(self._tracker.update(poses, frame.filmed_at))
        self.found = _found({"upright": [person.pose for person in persons]})
        return persons

    def _attend(self, pixels: Pixels, now: float) -> list[Person]:
        """Look at a picture as attention wants it: once, and again as often as the budget allows."""
        self.spec = self._model.spec
        self._budget.begin(now)
        begun = self._clock()
        size = (pixels.shape[1], pixels.shape[0])
        view = self._attention.first_view(size, now, self._tracker.is_settled)
        poses = self._look(pixels, view)
        if view.turns:
            self._looks["turned"] += 1
            self._attention.survey(poses, view, now)
            with self._timer.timed("track"):
                persons = self._tracker.update([], now)
        else:
            self._looks["zoomed"] += not view.is_whole(size)
            with self._timer.timed("track"):
                persons = self._tracker.update(poses, now, partial(self._attention.claim, now=now))
            self._attention.see(persons, now)
        self._budget.framed(self._clock() - begun)
        heads = {_HEADS[view.turns]: poses if view.turns else [person.pose for person in persons]}
        while self._budget.allows():
            begun = self._clock()
            look = self._attention.next_look(now)
            if look is None:
                break
            self._looks["near" if look.watch else "turned"] += 1
            shown = self._look(pixels, look.view)
            found = self._attention.take(look, shown, persons, now)
            if look.view.turns:
                own = [found.pose] if found else []
                heads.setdefault(_HEADS[look.view.turns], []).extend(own if look.watch else shown)
            if found:
                persons = self._recover(found.watch, found.pose, persons)
            self._budget.looked(self._clock() - begun)
        self.found = _found(heads)
        somebody = bool(persons) or self._attention.is_watching
        self._watchman.looked(somebody, doubt=self._tracker.track_count > 0, now=now)
        return persons

    def _recover(self, watch: Watch, pose: Pose, persons: list[Person]) -> list[Person]:
        """Take in a body that a second look found, in place of a less sure pose of the same person."""
        own = next((person for person in persons if person.id == watch.person), None)
        if own and own.pose.score >= pose.score:
            return persons
        person = self._tracker.recover(watch.person, pose)
        if person is None:
            return persons
        if watch.person is None:
            watch.admit(person.id)
        return sorted([each for each in persons if each is not own] + [person], key=lambda each: -each.pose.score)

    def _look(self, pixels: Pixels, view: View) -> list[Pose]:
        """Run the model on a view of a picture.

        Returns:
            Poses in px of the picture.
        """
        with self._timer.timed("fit"):
            tensor, undo = self._letterbox(view.cut(pixels))
            self._model.set_input(tensor)
        with self._timer.timed("invoke"):
            self._model.invoke()
        with self._timer.timed("decode"):
            return [view.to_frame(undo(pose)) for pose in self._decode(self._model.heads())]


def _found(heads: dict[str, list[Pose]]) -> wire.Found:
    """Count sure bodies by where their heads point; turned ones are in doubt where somebody is sure upright."""
    counts = {way: sum(is_sure(pose) for pose in poses) for way, poses in heads.items()}
    return wire.Found(upright=counts["upright"]) if counts.get("upright") else wire.Found(**counts)
