"""Somebody waves: a raised forearm goes to and fro.

Wrong where a raised forearm moves for another reason: cleaning a window, conducting. A hand that waves on a still
forearm isn't seen, there is no keypoint beyond the wrist; nor is a forearm that waves towards the camera. Of who lies
it isn't known.
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
    """Whether somebody waves."""

    enabled: bool = setting(True)
    """Whether this is looked for at all."""
    swings: int = setting(4, low=3, high=20)
    """How often a raised forearm must swing to one side or the other ..."""
    within: float = setting(3.0, low=0.5, high=30.0)
    """... within so many seconds."""


_RAISED = 0.05
"""A forearm is raised where the wrist is so many body heights above the elbow (a third of its length) ..."""
_BELOW = 0.08
"""... and at most so many below the shoulder: a forearm raised from a hanging upper arm ends 0.04 below it."""
_SWING = 0.06
"""Body heights that the wrist goes aside at least, against the elbow: a forearm turned by 24 degrees. In the noisy
scenes it trembles by 0.01 (standard deviation); whoever waves swings it by 0.135."""
_QUICKEST = 0.1
"""Seconds a swing at least, on average: to and fro 5 times a second, a little more than anybody waves. Faster is a
model that takes now the one, now the other arm for the right one."""
_REST = 1.2
"""Seconds after the last swing after which it is no longer waving; who goes to and fro every 2 s swings each second."""


class Waving:
    """``waving``: whether anybody waves."""

    def __init__(self, settings: WavingSettings) -> None:
        self._each = PerPerson(lambda: _Arms(settings))

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """``waving`` when somebody begins to, with the side."""
        found = [arms.update(body, now) for body, arms in self._each.see(people, now)]
        return [event for event in found if event]

    @property
    def by_person(self) -> dict[int, State]:
        return {number: {"waving": arms.waving} for number, arms in self._each.items()}

    @property
    def state(self) -> State:
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
        # Who keeps one arm behind the back does not wave where the other is still.
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
        self._turns = TurningPoints(_SWING)
        self._times: deque[float] = deque(maxlen=settings.swings)
        self._waved_at = float("-inf")

    def update(self, body: Body, side: str, now: float) -> Truth:
        """Tell whether it waves; None where it isn't seen, or the body's height isn't known."""
        (shoulder, elbow, wrist), tall = body.arm(side), body.standing_height
        if not (shoulder and elbow and wrist and tall):
            return None
        if elbow.y - wrist.y <= _RAISED * tall or wrist.y - shoulder.y >= _BELOW * tall:
            self._turns = TurningPoints(_SWING)
            self._times.clear()
        elif self._turns.update((wrist.x - elbow.x) / tall, now):
            self._times.append(now)
            steps = self._settings.swings - 1
            if len(self._times) > steps and _QUICKEST * steps <= now - self._times[0] <= self._settings.within:
                self._waved_at = now
        return now - self._waved_at <= _REST


REGISTRATION = Registration(
    section="waving",
    settings=WavingSettings,
    make=lambda context: Waving(context.settings.section(WavingSettings)),
    state={
        "waving": Flag(help="somebody waves", entity=Entity("binary_sensor", "Waving", {"icon": "mdi:hand-wave"})),
    },
    events={"waving": EventKind("somebody begins to wave", {"side": SIDE}, is_trigger=True)},
    facts={"waving": RuleFact("waving", of_person=True)},
    needs_frame_rate=True,
)
