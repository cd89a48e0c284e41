"""Falls: a person comes down fast, is down, and does not get up.

A hint, no medical device. Missed: sliding slowly to the floor, falling behind something, falling with hips or shoulders
out of sight, and bodies on the floor that the model does not find. False: throwing oneself on a low bed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import SECONDS, setting
from edge.report.analytics.base import DURATION, LONGEST_S, EventKind, Registration, RuleFact, State
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.body.descent import Descent, Descents
from edge.report.analytics.detectors.posture import is_level, posture
from edge.report.analytics.event import Event
from edge.report.analytics.signal.debounce import Debounce
from edge.report.fields import Entity, Flag


@dataclass(frozen=True, slots=True)
class FallSettings:
    """Detection of falls."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    confirm: float = setting(5.0, **SECONDS)
    """Seconds for which somebody must be down before it counts as a fall."""
    give_up: float = setting(600.0, **SECONDS)
    """Seconds after which a fall is over where nobody is seen down there any more, and nobody was seen getting up."""


_LANDED_S = 0.1
"""Time for which a body that came down must be seen low: two frames, so that one wrong keypoint is no fall."""
_VIOLENT_HEIGHTS_PER_S = 0.8
"""Speed from which on it is a fall however the body lies; a slower body must lie in most frames. See
docs/calibration.md."""
_CERTAIN_HEIGHTS_PER_S = 1.0
"""Speed that leaves no doubt."""
_REACH_HEIGHTS = 0.6
"""Distance from the place of a fall within which a body on the floor is the same one, and within which the feet of
somebody who got up stand."""
_RAISED_HEIGHTS = 0.5
"""Height of the shoulders above the feet, or above their place on the floor, from which on somebody is up. See
docs/calibration.md."""
_UP_S = 2.0
"""Time upright after which somebody has got up; a person who walks by stands there for less."""
_FLICKER_S = 0.3
"""Time for which a keypoint may be lost without a change."""
_EMPTY_S = 5.0
"""Time at the start after which nobody is there, as ``presence.clear``."""


