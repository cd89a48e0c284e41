"""What hips, arms and legs do, as repetitions: one where a limb has gone and come back."""

from collections import deque
from collections.abc import Callable, Iterator
from statistics import median, median_high
from typing import NamedTuple

from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.signal.time_window import TimeWindow
from edge.report.analytics.signal.turning_points import TurningPoints

_HIPS = 0.09
"""Body heights by which the hips come nearer to the feet in a squat: 0.2 in the scene; 0.05 in a walk."""
_STANDING = 0.3
"""Body heights that the hips are above the feet before a squat at least: 0.49 (Winter), in a frame 0.41 where seen from
above, less what a model errs. Of who lies on the floor they seem to be at 0.2, and go up and down with the noise."""
_ARMS = 0.1
"""Body heights that both elbows rise: upper arms (0.186, Winter) raised to 62 degrees. Of who speaks with the hands
(the scene ``tv``) they rise 0.02."""
_APART = 0.06
"""Body heights by which the ankles are further apart while the arms are up than while they are down: 0.14 to 0.21 in
the scene ``jumping-jacks``, 0.08 to 0.23 with noise, which makes up to 0.02 in ``arm-raises``."""
_DIPPED = 0.04
"""Body heights by which the hips are lower while the arms are up: who squats stretches the arms forward for balance.
With noise it is 0.07 and more in the scene ``squats``, and 0.03 in ``jumping-jacks``."""
_SHORTEST = 0.3
"""Seconds that the hips are down in a squat at least; only hips that were found in a wrong place come up sooner."""
_LONGEST = 8.0
"""Seconds that two repetitions with the arms are looked back on at most."""


class Sample(NamedTuple):
    """How far the limbs were at one time, in body heights; None where they weren't seen."""

    arms: float
    legs: float | None
    hips: float | None


class LimbCycles:
    """The limbs of one person."""

    def __init__(self) -> None:
        self._hips, self._arms, self._legs = _Steady(), _Steady(), _Steady()
        self._dips, self._raises = TurningPoints(_HIPS), TurningPoints(_ARMS)
        self._top = (0.0, False)
        self._down_at = 0.0
        self._samples: TimeWindow[Sample] = TimeWindow(_LONGEST)
        self._raised_since = float("-inf")

    def update(self, body: Body, now: float) -> Iterator[str]:
        """The name of each exercise of which a repetition was completed."""
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
        """Whether the hips have come up again, of somebody who stood when they were highest before."""
        turn = self._dips.update(hips, now)
        top, stood = self._top
        self._top = (hips, stands) if turn == 1 else max(self._top, (hips, stands))
        if turn == -1:
            self._down_at = now
        return turn == 1 and stood and top > _STANDING and now - self._down_at >= _SHORTEST

    def _raised(self, sample: Sample, now: float) -> Iterator[str]:
        """What it was that the arms were raised and lowered for, as the last two times tell together."""
        self._samples.add(sample, now)
        if self._raises.update(sample.arms, now) == -1:
            since, self._raised_since = self._raised_since, self._raises.since
            samples = [each for time, each in self._samples if time >= since]
            if not _differs(samples, lambda each: each.hips, -_DIPPED):
                yield "jumping_jacks" if _differs(samples, lambda each: each.legs, _APART) else "arm_raises"


def _differs(looks: list[Sample], limb: Callable[[Sample], float | None], least: float) -> bool:
    """Whether a limb is further by ``least`` (lower, where that is negative) while the arms are up than while down."""
    middle = (max(look.arms for look in looks) + min(look.arms for look in looks)) / 2
    up = [value for look in looks if look.arms > middle and (value := limb(look)) is not None]
    down = [value for look in looks if look.arms <= middle and (value := limb(look)) is not None]
    return bool(up and down) and (median(up) - median(down)) / least >= 1


class _Steady:
    """The median of the last three values, because a joint is now and then elsewhere for one frame."""

    def __init__(self) -> None:
        self._raw: deque[float] = deque(maxlen=3)

    def update(self, value: float | None) -> float | None:
        """None where there is no new one."""
        if value is None:
            return None
        self._raw.append(value)
        return median_high(self._raw)


def _hips(body: Body, tall: float) -> float | None:
    """Of the hips above the feet."""
    return (body.feet.y - body.hips.y) / tall if body.feet and body.hips else None


def _arms(body: Body, tall: float) -> float | None:
    """Of the lower elbow above its shoulder; both must be seen, because who waves raises only one."""
    rises = [(shoulder.y - elbow.y) / tall for shoulder, elbow, _ in map(body.arm, SIDES) if shoulder and elbow]
    return min(rises) if len(rises) == len(SIDES) else None


def _legs(body: Body, tall: float) -> float | None:
    """From the right ankle to the left."""
    left, right = body.point("leftAnkle"), body.point("rightAnkle")
    return abs(left.x - right.x) / tall if left and right else None
