"""Descents: people who were upright and whose trunk comes down fast, seen or while they are out of sight."""

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from edge.geometry.trunk import DESCENT_S, FAST_HEIGHTS_PER_S, LEVEL_DEGREES, PATH_S, STEEP_DEGREES, inclination
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.per_person import PerPerson
from edge.runtime.time_window import TimeWindow

_SHORTEST_S, _LONGEST_S = DESCENT_S
_FAST_LEVEL_HEIGHTS_PER_S = 0.5
"""Speed of a fast descent of a trunk that is level by then: it may have turned more than it came down."""
_UNSEEN_HEIGHTS = 0.36
"""Way that the trunk has come down where nobody saw it come down."""
_GAP_S = 0.25
"""Time between two looks above which the way between them was not seen: one frame too few of 5 a second is none."""
_UNSEEN_S = 1.5
"""Longest time out of sight in which such a way is a descent."""
_FALL_S = 0.6
"""Time for which the hips come down in a fall: 0.58 (SD 0.26), Choi, Wakeling and Robinovitch, J Biomech 48 (2015)
911."""
_MIN_SCORE = 0.2
"""Least score of a pose whose trunk is believed."""
_REACH_HEIGHTS = 0.8
"""Greatest distance between the hips of a lost and a new body that may be the same one: in a fall they go down by a leg
(0.53) at most, and to a side by as much."""
_FLOOR_SAMPLES = 10
"""Number of last samples that tell where the floor is under somebody."""


class Trunk(NamedTuple):
    """Shoulders and hips of a body, as they are in the frame."""

    centre: Point
    hips: Point
    inclination: float
    """0 upright, 90 level, 180 head down, degrees."""
    length: float
    """Px."""

    @classmethod
    def of(cls, body: Body) -> "Trunk | None":
        """Measure a body; None unless both shoulders and hips are seen."""
        if not (body.shoulders and body.hips):
            return None
        centre = Point((body.shoulders.x + body.hips.x) / 2, (body.shoulders.y + body.hips.y) / 2)
        return cls(centre, body.hips, inclination(body.shoulders, body.hips), math.dist(body.shoulders, body.hips))

    @property
    def is_steep(self) -> bool:
        """True if the trunk is upright."""
        return self.inclination < STEEP_DEGREES


class Descent(NamedTuple):
    """Somebody who comes down; lengths in px of the frame."""

    person: int
    height: float
    """Of this person standing there."""
    before: Point
    """Middle of the trunk while it was still upright."""
    floor: float
    """y of the floor where the person stood."""
    place: Point
    """The hips now."""
    speed: float
    """Body heights a second; where it was not seen, as if the way had taken as long as a fall takes."""
    lowered: float
    """Way by which the trunk had come down slowly before, body heights: somebody who kneels or squats goes on from
    there."""

    def way(self, trunk: Trunk) -> float:
        """Return by how much a trunk is lower than before the descent, body heights."""
        return (trunk.centre.y - self.before.y) / self.height


class _Sample(NamedTuple):
    trunk: Trunk
    height: float
    floor: float | None


class Descents:
    """Finds the people who are coming down."""

    def __init__(self) -> None:
        self._paths: PerPerson[TimeWindow[_Sample]] = PerPerson(lambda: TimeWindow(PATH_S), PATH_S)

    def update(self, people: Sequence[Body], now: float) -> list[Descent]:
        """Return the descents that go on at ``now`` s; one that lasts is returned by several frames."""
        found = []
        for body, path in self._paths.see(people, now):
            trunk = Trunk.of(body)
            if trunk is None or not body.standing_height or body.score < _MIN_SCORE:
                continue
            if not path:
                path.samples.extend(self._past(trunk.hips, {each.id for each in people}, now))
            earlier = list(path)
            path.add(_Sample(trunk, body.standing_height, body.feet.y if body.feet else None), now)
            if earlier and (descent := _descent(body, trunk, earlier, now)):
                found.append(descent)
        return found

    def _past(self, hips: Point, seen: set[int], now: float) -> Iterable[tuple[float, _Sample]]:
        """Return the path of a person who was just lost there: a body on the floor may get a new id."""
        lost = [
            (distance, number, path)
            for number, path in self._paths.items()
            if number not in seen
            and path
            and path.samples[-1][0] >= now - _UNSEEN_S
            and (last := path.samples[-1][1])
            and (distance := math.dist(last.trunk.hips, hips)) <= _REACH_HEIGHTS * last.height
        ]
        return min(lost, key=lambda each: each[:2])[2] if lost else ()


def _descent(body: Body, trunk: Trunk, path: Sequence[tuple[float, _Sample]], now: float) -> Descent | None:
    """Judge a body by its path so far; None if it does not come down, or was not upright before."""
    steep = [(now - time, sample) for time, sample in path if sample.trunk.is_steep]
    speeds = [(_way(sample, trunk) / age, age, sample) for age, sample in steep if _SHORTEST_S <= age <= _LONGEST_S]
    speed, began, start = max(speeds, key=lambda each: each[0], default=(0.0, 0.0, path[-1][1]))
    lost_at, last = path[-1]
    is_unseen = _GAP_S < now - lost_at <= _UNSEEN_S and not trunk.is_steep
    fast = FAST_HEIGHTS_PER_S if trunk.inclination < LEVEL_DEGREES else _FAST_LEVEL_HEIGHTS_PER_S
    if not steep or not (is_unseen or speed >= fast):
        return None
    # The newest samples belong to the descent itself.
    before = [sample for age, sample in steep if age >= _SHORTEST_S] or [sample for _, sample in steep]
    floors = [sample.floor for sample in before if sample.floor is not None][-_FLOOR_SAMPLES:]
    descent = Descent(
        body.id,
        median(sample.height for sample in before),
        Point(median(sample.trunk.centre.x for sample in before), median(sample.trunk.centre.y for sample in before)),
        median(floors) if floors else max(point.y for point in body.points.values()),
        trunk.hips,
        speed,
        _way(_highest([sample for age, sample in steep if age >= began]), start.trunk),
    )
    if is_unseen and descent.way(trunk) >= _UNSEEN_HEIGHTS:
        return descent._replace(speed=max(speed, _way(last, trunk) / _FALL_S))
    return descent if speed >= fast else None


def _highest(samples: list[_Sample]) -> _Sample:
    """Return the highest trunk, but for a tenth of them: one may be wrong."""
    return sorted(samples, key=lambda sample: sample.trunk.centre.y)[len(samples) // 10]


def _way(sample: _Sample, trunk: Trunk) -> float:
    return (trunk.centre.y - sample.trunk.centre.y) / sample.height
