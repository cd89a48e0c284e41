"""Waving: a raised forearm goes to and fro.

Wrong if a raised forearm moves for another reason: cleaning a window, conducting. Not seen: a hand that waves on a
still forearm, since no keypoint is beyond the wrist, and a forearm that waves towards the camera. Unknown for people
who lie.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import setting
from edge.report.analytics.base import SIDE, EventKind, Registration, RuleFact, State
from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.kleene import HoldLast, Truth, any_of
from edge.report.analytics.signal.turning_points import TurningPoints
from edge.report.fields import Entity, Flag


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
        self._turns = TurningPoints(_SWING_HEIGHTS)
        self._times: deque[float] = deque(maxlen=settings.swings)
        self._waved_at = float("-inf")

    def update(self, body: Body, side: str, now: float) -> Truth:
        """Tell whether it waves; None where it isn't seen, or the body's height isn't known."""
        (shoulder, elbow, wrist), tall = body.arm(side), body.standing_height
        if not (shoulder and elbow and wrist and tall):
            return None
        if elbow.y - wrist.y <= _RAISED_HEIGHTS * tall or wrist.y - shoulder.y >= _BELOW_HEIGHTS * tall:
            self._turns = TurningPoints(_SWING_HEIGHTS)
            self._times.clear()
        elif self._turns.update((wrist.x - elbow.x) / tall, now):
            self._times.append(now)
            steps = self._settings.swings - 1
            if len(self._times) > steps and _QUICKEST_S * steps <= now - self._times[0] <= self._settings.within:
                self._waved_at = now
        return now - self._waved_at <= _REST_S


REGISTRATION = Registration(
    section="waving",
    settings=WavingSettings,
    make=lambda context: Waving(context.settings.section(WavingSettings)),
    state={"waving": Flag(help="somebody waves", entity=Entity("binary_sensor", "Waving", {"icon": "mdi:hand-wave"}))},
    events={"waving": EventKind("somebody begins to wave", {"side": SIDE}, is_trigger=True)},
    facts={"waving": RuleFact("waving", of_person=True)},
    needs_frame_rate=True,
)
