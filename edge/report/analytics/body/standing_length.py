"""The length of a person who stands, by the height of the feet in the picture.

On a level floor, feet at one height in the picture are about equally far away. So a person who is shorter there than
before has not gone further away, but sits, squats or bends, even if all parts of the body look shorter alike.

Wrong for a moment after somebody stepped off a step, or if somebody else appears where a person was lost.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.per_person import PerPerson

_SAMPLES = 48
"""Samples that are remembered, some 10 s of standing, for however long the person sits afterwards: before sitting down,
people stand at the seat."""
_EVERY_S = 0.19
"""Least time between two of them; at 5 frames a second each frame counts."""
_LEAST_SAMPLES = 3
"""Samples from which on a length is known."""
_NEAR_LENGTHS = 0.15
"""Difference between two heights of feet in the picture, in lengths, up to which a sample counts. See
docs/calibration.md."""
_SLOPE = 1.0
"""Growth of the length with the height of the feet: the height of the shoulders, 1.4 m, over that of the camera. It is
0.6 below a camera at 2.3 m and 1.7 before one at 0.8 m, so a sample is wrong by a tenth of a length at most."""
_LONG = 0.75
"""Quantile of the samples that counts: people who walk, or begin to sit down, are shorter than they stand."""
_LOST_S = 30.0
"""Time after which a new person in the place of a lost one is no longer taken for the same."""
_REACH_LENGTHS = 1.0
"""Greatest distance between a lost and a new person who may be the same: somebody who falls gets a new place and often
a new id."""


class StandingSample(NamedTuple):
    """Somebody who stands."""

    feet_y: float
    """Of the ankles, px."""
    length: float
    """Height of the shoulders above them, px."""


class StandingLength:
    """How long one person is who stands."""

    def __init__(self) -> None:
        self.samples: deque[StandingSample] = deque(maxlen=_SAMPLES)
        self.place: Point | None = None
        """Where the person was last seen, px."""
        self._added_at = -math.inf

    def add(self, feet: Point, shoulders: Point, now: float) -> None:
        """Take in one frame in which the person stands."""
        if now - self._added_at >= _EVERY_S:
            self._added_at = now
            self.samples.append(StandingSample(feet.y, feet.y - shoulders.y))

    def at(self, feet_y: float) -> float | None:
        """Return the height of the shoulders above feet at this height, px; None if the person never stood there."""
        lengths = [
            length + _SLOPE * (feet_y - y) for y, length in self.samples if abs(feet_y - y) <= _NEAR_LENGTHS * length
        ]
        lengths.sort()
        return lengths[int(_LONG * len(lengths))] if len(lengths) >= _LEAST_SAMPLES else None

    @property
    def last(self) -> StandingSample | None:
        """The last sample."""
        return self.samples[-1] if self.samples else None


class StandingLengths:
    """A ``StandingLength`` of each person, also if the person was lost and gets a new id."""

    def __init__(self) -> None:
        self._people: PerPerson[StandingLength] = PerPerson(StandingLength, _LOST_S)

    def see(self, people: Sequence[Body], now: float) -> list[StandingLength]:
        """Return what is known of each of these people."""
        seen = {body.id for body in people}
        found = self._people.see(people, now)
        for body, own in found:
            if own.place is None and body.centre:
                own.samples.extend(self._lost(body.centre, seen))
            own.place = body.centre or own.place
        return [own for _, own in found]

    def _lost(self, place: Point, seen: set[int]) -> Iterable[StandingSample]:
        """Return the samples of the nearest person who was lost there; none if nobody was."""
        lost = [
            (distance, number, own.samples)
            for number, own in self._people.items()
            if number not in seen
            and own.last
            and own.place
            and (distance := math.dist(own.place, place)) <= _REACH_LENGTHS * own.last.length
        ]
        return min(lost, key=lambda each: each[:2])[2] if lost else ()
