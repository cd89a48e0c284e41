"""Waving: a hand goes to and fro above an elbow that stays.

Wrong if a raised forearm moves for another reason: cleaning a window, conducting. Not seen: a hand that waves on a
still forearm, since no keypoint is beyond the wrist, and a forearm that waves towards the camera, as from the side.
Unknown for people who lie.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import setting
from edge.geometry.anthropometry import FOREARM, UPPER_ARM
from edge.report.analytics.base import SIDE, EventKind, Registration, RuleFact, State, Trigger
from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.kleene import HoldLast, Truth, any_of
from edge.report.analytics.signal.turning_points import TurningPoints
from edge.report.fields import OFF_AT_FIRST, Entity, Flag


@dataclass(frozen=True, slots=True)
class WavingSettings:
    """Detection of waving."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    swings: int = setting(4, low=3, high=20)
    """Number of swings of a raised forearm, to one side or the other, that make waving."""
    within: float = setting(3.0, low=0.5, high=30.0)
    """Seconds within which they must happen."""


_RAISED_HEIGHTS = 0.05
"""Height of the wrist above the elbow of a raised forearm: a third of the forearm's length."""
_BELOW_HEIGHTS = 0.08
"""Height of the shoulder above the wrist of a raised forearm at most: 0.04 if the upper arm hangs."""
_STEEP = math.tan(math.radians(60))
"""Way of the wrist to a side over its height above the elbow, at most: a forearm within 60 degrees of the vertical."""
_STRETCH = 1.35
"""Length of a bone in the picture, in lengths that it can have, at most: the rest is the model's error."""
_STILL = 0.75
"""Way of the elbow, against the shoulder, in ways of the hand, against the elbow, at most; an elbow above the shoulder
may move more, as in waving with the whole arm over the head."""
_SWING_HEIGHTS = 0.06
"""Least way of the wrist to a side, against the elbow: a forearm turned by 24 degrees. See docs/calibration.md."""
_QUICKEST_S = 0.1
"""Shortest mean time of a swing. What is faster is a model that confuses the arms."""
_REST_S = 1.2
"""Time after the last swing at which waving ends; the slowest waving swings once a second."""


class Waving:
    """``waving``: true if anybody waves."""

    def __init__(self, settings: WavingSettings) -> None:
        self._each = PerPerson(lambda: _Arms(settings))

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``waving``, with the side, when somebody begins to wave."""
        found = [arms.update(body, now) for body, arms in self._each.see(people, now)]
        return [event for event in found if event]

    @property
    def by_person(self) -> dict[int, State]:
        """State of each person, by id."""
        return {number: {"waving": arms.waving} for number, arms in self._each.items()}

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"waving": any_of(arms.waving for arms in self._each.values())}


class _Arms:
    """Both arms of one person."""

    def __init__(self, settings: WavingSettings) -> None:
        self._arms = {side: _Arm(settings) for side in SIDES}
        self._waves = {side: HoldLast() for side in SIDES}
        self.waving: Truth = None

    def update(self, body: Body, now: float) -> Event | None:
        waves = {}
        for side, arm in self._arms.items():
            seen = None if body.upright_lately is False else arm.update(body, side, now)
            waves[side] = self._waves[side].update(seen, now)
        before = self.waving
        # If one arm is out of sight and the other is still, the person does not wave.
        known = [wave for wave in waves.values() if wave is not None]
        self.waving = any(known) if known else None
        if before or not self.waving:
            return None
        side = next(side for side in SIDES if waves[side])
        return Event("waving", body.id, confidence=body.score, details={"side": side})


class _Arm:
    """Counts the swings of one forearm."""

    def __init__(self, settings: WavingSettings) -> None:
        self._settings = settings
        self._times: deque[float] = deque(maxlen=settings.swings)
        self._waved_at = float("-inf")
        self._rest()

    def _rest(self) -> None:
        """Forget the swings so far."""
        self._turns = TurningPoints(_SWING_HEIGHTS)
        self._times.clear()
        self._hand, self._elbow_x, self._elbow_y = _Range(), _Range(), _Range()

    def update(self, body: Body, side: str, now: float) -> Truth:
        """Tell whether it waves; None where it isn't seen, or the body's height isn't known."""
        (shoulder, elbow, wrist), tall = body.arm(side), body.standing_height
        if not (shoulder and elbow and wrist and tall):
            return None
        # A joint that is farther away than the bone is long is that of the other arm, or of somebody else.
        if (
            math.dist(elbow, wrist) > _STRETCH * FOREARM * tall
            or math.dist(shoulder, elbow) > _STRETCH * UPPER_ARM * tall
        ):
            return None
        across, up = (wrist.x - elbow.x) / tall, (elbow.y - wrist.y) / tall
        if up <= _RAISED_HEIGHTS or abs(across) > _STEEP * up or wrist.y - shoulder.y >= _BELOW_HEIGHTS * tall:
            self._rest()
            return now - self._waved_at <= _REST_S
        self._hand.add(across)
        self._elbow_x.add((elbow.x - shoulder.x) / tall)
        self._elbow_y.add((shoulder.y - elbow.y) / tall)
        if self._turns.update(across, now):
            self._swing(now)
        return now - self._waved_at <= _REST_S

    def _swing(self, now: float) -> None:
        """Count a swing, unless the elbow moved as the hand did: an arm that strikes or lifts."""
        elbow = math.hypot(self._elbow_x.span, self._elbow_y.span)
        if elbow > _STILL * self._hand.span and self._elbow_y.low < 0:
            self._rest()
            return
        self._hand, self._elbow_x, self._elbow_y = _Range(), _Range(), _Range()
        self._times.append(now)
        steps = self._settings.swings - 1
        if len(self._times) > steps and _QUICKEST_S * steps <= now - self._times[0] <= self._settings.within:
            self._waved_at = now


class _Range:
    """Range of the values since it was made."""

    def __init__(self) -> None:
        self.low, self._high = math.inf, -math.inf

    def add(self, value: float) -> None:
        self.low, self._high = min(self.low, value), max(self._high, value)

    @property
    def span(self) -> float:
        return self._high - self.low


REGISTRATION = Registration(
    section="waving",
    settings=WavingSettings,
    make=lambda context: Waving(context.settings.section(WavingSettings)),
    state={
        "waving": Flag(
            help="somebody waves", entity=Entity("binary_sensor", "Waving", {"icon": "mdi:hand-wave", **OFF_AT_FIRST})
        )
    },
    events={"waving": EventKind("somebody begins to wave", {"side": SIDE}, [Trigger("Somebody waves")])},
    facts={"waving": RuleFact("waving", of_person=True)},
    needs_frame_rate=True,
)
