"""Somebody who was upright and came down fast: what a fall looks like before anybody knows how it ends."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median_high
from typing import NamedTuple

from edge.geometry.anthropometry import ANKLES, SHOULDERS
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.detectors.posture import is_level, is_low
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.time_window import TimeWindow

_WINDOW_S = 2.0
"""Seconds that are looked back on: long enough to have somebody upright in it, and all of a fall of about a second."""
_FALL = 0.6
"""Seconds for which the hips come down in a fall: 0.58 (SD 0.26), Choi, Wakeling and Robinovitch, J Biomech 48 (2015)
911."""
_STEP = 0.4
"""Seconds over which a speed is measured at least."""
_FAST = 0.5
"""Body heights a second by which the middle of the trunk comes down. In exact pictures of falls from all sides it is
0.47 (away from a camera that is high up) to 1.5, of going down on a knee to tie a shoe 0.42 at most."""
_DEEP = 0.2
"""Body heights by which the hips come down: in the same falls 0.18 to 0.65, in bending 0.13 at most."""
_LOST = 1.5
"""Seconds after which a body that comes into sight is no longer taken for one that was lost; the tracker waits for
it for ``track.keep``, 1 s."""
_SHOULDERS_TO_FEET = SHOULDERS - ANKLES
_SITS = 0.75
"""Part of the height that is taken at least, lest who lies down after sitting on the floor seem to do so fast."""
_REACH = 0.8
"""Body heights from the hips of the one to those of the other: in a fall they go down by a leg (0.53) at most, and to a
side by as much."""


class Descent(NamedTuple):
    """Who came down, and where the hips are now; height: px of this person standing there."""

    person: int
    place: Point
    height: float
    speed: float
    """The fastest of it, body heights a second; at least so fast where part of it was not seen."""


class Sample(NamedTuple):
    hips: Point
    trunk: float
    """y of the middle between shoulders and hips, px."""
    height: float
    upright: bool


class Descents:
    """``update`` says who is low and level now, and was upright and came down fast just before."""

    def __init__(self) -> None:
        self._paths: PerPerson[TimeWindow[Sample]] = PerPerson(lambda: TimeWindow(_WINDOW_S), _WINDOW_S)

    def update(self, people: Sequence[Body], now: float) -> list[Descent]:
        found = []
        for body, path in self._paths.see(people, now):
            if not (body.hips and body.shoulders and body.frame_height):
                continue
            if not path:
                path.samples.extend(self._past(body.hips, {body.id for body in people}, now))
            middle = (body.hips.y + body.shoulders.y) / 2
            upright = not is_level(body, body.frame_height)
            path.add(Sample(body.hips, middle, _height(body, body.frame_height), upright), now)
            if descent := _descent(body, path):
                found.append(descent)
        return found

    def _past(self, hips: Point, seen: set[int], now: float) -> Iterable[tuple[float, Sample]]:
        """Of who was lost there just now: a body on the floor looks so different that it may get a new id."""
        lost = [
            (distance, number, path)
            for number, path in self._paths.items()
            if number not in seen
            and path
            and path.samples[-1][0] >= now - _LOST
            and (distance := math.dist((last := path.samples[-1][1]).hips, hips)) <= _REACH * last.height
        ]
        return min(lost, key=lambda each: each[:2])[2] if lost else ()


def _descent(body: Body, path: TimeWindow[Sample]) -> Descent | None:
    """Of a body at the end of its path; None where it is not level, was not upright before, or came down slowly."""
    samples = path.values()
    if not is_level(body, max(sample.height for sample in samples)):
        return None
    before = [sample for sample in samples if sample.upright]
    if not before:
        return None
    # A body on the floor looks shorter than it is; the trunk is level as compared with what it was.
    height = median_high(sample.height for sample in before)
    last = samples[-1]
    if not is_low(body, height) or last.hips.y - median_high(sample.hips.y for sample in before) < _DEEP * height:
        return None
    speed, unseen = _fastest(list(path)) / height, _unseen(path) / height
    return Descent(body.id, last.hips, height, speed) if max(speed, unseen) >= _FAST else None


def _height(body: Body, height: float) -> float:
    """Return the height of somebody upright, px; rather too small, as errors make the longest of lengths longer."""
    if not (body.shoulders and body.feet):
        return height
    stood = math.dist(body.shoulders, body.feet) / _SHOULDERS_TO_FEET
    return min(height, max(stood, _SITS * height))


def _fastest(samples: list[tuple[float, Sample]]) -> float:
    """Return the greatest speed downwards between samples that are at least ``_STEP`` apart, px/s."""
    fastest, start = 0.0, 0
    for time, sample in samples:
        while time - samples[start + 1][0] >= _STEP:
            start += 1
        if (passed := time - samples[start][0]) >= _STEP:
            fastest = max(fastest, (sample.trunk - samples[start][1].trunk) / passed)
    return fastest


def _unseen(path: Iterable[tuple[float, Sample]]) -> float:
    """Return the greatest speed downwards while out of sight, px/s: a fall takes less time than the gap."""
    gaps = [(after - before, low.trunk - high.trunk) for (before, high), (after, low) in pairwise(path)]
    return max((down / min(passed, _FALL) for passed, down in gaps if _STEP < passed <= _LOST), default=0.0)
