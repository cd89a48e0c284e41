"""Squats: the hips go down between two feet that stand side by side, and come up again.

The hips also go down when somebody sits down, kneels, lunges or picks something up. How the body is held while the hips
are lowest tells them apart. docs/calibration.md has the evidence for the constants.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple

from edge.geometry.anthropometry import SHOULDER_WIDTH
from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.signal.kleene import Truth
from edge.report.analytics.signal.turning_points import TurningPoints
from edge.runtime.time_window import TimeWindow

SQUAT_HEIGHTS = 0.09
"""Minimum hip travel in a squat, body heights."""
_STANDING_HEIGHTS = 0.3
"""Minimum height of the hips above the feet before a squat, body heights."""
_MIN_DOWN_S = 0.3
"""Minimum time with the hips down, s; hips that come up sooner were found in a wrong place."""
_MAX_SQUAT_S = 8.0
"""Maximum time from standing to standing, s; who stays down longer has sat or knelt down."""
_STOOD_S = 0.5
"""Time before the hips go down over which it is measured how the person stood, s."""
_RISEN = 0.6
"""Part of the way down that the hips must have come up again."""
_LOWEST = 0.25
"""Part of the way down, from the lowest point up, in which the body counts as being at the bottom."""
_STAY_HEIGHTS = 0.35
"""Maximum travel of the feet from standing to the bottom, body heights."""
_LEVEL_HEIGHTS = 0.09
"""Minimum height of the shoulders above the hips, body heights; less is a trunk (0.288) within 18 degrees of level."""
_FLOOR_HEIGHTS = 0.08
"""Minimum height of the lower wrist above the ankles, body heights: fingers that touch the floor are a hand's length,
0.108, below the wrist, and an ankle is 0.039 above the floor."""
_SHANKS_HEIGHTS = 0.1
"""Maximum difference between the heights that the two shanks (0.246) span, body heights: in a lunge one of them is
upright and the other one nearly level, from wherever it is seen."""
_BEHIND_HEIGHTS = 0.1
"""Maximum distance of the ankles in y, body heights: a lunge seen from the front or from behind."""
_BIAS_HEIGHTS = 0.07
"""Change of these two since standing that is taken for none, body heights: a model is off by as much while a leg hides
the other, and feet that stand apart and stay are no lunge."""
_ASTRIDE_HEIGHTS = 0.2
"""Maximum distance of the ankles in x, beyond that of the shoulders, body heights: a lunge seen from the side."""


class _Legs(NamedTuple):
    """The left leg against the right one, body heights."""

    shanks: float
    """Difference of the heights that they span."""
    behind: float
    """Distance of the ankles in y."""
    astride: float
    """Distance of the ankles in x, beyond that of the shoulders."""


class _Sample(NamedTuple):
    """One frame; lengths are in body heights, and None if not seen."""

    hips: float
    """Height above the feet; so the next two."""
    shoulders: float | None
    hand: float | None
    """Of the lower one."""
    feet: tuple[float, float]
    legs: "_Legs | None"
    """None unless both are seen."""
    upright: bool


class SquatDetector:
    """Detects the squats of one person."""

    def __init__(self) -> None:
        self._dips = TurningPoints(SQUAT_HEIGHTS)
        self._samples: TimeWindow[_Sample] = TimeWindow(_MAX_SQUAT_S + _STOOD_S)
        self._down_at = math.inf
        self._start: float | None = None
        """Time at which the hips left their height, once they are rising again, s."""

    def update(self, hip_height: float, body: Body, standing_height: float, now: float) -> bool:
        """Take in one frame.

        Args:
            hip_height: Steadied height of the hips above the feet, body heights.
            body: With hips and feet in sight.
            standing_height: Of the body, px.
            now: Monotonic time, s.

        Returns:
            True if a squat has just ended.
        """
        self._samples.add(_sample(hip_height, body, standing_height), now)
        turn = self._dips.update(hip_height, now)
        if turn == -1:
            self._down_at = now
        elif turn == 1 and self._start is None:
            self._start = self._dips.since
        if self._start is None:
            return False
        start = self._start
        stood = [sample for time, sample in self._samples if start - _STOOD_S <= time <= start]
        dip = [sample for time, sample in self._samples if time > start]
        if not stood or not dip or now - start > _MAX_SQUAT_S:
            self._start = None
            return False
        height, lowest = median(sample.hips for sample in stood), min(sample.hips for sample in dip)
        if height - lowest < SQUAT_HEIGHTS:
            self._start = None
            return False
        if hip_height < lowest + _RISEN * (height - lowest):
            return False
        self._start = None
        bottom = [sample for sample in dip if sample.hips <= lowest + _LOWEST * (height - lowest)]
        return now - self._down_at >= _MIN_DOWN_S and _is_squat(stood, bottom)


def _is_squat(stood: Sequence[_Sample], bottom: Sequence[_Sample]) -> bool:
    """Tell a squat from other ways of going down, by how the person stood and by the bottom of the way."""
    height = median(sample.hips for sample in stood)
    if height <= _STANDING_HEIGHTS or not _most(sample.upright for sample in stood):
        return False
    if _lunges(stood, bottom) is not False:
        return False
    travel = math.dist(
        *(tuple(map(median, zip(*(each.feet for each in part), strict=True))) for part in (stood, bottom))
    )
    hand = _median_of(sample.hand for sample in bottom)
    if travel > _STAY_HEIGHTS or (hand is not None and hand < _FLOOR_HEIGHTS):
        return False
    shoulders = _median_of(sample.shoulders for sample in bottom)
    return shoulders is not None and shoulders - median(sample.hips for sample in bottom) >= _LEVEL_HEIGHTS


def _lunges(stood: Sequence[_Sample], bottom: Sequence[_Sample]) -> Truth:
    """Tell a lunge from two feet side by side; None if both legs were never seen at the bottom."""
    before, after = ([sample.legs for sample in part if sample.legs] for part in (stood, bottom))
    if not after:
        return None
    if median(legs.astride for legs in after) > _ASTRIDE_HEIGHTS:
        return True

    def moves(value_of: Callable[[_Legs], float], threshold: float) -> bool:
        was, now = median(map(value_of, before)) if before else 0.0, median(map(value_of, after))
        return abs(now) > threshold and abs(now - was) > _BIAS_HEIGHTS

    return moves(lambda legs: legs.shanks, _SHANKS_HEIGHTS) or moves(lambda legs: legs.behind, _BEHIND_HEIGHTS)


def _most(truths: Iterable[bool]) -> bool:
    known = list(truths)
    return sum(known) > len(known) / 2


def _median_of(values: Iterable[float | None]) -> float | None:
    """Compute the median of the known values; None of none."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _sample(hip_height: float, body: Body, standing_height: float) -> _Sample:
    feet = body.feet
    assert feet
    wrists = [wrist.y for side in SIDES if (wrist := body.point(f"{side}Wrist"))]
    return _Sample(
        hips=hip_height,
        shoulders=(feet.y - body.shoulders.y) / standing_height if body.shoulders else None,
        hand=(feet.y - max(wrists)) / standing_height if wrists else None,
        feet=(feet.x / standing_height, feet.y / standing_height),
        legs=_legs(body, standing_height),
        upright=body.upright_lately is True,
    )


def _legs(body: Body, standing_height: float) -> _Legs | None:
    (left_knee, left), (right_knee, right) = [(body.point(f"{side}Knee"), body.point(f"{side}Ankle")) for side in SIDES]
    if not (left and right and left_knee and right_knee):
        return None
    one, other = body.point("leftShoulder"), body.point("rightShoulder")
    width = abs(one.x - other.x) if one and other else SHOULDER_WIDTH * standing_height
    return _Legs(
        ((left.y - left_knee.y) - (right.y - right_knee.y)) / standing_height,
        (left.y - right.y) / standing_height,
        (abs(left.x - right.x) - width) / standing_height,
    )
