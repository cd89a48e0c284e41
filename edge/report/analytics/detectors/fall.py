"""Falls: a person comes down fast, is down, and does not get up.

A hint, no medical device. Who comes down fast is a candidate, of whom every later look is weighed. A fall is confirmed

- by lying: the body was seen to lie, for longer than it was seen to do anything else;
- by absence: nobody comes down like that on purpose, and hardly any look speaks against a fall afterwards. Of bodies
  that lie with the head towards the camera, or curled up, often nothing is found.

Missed: sliding slowly to the floor, falling behind something, falling with hips or shoulders out of sight, and bodies
on the floor that look as if they sat there. False: throwing oneself on a low bed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import SECONDS, setting
from edge.geometry.trunk import FAST_HEIGHTS_PER_S
from edge.report.analytics.base import DURATION, LONGEST_S, EventKind, Registration, RuleFact, State, Trigger
from edge.report.analytics.body.aftermath import Evidence, Look, is_up, look_at
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.body.descent import Descent, Descents, Trunk
from edge.report.analytics.event import Event
from edge.report.analytics.signal.debounce import Debounce
from edge.report.fields import Entity, Flag
from edge.runtime.time_window import TimeWindow


@dataclass(frozen=True, slots=True)
class FallSettings:
    """Detection of falls."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    confirm: float = setting(5.0, **SECONDS)
    """Seconds for which somebody must be down before it counts as a fall."""
    give_up: float = setting(600.0, **SECONDS)
    """Seconds after which a fall is over where nobody is seen down there any more, and nobody was seen getting up."""


_VIOLENT_HEIGHTS_PER_S = 1.0
"""Speed that nobody reaches on purpose. See docs/calibration.md."""
_ONE_DESCENT_S = 1.5
"""Time within which a descent goes on; a later one is another."""
_STOOPED_HEIGHTS = 0.22
"""Way by which a trunk has come down slowly that stoops, squats or kneels. See docs/calibration.md."""
_DEEP_HEIGHTS = 0.27
"""Way by which a trunk came down in a fall, as far as it was seen. See docs/calibration.md."""
_LOST_S = 0.5
"""Time without a look after which a body is lost."""
_LOST_WITHIN_S = 0.3
"""Time after the last that was seen of a descent within which a body is lost while it comes down."""
_CROUCHED_S = 0.25
"""Time for which somebody must be seen low and upright who sits or kneels down: in a fall it passes faster."""
_ABSENT_S = 1.0
"""Time after the beginning from which on it is suspicious that nobody is seen."""
_UNLIKELY_S = 0.5
"""Time after which a suspicion is dismissed that has become unlikely."""
_REACH_HEIGHTS = 0.5
"""Distance from the place of a fall within which a body on the floor is the same one, and within which the feet of
somebody who got up stand."""
_AGAIN_S, _AGAIN_LOOKS = 0.25, 3
"""Time, and number of looks, for which somebody is seen up who did not fall after all."""
_AGAIN_AFTER_S, _AGAIN_WINDOW_S = 0.7, 1.0
"""Time after the beginning from which on that counts, and within which half of the looks must show it."""
_UP_S = 2.0
"""Time upright after which somebody who fell has got up; a person who walks by stands there for less."""
_FLICKER_S = 0.3
"""Time for which a keypoint may be lost without a change."""
_UNSEEN_S = 1.0
"""Time without a look after which nothing is known of a person who came down."""
_OPEN_S = 60.0
"""Time after ``fall.confirm`` for which a person who came down may still turn out to have fallen."""
_EMPTY_S = 5.0
"""Time at the start after which nobody is there, as ``presence.clear``."""
_LONGEST_FRAME_S = 0.25
"""Longest time for which one look counts."""


