"""Movement towards the camera and away from it.

A person who comes nearer grows in the picture, and the feet go down in it. Both must agree, because bending and
turning change the size too, and lying down lifts the feet. Wrong if feet are out of sight while somebody bends for
long. Blind to people who are so far away, or so slow, that little changes.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from statistics import fmean
from typing import NamedTuple

from edge.config.settings import setting
from edge.report.analytics.base import EventKind, Registration, RuleFact, State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.debounce import Debounce
from edge.report.fields import OFF_AT_FIRST, Entity, Words
from edge.runtime.time_window import TimeWindow


@dataclass(frozen=True, slots=True)
class ApproachSettings:
    """Detection of movement towards the camera and away from it."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    growth: float = setting(0.12, low=0.02, high=2.0)
    """Part of its size by which a person must grow or shrink in a second: speed (m/s) by distance (m)."""


_WINDOW_S = 1.5
"""Time over which size and feet are followed. See docs/calibration.md."""
_MIN_SAMPLES = 4
_MIN_SPAN = 0.7
"""Number of samples, and the part of the time that they must span, for a slope to be known."""
_LASTING_S = 0.7
"""Time for which the movement must go on; sitting down and stepping aside are shorter."""
_WALK_PER_S = 0.04
"""Feet that move by less do not walk: body heights a second in the picture, or on the floor the part of the distance a
second. See docs/calibration.md."""


class Approach:
    """``approach`` of the nearest person: ``approaching``, ``receding`` or ``still``."""

    def __init__(self, settings: ApproachSettings, on_floor: bool) -> None:
        self._trends = PerPerson(lambda: _Trend(settings.growth, on_floor))

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``approaching`` and ``receding``, once for each stretch of each person's way."""
        return [Event(way, body.id) for body, trend in self._trends.see(people, now) for way in trend.update(body, now)]

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        nearest = max(self._trends.values(), key=lambda trend: trend.size, default=None)
        return {"approach": nearest.way if nearest else None}


class Sample(NamedTuple):
    """How large one person is at one time."""

    size: float
    """Logarithm of the person's height, px."""
    feet: float | None
    """Distance from the top of the frame, px; where the floor is known, the logarithm of their nearness."""


class _Trend:
    """The way of one person."""

    def __init__(self, growth: float, on_floor: bool) -> None:
        self._growth = growth
        self._on_floor = on_floor
        self._samples: TimeWindow[Sample] = TimeWindow(_WINDOW_S)
        self._ways = {"approaching": Debounce(_LASTING_S, _LASTING_S), "receding": Debounce(_LASTING_S, _LASTING_S)}
        self._going: float | None = None

    def update(self, body: Body, now: float) -> Iterator[str]:
        """Yield the words of the movements that just began."""
        self._samples.drop_old(now)
        if body.upright is False:
            self._samples.samples.clear()
            self._going = 0.0
        else:
            if body.frame_height:
                self._samples.add(Sample(math.log(body.frame_height), self._feet(body)), now)
            slope = self._slope()
            # While samples are gathered again, after somebody bent, nothing else is known than before.
            self._going = self._going if slope is None and self._samples else slope
        if self._going is None:
            return
        for sign, (way, hold) in zip((1, -1), self._ways.items(), strict=True):
            was = hold.value
            hold.update(sign * self._going >= (self._growth / 2 if was else self._growth), now)
            if hold.value and not was:
                yield way

    def _feet(self, body: Body) -> float | None:
        if self._on_floor:
            nearness = body.nearness
            return math.log(nearness) if nearness else None
        return body.feet.y if body.feet else None

    def _slope(self) -> float | None:
        """Return the part by which the person grows in a second, negative if shrinking; None if too little was seen."""
        growth = _slope([(time, size) for time, (size, _) in self._samples])
        feet = _slope([(time, feet) for time, (_, feet) in self._samples if feet is not None])
        if growth is None or feet is None:
            # Without feet, walking cannot be told from moving on the spot: the growth counts by half.
            return growth and growth / 2
        walked = feet if self._on_floor else feet / math.exp(self.size)
        if growth * walked <= 0 or abs(walked) < _WALK_PER_S:
            return 0.0
        return walked if self._on_floor else growth

    @property
    def size(self) -> float:
        """The mean size of late, as a logarithm."""
        return fmean([sample.size for _, sample in self._samples]) if self._samples else 0.0

    @property
    def way(self) -> str | None:
        """The word for the state."""
        if self._going is None:
            return None
        return next((way for way, hold in self._ways.items() if hold.value), "still")


def _slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Fit a straight line by least squares and return its slope; None for too few points."""
    if len(points) < _MIN_SAMPLES or points[-1][0] - points[0][0] < _MIN_SPAN * _WINDOW_S:
        return None
    times, values = zip(*points, strict=True)
    middle = sum(times) / len(times)
    since = [time - middle for time in times]
    slope: float = sum(map(mul, since, values)) / sum(map(mul, since, since))
    return slope


REGISTRATION = Registration(
    section="approach",
    settings=ApproachSettings,
    make=lambda context: Approach(context.settings.section(ApproachSettings), context.floor is not None),
    state={
        "approach": Words(
            allowed=("approaching", "receding", "still"),
            help="which way the nearest person goes",
            entity=Entity("sensor", "Approach", {"icon": "mdi:arrow-expand-horizontal", **OFF_AT_FIRST}),
        )
    },
    events={
        "approaching": EventKind("somebody begins to come nearer"),
        "receding": EventKind("somebody begins to go away"),
    },
    facts={"approach": RuleFact("approach")},
)
