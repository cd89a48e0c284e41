"""Amount of movement: 0 if all are still, 1 if somebody moves the whole body as fast as people walk.

Wrong if the model is: keypoints that jump from one chair to another look like movement. Movement below a tenth of a
body height a second (17 cm/s) is not seen, and a hand alone counts little.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from edge.config.settings import setting
from edge.report.analytics.base import Registration, RuleFact, State
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.fields import OFF_AT_FIRST, Entity, Number
from edge.runtime.time_window import TimeWindow


@dataclass(frozen=True, slots=True)
class MovementSettings:
    """Measurement of movement."""

    enabled: bool = setting(True)
    """Switches the detector on."""


_WINDOW_S = 1.0
"""Time over which the median is taken, so that a keypoint that jumps once has not moved."""
_STEP_S = 0.5
"""Shortest time over which a speed is measured."""
_TREMBLE_HEIGHTS_PER_S = 0.1
"""Speed up to which there is no movement. See docs/calibration.md."""
_WALK_HEIGHTS_PER_S = 0.7
"""Speed of walking: 1.2 m/s (Oberg and others, J Rehabil Res Dev 30 (1993) 210)."""
_PARTS = 20
"""Number of steps from 0 to 1, so that the value does not change with every frame."""
_SLACK_PARTS = 0.8
"""Change in steps from which on the value follows, so that it does not alternate between two steps."""


class Movement:
    """``movement`` of the person who moves most, 0..1 in twentieths; 0 if nobody is there."""

    def __init__(self) -> None:
        self._each = PerPerson(_Trail)
        self._said: int | None = None
        self._began: float | None = None

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit nothing."""
        for body, trail in self._each.see(people, now):
            trail.update(body, now)
        self._began = now if self._began is None else self._began
        if now - self._began >= _WINDOW_S:
            moved = _PARTS * max([trail.speed for trail in self._each.values()], default=0.0)
            if self._said is None or abs(moved - self._said) > _SLACK_PARTS:
                self._said = round(moved)
        return []

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"movement": None if self._said is None else self._said / _PARTS}


class _Trail:
    """Late places of one person's keypoints, and their mean ``speed``, 0..1."""

    def __init__(self) -> None:
        self._points: TimeWindow[Mapping[str, Point]] = TimeWindow(_STEP_S, spanning=True)
        self._speeds: TimeWindow[float] = TimeWindow(_WINDOW_S)

    def update(self, body: Body, now: float) -> None:
        if not body.frame_height:
            return
        self._points.add(body.points, now)
        then, before = self._points.samples[0]
        if (passed := now - then) >= _STEP_S:
            self._speeds.add(_mean_speed(before, body.points, body.frame_height * passed), now)
        else:
            self._speeds.drop_old(now)

    @property
    def speed(self) -> float:
        return median(self._speeds.values()) if self._speeds else 0.0


def _mean_speed(before: Mapping[str, Point], after: Mapping[str, Point], unit: float) -> float:
    """Return the mean speed of the keypoints in both, 0..1 each; unit: px that make one body height a second."""
    speeds = [math.dist(before[name], point) / unit for name, point in after.items() if name in before]
    if not speeds:
        return 0.0
    moving = [min(1.0, speed / _WALK_HEIGHTS_PER_S) for speed in speeds if speed > _TREMBLE_HEIGHTS_PER_S]
    return sum(moving) / len(speeds)


REGISTRATION = Registration(
    section="movement",
    settings=MovementSettings,
    make=lambda context: Movement(),
    state={
        "movement": Number(
            low=0,
            high=1,
            step=1 / _PARTS,
            help="how much whoever moves most does",
            entity=Entity("sensor", "Movement", {"icon": "mdi:run", "state_class": "measurement", **OFF_AT_FIRST}),
        )
    },
    facts={"movement": RuleFact("movement")},
)