class Fall:
    """``fall``: true from confirmed until recovered; None until somebody was seen upright, or nobody for a while.

    A body that lies there at the start may have fallen before. None also while somebody who came down is lost.
    """

    def __init__(self, settings: FallSettings, sensitivity: str = "normal") -> None:
        self._settings = settings
        self._sensitivity = sensitivity
        self._descents = Descents()
        self._candidates: list[FallCandidate] = []
        self._known = False
        self._up = _Up()
        self._empty = Debounce(_EMPTY_S, math.inf)

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``fall_suspected``, ``fall_dismissed``, ``fall_confirmed`` and ``fall_recovered``."""
        self._look_around(people, now)
        for descent in self._descents.update(people, now):
            candidate = next((each for each in self._candidates if each.is_of(descent)), None)
            if candidate:
                candidate.go_on(descent, now)
            else:
                self._candidates.append(FallCandidate(descent, people, now))
        events = [event for candidate in self._candidates for event in self._ask(candidate, people, now)]
        self._candidates = [each for each in self._candidates if not each.is_over]
        return events

    def _ask(self, candidate: "FallCandidate", people: Sequence[Body], now: float) -> list[Event]:
        was_suspected, was_confirmed = candidate.is_suspected, candidate.is_confirmed
        candidate.update(people, now, self._settings, self._sensitivity)
        if was_confirmed:
            return [candidate.event("fall_recovered", now)] if candidate.has_recovered else []
        kinds = []
        if candidate.is_suspected and not was_suspected:
            kinds.append("fall_suspected")
        if was_suspected and not candidate.is_suspected:
            kinds.append("fall_dismissed")
        if candidate.is_confirmed:
            kinds.append("fall_confirmed")
        return [candidate.event(kind, now) for kind in kinds]

    def _look_around(self, people: Sequence[Body], now: float) -> None:
        """Find out whether the room is free of people who fell before the detector started."""
        if people and not self._known:
            self._known = self._up.update(any(_stands(body) for body in people), now)
        self._known = self._empty.update(not people, now) or self._known

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        if any(each.is_confirmed for each in self._candidates):
            return {"fall": True}
        is_known = self._known and not any(each.is_lost for each in self._candidates)
        return {"fall": False if is_known else None}


class FallCandidate:
    """A person who came down, followed by id, and by place if the id is lost.

    Attributes:
        is_suspected: It is likely that it is a fall.
        is_confirmed: It is one; stays so.
        has_recovered: The person was confirmed to have fallen, and has got up.
        is_over: Nothing comes of it any more.
    """

    def __init__(self, descent: Descent, people: Sequence[Body], now: float) -> None:
        self._person = descent.person
        self._others = {body.id for body in people} - {descent.person}
        """Ids of the bystanders; that they are upright proves nothing."""
        self._begin(descent, now)
        self._up = _Up()
        self._now = now
        self.is_suspected = self.is_confirmed = self.has_recovered = self.is_over = False

    def _begin(self, descent: Descent, now: float) -> None:
        self._descent = descent
        self._began = self._fast_at = self._seen_at = now
        self._place = descent.place
        self._evidence = Evidence()
        self._ups: TimeWindow[bool] = TimeWindow(_AGAIN_WINDOW_S)
        """Whether each look of the last second showed the person up."""
        self._was_up = False
        self._deepest = 0.0
        """Furthest way down that was seen, body heights."""
        self._crouched_s = 0.0
        """Time for which the body was seen low and upright, before it was lost."""
        self._lost_falling = False
        self._likely_at = now

    def is_of(self, descent: Descent) -> bool:
        """Tell whether the descent is this person's, maybe under another id."""
        return descent.person == self._person or self._reaches(descent.place)

    def go_on(self, descent: Descent, now: float) -> None:
        """Take in what is seen later of the descent, or another one.

        Args:
            descent: As far as it is seen now.
            now: Monotonic time, s.
        """
        if now - self._began < _ONE_DESCENT_S:
            self._fast_at = now
            if descent.speed > self._descent.speed:
                self._descent = self._descent._replace(speed=descent.speed)
        elif not self.is_confirmed and (self._was_up or descent.person != self._person):
            # Who goes on from kneeling or sitting does not fall.
            self._person = descent.person
            self._begin(descent, now)

    def update(self, people: Sequence[Body], now: float, settings: FallSettings, sensitivity: str) -> None:
        """Take in a frame.

        Args:
            people: Everybody who is seen.
            now: Monotonic time, s.
            settings: Of the detector.
            sensitivity: ``people.sensitivity``: ``low`` confirms by lying only, ``high`` by absence after any descent.
        """
        passed, self._now = min(now - self._now, _LONGEST_FRAME_S), now
        if body := self._find(people):
            self._see(body, now, passed)
        else:
            self._up.update(False, now)
        self._lost_falling = self._lost_falling or self._is_lost_falling(now)
        if self.is_confirmed:
            self.has_recovered = self._up.is_certain
            self.is_over = self.has_recovered or now - self._seen_at > settings.give_up
        elif self._is_up_again() or now - self._began > settings.confirm + _OPEN_S:
            self.is_suspected, self.is_over = False, True
        else:
            self._judge(now, settings.confirm, sensitivity)

    def _is_lost_falling(self, now: float) -> bool:
        """Tell whether the body is lost while it comes down fast, and did not sit or kneel down before."""
        is_lost = now - self._seen_at >= _LOST_S and self._seen_at - self._fast_at <= _LOST_WITHIN_S
        return is_lost and self._descent.speed >= FAST_HEIGHTS_PER_S and self._crouched_s < _CROUCHED_S

    def _see(self, body: Body, now: float, passed: float) -> None:
        look, age = look_at(body, self._descent), now - self._began
        self._up.update(look is Look.UP, now)
        if age >= _AGAIN_AFTER_S:
            self._ups.add(look is Look.UP, now)
            self._was_up = self._was_up or look is Look.UP
        self._evidence.add(look, age)
        if look in (Look.SITTING, Look.CROUCHING) and not self._lost_falling:
            self._crouched_s += passed
        trunk = Trunk.of(body)
        if trunk:
            self._deepest = max(self._deepest, self._descent.way(trunk))
        if trunk and look is not Look.UP:
            self._person, self._place = body.id, trunk.hips
        if look is not Look.UP:
            self._seen_at = now

    def _judge(self, now: float, confirm: float, sensitivity: str) -> None:
        age = now - self._began
        is_lying = self._evidence.is_lying(age)
        is_absent = sensitivity != "low" and self._is_absent(age, sensitivity == "high")
        if age >= confirm:
            self.is_confirmed = (is_lying or is_absent) and not self._up.is_seen
            is_likely = self.is_confirmed
        else:
            is_likely = self._evidence.is_lying_likely or (is_absent and age >= _ABSENT_S)
        if is_likely:
            self.is_suspected, self._likely_at = True, now
        elif age >= confirm or now - self._likely_at >= _UNLIKELY_S:
            self.is_suspected = False

    def _is_absent(self, age: float, lax: bool) -> bool:
        """Tell whether the body came down as nobody does on purpose, and hardly anything was seen of it since."""
        is_fall = self._descent.speed >= _VIOLENT_HEIGHTS_PER_S or self._lost_falling
        return (
            (lax or (is_fall and self._is_sudden))
            and self._deepest >= _DEEP_HEIGHTS
            and self._evidence.is_unopposed(age)
        )

    def _is_up_again(self) -> bool:
        ups = [time for time, is_up in self._ups if is_up]
        return len(ups) >= max(_AGAIN_LOOKS, len(self._ups) / 2) and ups[-1] - ups[0] >= _AGAIN_S

    @property
    def is_lost(self) -> bool:
        """True if nothing is known of the person; people who leave below the camera come down slowly first."""
        return self._is_sudden and not self.is_confirmed and self._now - self._seen_at >= _UNSEEN_S

    @property
    def _is_sudden(self) -> bool:
        return self._descent.lowered < _STOOPED_HEIGHTS

    def event(self, kind: str, now: float) -> Event:
        """Make an event, with a confidence from the speed of the descent and from how plainly the body lies there."""
        speed = min(1.0, max(0.0, self._descent.speed) / _VIOLENT_HEIGHTS_PER_S)
        confidence = (speed + self._evidence.certainty) / 2
        if kind == "fall_dismissed":
            confidence = 1.0 - confidence
        details = {"seconds": min(round(now - self._began), LONGEST_S)} if kind == "fall_recovered" else {}
        return Event(kind, self._person, confidence=round(confidence, 2), details=details)

    def _find(self, people: Sequence[Body]) -> Body | None:
        """Find the person: a level body in that place, else the one with the id, else a newcomer who stands there."""
        newcomers = [body for body in people if body.id not in self._others]
        own = [body for body in newcomers if body.id == self._person]
        level = [body for body in newcomers if self._lies_there(body)]
        there = [body for body in newcomers if self._reaches(body.feet or body.hips)]
        lying = [body for body in level if body.id == self._person] or level
        return next(iter(lying or own or there), None)

    def _lies_there(self, body: Body) -> bool:
        return self._reaches(body.hips) and look_at(body, self._descent) is Look.LYING

    def _reaches(self, point: Point | None) -> bool:
        return point is not None and math.dist(point, self._place) <= _REACH_HEIGHTS * self._descent.height


