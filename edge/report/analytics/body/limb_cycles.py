"""Repetitions of hips, arms and legs: a limb goes and comes back."""

from collections import deque
from collections.abc import Callable, Iterator
from statistics import median, median_high
from typing import NamedTuple

from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.signal.time_window import TimeWindow
from edge.report.analytics.signal.turning_points import TurningPoints

_SQUAT_HEIGHTS = 0.09
"""Way of the hips towards the feet in a squat. For the evidence of these constants see docs/calibration.md."""
_STANDING_HEIGHTS = 0.3
"""Least height of the hips above the feet before a squat."""
_RAISE_HEIGHTS = 0.1
"""Way of both elbows upwards."""
_APART_HEIGHTS = 0.06
"""Distance by which the ankles are further apart while the arms are up than while they are down, in jumping jacks."""
_DIPPED_HEIGHTS = 0.04
"""Distance by which the hips are lower while the arms are up, in squats with the arms stretched forward."""
_MIN_SQUAT_S = 0.3
"""Least time with the hips down; only hips that were found in a wrong place come up sooner."""
_MAX_RAISES_S = 8.0
"""Greatest time that two raises of the arms may take together."""


class Sample(NamedTuple):
    """Positions of the limbs at one time, in body heights; None if not seen."""

    arms: float
    legs: float | None
    hips: float | None


class LimbCycles:
    """The limbs of one person."""

    def __init__(self) -> None:
        self._hips, self._arms, self._legs = _Steady(), _Steady(), _Steady()
        self._dips, self._raises = TurningPoints(_SQUAT_HEIGHTS), TurningPoints(_RAISE_HEIGHTS)
        self._top = (0.0, False)
        self._down_at = 0.0
        self._samples: TimeWindow[Sample] = TimeWindow(_MAX_RAISES_S)
        self._raised_since = float("-inf")

    def update(self, body: Body, now: float) -> Iterator[str]:
        """Yield the name of each exercise of which a repetition was completed."""
        tall = body.standing_height
        if not tall:
            return
        hips, arms = self._hips.update(_hips(body, tall)), self._arms.update(_arms(body, tall))
        legs = self._legs.update(_legs(body, tall))
        if hips is not None and self._is_squat(hips, body.upright_lately is True, now):
            yield "squats"
        if arms is not None:
            yield from self._raised(Sample(arms, legs, hips), now)

    def _is_squat(self, hips: float, stands: bool, now: float) -> bool:
        """Tell whether the hips have come up again, of somebody who stood when they were highest before."""
        turn = self._dips.update(hips, now)
        top, stood = self._top
        self._top = (hips, stands) if turn == 1 else max(self._top, (hips, stands))
        if turn == -1:
            self._down_at = now
        return turn == 1 and stood and top > _STANDING_HEIGHTS and now - self._down_at >= _MIN_SQUAT_S

    def _raised(self, sample: Sample, now: float) -> Iterator[str]:
        """Yield the exercise for which the arms were raised and lowered, as the last two times tell together."""
        self._samples.add(sample, now)
        if self._raises.update(sample.arms, now) == -1:
            since, self._raised_since = self._raised_since, self._raises.since
            samples = [each for time, each in self._samples if time >= since]
            if not _differs(samples, lambda each: each.hips, -_DIPPED_HEIGHTS):
                yield "jumping_jacks" if _differs(samples, lambda each: each.legs, _APART_HEIGHTS) else "arm_raises"


def _differs(looks: list[Sample], limb: Callable[[Sample], float | None], least: float) -> bool:
    """Tell whether a limb is further by ``least`` (lower, if negative) while the arms are up than while down."""
    middle = (max(look.arms for look in looks) + min(look.arms for look in looks)) / 2
    up = [value for look in looks if look.arms > middle and (value := limb(look)) is not None]
    down = [value for look in looks if look.arms <= middle and (value := limb(look)) is not None]
    return bool(up and down) and (median(up) - median(down)) / least >= 1


class _Steady:
    """The median of the last three values, because a joint is now and then elsewhere for one frame."""

    def __init__(self) -> None:
        self._raw: deque[float] = deque(maxlen=3)

    def update(self, value: float | None) -> float | None:
        """Take in a value; None if there is no new one."""
        if value is None:
            return None
        self._raw.append(value)
        return median_high(self._raw)


def _hips(body: Body, tall: float) -> float | None:
    """Return the height of the hips above the feet."""
    return (body.feet.y - body.hips.y) / tall if body.feet and body.hips else None


def _arms(body: Body, tall: float) -> float | None:
    """Return the height of the lower elbow above its shoulder; both must be seen, because waving raises only one."""
    rises = [(shoulder.y - elbow.y) / tall for shoulder, elbow, _ in map(body.arm, SIDES) if shoulder and elbow]
    return min(rises) if len(rises) == len(SIDES) else None


def _legs(body: Body, tall: float) -> float | None:
    """Return the distance between the ankles."""
    left, right = body.point("leftAnkle"), body.point("rightAnkle")
    return abs(left.x - right.x) / tall if left and right else None