class Fall:
    """``fall``: true from confirmed until recovered; None until somebody was seen upright, or nobody for a while.

    A body that lies there at the start may have fallen before.
    """

    def __init__(self, settings: FallSettings) -> None:
        self._settings = settings
        self._descents = Descents()
        self._landed: dict[int, float] = {}
        self._downs: list[FallCandidate] = []
        self._known = False
        self._up = _Up()
        self._empty = Debounce(_EMPTY_S, math.inf)

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``fall_suspected``, ``fall_confirmed`` and ``fall_recovered``."""
        self._look_around(people, now)
        events = [event for down in self._downs for event in down.update(people, now, self._settings.confirm)]
        self._downs = [down for down in self._downs if not down.over(now, self._settings.give_up)]
        return events + self._suspect(people, now)

    def _suspect(self, people: Sequence[Body], now: float) -> list[Event]:
        events = []
        descents = self._descents.update(people, now)
        self._landed = {each.person: self._landed.get(each.person, now) for each in descents}
        for descent in descents:
            if now - self._landed[descent.person] >= _LANDED_S and not any(down.is_of(descent) for down in self._downs):
                self._downs.append(FallCandidate(descent, people, now))
                events.append(self._downs[-1].event("fall_suspected", now))
        return events

    def _look_around(self, people: Sequence[Body], now: float) -> None:
        """Find out whether the room is free of people who fell before the detector started."""
        if people and not self._known:
            self._known = self._up.update(
                any(_is_up(body, body.frame_height) for body in people if body.frame_height), now
            )
        self._known = self._empty.update(not people, now) or self._known

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"fall": any(down.confirmed for down in self._downs) or (False if self._known else None)}


class FallCandidate:
    """A person who came down, followed by id, and by place if the id is lost."""

    def __init__(self, descent: Descent, people: Sequence[Body], now: float) -> None:
        self._descent = descent
        self._place = descent.place
        self._person = descent.person
        self._others = {body.id for body in people} - {descent.person}
        """Ids of the bystanders; that they are upright proves nothing."""
        self._since = self._seen = now
        self._looks = self._lying = 1
        self._up = _Up()
        self.confirmed = False

    def is_of(self, descent: Descent) -> bool:
        """Tell whether the descent is this person's."""
        return descent.person == self._person

    def over(self, now: float, give_up: float) -> bool:
        """Tell whether the person got up, or was not seen on the floor for ``give_up`` s."""
        return self._up.certain or now - self._seen > give_up

    def update(self, people: Sequence[Body], now: float, confirm: float) -> list[Event]:
        """Emit ``fall_confirmed`` or ``fall_recovered``."""
        if body := self._find(people):
            up = _is_up(body, self._descent.height, self._place)
            if not up and body.hips:
                self._person, self._place, self._seen = body.id, body.hips, now
                self._looks += 1
                self._lying += posture(body, self._descent.height) == "lying"
            self._up.update(up, now)
        if self._up.certain:
            return [self.event("fall_recovered", now)] if self.confirmed else []
        if self.confirmed or self._up.seen or now - self._since < confirm or not self._is_fall():
            return []
        self.confirmed = True
        return [self.event("fall_confirmed", now)]

    def event(self, kind: str, now: float) -> Event:
        """Make an event, with a confidence from the speed of the descent and the part of frames that show lying."""
        confidence = (min(1.0, self._descent.speed / _CERTAIN_HEIGHTS_PER_S) + self._lying / self._looks) / 2
        details = {"seconds": min(round(now - self._since), LONGEST_S)} if kind == "fall_recovered" else {}
        return Event(kind, self._person, confidence=round(confidence, 2), details=details)

    def _find(self, people: Sequence[Body]) -> Body | None:
        """Find the person: a level body in that place, else the one with the id, else a newcomer who stands there."""
        newcomers = [body for body in people if body.id not in self._others]
        own = [body for body in newcomers if body.id == self._person]
        level = [body for body in newcomers if is_level(body, self._descent.height) and self._reaches(body.hips)]
        there = [body for body in newcomers if self._reaches(body.feet or body.hips)]
        lying = [body for body in level if body.id == self._person] or level
        return next(iter(lying or own or there), None)

    def _reaches(self, point: Point | None) -> bool:
        return point is not None and math.dist(point, self._place) <= _REACH_HEIGHTS * self._descent.height

    def _is_fall(self) -> bool:
        return self._descent.speed >= _VIOLENT_HEIGHTS_PER_S or 2 * self._lying >= self._looks


class _Up:
    """Up at present (``seen``), and for so long that it is ``certain``."""

    def __init__(self) -> None:
        self._steady = Debounce(0.0, _FLICKER_S)
        self._long = Debounce(_UP_S, 0.0)

    def update(self, up: bool, now: float) -> bool:
        """Take in one frame, and tell whether it is certain."""
        self._steady.update(up, now)
        self._long.update(self.seen, now)
        return self.certain

    @property
    def seen(self) -> bool:
        return self._steady.value is True

    @property
    def certain(self) -> bool:
        return self._long.value is True


def _is_up(body: Body, height: float, place: Point | None = None) -> bool:
    """Tell whether the trunk is upright and well above the feet or, if none are seen, above a place on the floor."""
    end = body.feet or place
    if not (body.shoulders and end) or body.rise is None or is_level(body, height):
        return False
    return end.y - body.shoulders.y > _RAISED_HEIGHTS * height


REGISTRATION = Registration(
    section="fall",
    settings=FallSettings,
    make=lambda context: Fall(context.settings.section(FallSettings)),
    state={
        "fall": Flag(
            help="somebody has fallen and has not got up",
            entity=Entity("binary_sensor", "Fall", {"device_class": "safety"}),
        )
    },
    events={
        "fall_suspected": EventKind("somebody came down fast and is down"),
        "fall_confirmed": EventKind("somebody came down fast and is still down after `fall.confirm`", is_trigger=True),
        "fall_recovered": EventKind("somebody who had fallen has got up", {"seconds": DURATION}),
    },
    facts={"fall": RuleFact("fall")},
    needs_frame_rate=True,
)
