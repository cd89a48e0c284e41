"""Fast descents of people who were upright: how a fall begins."""

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
"""Time that is looked back on: a whole fall of about a second, and some time upright before it."""
_FALL_S = 0.6
"""Time for which the hips come down in a fall: 0.58 (SD 0.26), Choi, Wakeling and Robinovitch, J Biomech 48 (2015)
911."""
_STEP_S = 0.4
"""Shortest time over which a speed is measured."""
_FAST_HEIGHTS_PER_S = 0.5
"""Speed with which the middle of the trunk comes down. See docs/calibration.md."""
_DEEP_HEIGHTS = 0.2
"""Way by which the hips come down. See docs/calibration.md."""
_LOST_S = 1.5
"""Time after which a body that comes into sight is no longer taken for one that was lost; the tracker waits for
``track.keep``, 1 s."""
_SHOULDERS_TO_FEET = SHOULDERS - ANKLES
_SITS = 0.75
"""Part of the height that is taken at least, so that lying down after sitting on the floor does not seem fast."""
_REACH_HEIGHTS = 0.8
"""Greatest distance between the hips of a lost and a new body that may be the same one: in a fall they go down by a leg
(0.53) at most, and to a side by as much."""


class Descent(NamedTuple):
    """A person who came down: the id, the place of the hips, and the height of this person standing there, px."""

    person: int
    place: Point
    height: float
    speed: float
    """The fastest of it, body heights a second; at least so fast where part of it was not seen."""


class Sample(NamedTuple):
    """A trunk at one time."""

    hips: Point
    trunk: float
    """y of the middle between shoulders and hips, px."""
    height: float
    upright: bool


class Descents:
    """Finds people who are low and level, and were upright and came down fast just before."""

    def __init__(self) -> None:
        self._paths: PerPerson[TimeWindow[Sample]] = PerPerson(lambda: TimeWindow(_WINDOW_S), _WINDOW_S)

    def update(self, people: Sequence[Body], now: float) -> list[Descent]:
        """Return the descents that end now, from who is seen at ``now`` s."""
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
        """Return the path of a person who was just lost there: a body on the floor may get a new id."""
        lost = [
            (distance, number, path)
            for number, path in self._paths.items()
            if number not in seen
            and path
            and path.samples[-1][0] >= now - _LOST_S
            and (distance := math.dist((last := path.samples[-1][1]).hips, hips)) <= _REACH_HEIGHTS * last.height
        ]
        return min(lost, key=lambda each: each[:2])[2] if lost else ()


def _descent(body: Body, path: TimeWindow[Sample]) -> Descent | None:
    """Judge a body at the end of its path; None if it is not level, was not upright before, or came down slowly."""
    heights = [sample.height for _, sample in path.samples]
    if not is_level(body, max(heights)):
        return None
    samples = path.values()
    before = [sample for sample in samples if sample.upright]
    if not before:
        return None
    # A body on the floor looks shorter than it is; the trunk is level as compared with what it was.
    height = median_high(sample.height for sample in before)
    last = samples[-1]
    if (
        not is_low(body, height)
        or last.hips.y - median_high(sample.hips.y for sample in before) < _DEEP_HEIGHTS * height
    ):
        return None
    speed, unseen = _fastest(list(path)) / height, _unseen(path) / height
    return Descent(body.id, last.hips, height, speed) if max(speed, unseen) >= _FAST_HEIGHTS_PER_S else None


def _height(body: Body, height: float) -> float:
    """Return the height of somebody upright, px; rather too small, as errors make the longest of lengths longer."""
    if not (body.shoulders and body.feet):
        return height
    stood = math.dist(body.shoulders, body.feet) / _SHOULDERS_TO_FEET
    return min(height, max(stood, _SITS * height))


def _fastest(samples: list[tuple[float, Sample]]) -> float:
    """Return the greatest speed downwards between samples that are at least ``_STEP_S`` apart, px/s."""
    fastest, start = 0.0, 0
    for time, sample in samples:
        while time - samples[start + 1][0] >= _STEP_S:
            start += 1
        if (passed := time - samples[start][0]) >= _STEP_S:
            fastest = max(fastest, (sample.trunk - samples[start][1].trunk) / passed)
    return fastest


def _unseen(path: Iterable[tuple[float, Sample]]) -> float:
    """Return the greatest speed downwards while out of sight, px/s: a fall takes less time than the gap."""
    gaps = [(after - before, low.trunk - high.trunk) for (before, high), (after, low) in pairwise(path)]
    return max((down / min(passed, _FALL_S) for passed, down in gaps if _STEP_S < passed <= _LOST_S), default=0.0)