class _Up:
    """Up at present (``is_seen``), and for so long that it is certain (``is_certain``)."""

    def __init__(self) -> None:
        self._steady = Debounce(0.0, _FLICKER_S)
        self._long = Debounce(_UP_S, 0.0)

    def update(self, up: bool, now: float) -> bool:
        """Take in one frame, and tell whether it is certain."""
        self._steady.update(up, now)
        self._long.update(self.is_seen, now)
        return self.is_certain

    @property
    def is_seen(self) -> bool:
        return self._steady.value is True

    @property
    def is_certain(self) -> bool:
        return self._long.value is True


def _stands(body: Body) -> bool:
    """Tell whether somebody of whom nothing else is known stands there."""
    trunk = Trunk.of(body)
    return bool(trunk and body.feet and body.frame_height and is_up(body, trunk, body.frame_height, [body.feet.y]))


REGISTRATION = Registration(
    section="fall",
    settings=FallSettings,
    make=lambda context: Fall(context.settings.section(FallSettings), context.settings.people.sensitivity),
    state={
        "fall": Flag(
            help="somebody has fallen and has not got up",
            entity=Entity("binary_sensor", "Fall", {"device_class": "safety"}),
        )
    },
    events={
        "fall_suspected": EventKind(
            "somebody came down fast, and seems to lie there or is not seen any more",
            triggers=[Trigger("Fall suspected")],
        ),
        "fall_dismissed": EventKind(
            "the suspected fall was none: somebody is up, or sits or kneels there", triggers=[Trigger("Fall dismissed")]
        ),
        "fall_confirmed": EventKind(
            "somebody came down fast and is still down after `fall.confirm`", triggers=[Trigger("Fall confirmed")]
        ),
        "fall_recovered": EventKind(
            "somebody who had fallen has got up", {"seconds": DURATION}, [Trigger("Up again after a fall")]
        ),
    },
    facts={"fall": RuleFact("fall")},
    needs_frame_rate=True,
)
