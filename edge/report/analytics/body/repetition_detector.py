"""Detect exercise repetitions from periodic limb movement."""

from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import NamedTuple

from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.body.squat import SQUAT_HEIGHTS, SquatDetector
from edge.report.analytics.signal.median_of_three import MedianOfThree
from edge.report.analytics.signal.turning_points import TurningPoints
from edge.runtime.time_window import TimeWindow

_RAISE_HEIGHTS = 0.1
"""Minimum travel of the lower elbow in a raise of both arms, body heights. docs/calibration.md has the evidence for
these constants."""
_LEVEL_HEIGHTS = -0.1
"""Minimum height of the elbows above the shoulders when they are up, body heights: 60 degrees from hanging."""
_APART_HEIGHTS = 0.06
"""Minimum increase of the distance of the ankles while the arms are up, in jumping jacks, body heights."""
_DIPPED_HEIGHTS = 0.04
"""Minimum drop of the hips while the arms are up, in squats with the arms stretched forward, body heights."""
_MAX_RAISES_S = 8.0
"""Maximum duration of two raises of the arms together, s."""


class Sample(NamedTuple):
    """Measures of one frame, in body heights; None if not seen."""

    elbow_height: float
    ankle_distance: float | None
    hip_height: float | None
    hand_height: float | None
    """Height of the lower wrist above its elbow."""


class RepetitionDetector:
    """Detects the repetitions of one person."""

    def __init__(self) -> None:
        self._hip_height, self._elbow_height, self._ankle_distance = (MedianOfThree() for _ in range(3))
        self._squats, self._raises = SquatDetector(), TurningPoints(_RAISE_HEIGHTS)
        self._samples: TimeWindow[Sample] = TimeWindow(_MAX_RAISES_S)
        self._raised_since = float("-inf")

    def update(self, body: Body, now: float) -> Iterator[str]:
        """Yield the name of each exercise of which a repetition was completed."""
        standing_height = body.standing_height
        if not standing_height:
            return
        hip_height = self._hip_height.update(_hip_height(body, standing_height))
        elbow_height = self._elbow_height.update(_elbow_height(body, standing_height))
        ankle_distance = self._ankle_distance.update(_ankle_distance(body, standing_height))
        if hip_height is not None and self._squats.update(hip_height, body, standing_height, now):
            yield "squats"
        if elbow_height is not None:
            hand_height = _hand_height(body, standing_height)
            yield from self._update_raises(Sample(elbow_height, ankle_distance, hip_height, hand_height), now)

    def _update_raises(self, sample: Sample, now: float) -> Iterator[str]:
        """Yield the exercise when the arms are lowered after a raise, judged by the samples of the last two raises."""
        self._samples.add(sample, now)
        if self._raises.update(sample.elbow_height, now) == -1:
            since, self._raised_since = self._raised_since, self._raises.since
            samples = [each for time, each in self._samples if time >= since]
            if _are_raises(samples):
                jumps = _shift_reaches(samples, lambda each: each.ankle_distance, _APART_HEIGHTS)
                yield "jumping_jacks" if jumps else "arm_raises"


def _are_raises(samples: list[Sample]) -> bool:
    """Tell raises of hanging arms from squats and lunges, and from a bar that is pressed up from the shoulders."""
    if _shift_reaches(samples, lambda each: each.hip_height, -_DIPPED_HEIGHTS):
        return False
    hips = [each.hip_height for each in samples if each.hip_height is not None]
    if len(hips) > 1 and (tenths := quantiles(hips, n=10))[-1] - tenths[0] >= SQUAT_HEIGHTS:
        return False
    raised, _ = _parted(samples, lambda each: each.elbow_height)
    _, hands = _parted(samples, lambda each: each.hand_height)
    return bool(raised and hands) and median(raised) > _LEVEL_HEIGHTS and median(hands) < 0


def _shift_reaches(samples: list[Sample], value_of: Callable[[Sample], float | None], threshold: float) -> bool:
    """Compare a measure while the arms are up with the same measure while they are down.

    Args:
        samples: Of at least one raise of the arms.
        value_of: Selects the measure.
        threshold: Minimum difference of the medians, body heights; negative for a measure that becomes smaller.

    Returns:
        True if the difference reaches the threshold; False if the measure was not seen both up and down.
    """
    up, down = _parted(samples, value_of)
    return bool(up and down) and (median(up) - median(down)) / threshold >= 1


def _parted(samples: list[Sample], value_of: Callable[[Sample], float | None]) -> tuple[list[float], list[float]]:
    """Part the known values of a measure into those with the arms up and those with the arms down."""
    heights = [sample.elbow_height for sample in samples]
    middle = (max(heights) + min(heights)) / 2
    known = [(each.elbow_height, value) for each in samples if (value := value_of(each)) is not None]
    return [value for elbow, value in known if elbow > middle], [value for elbow, value in known if elbow <= middle]


def _hip_height(body: Body, standing_height: float) -> float | None:
    """Compute the height of the hips above the feet."""
    return (body.feet.y - body.hips.y) / standing_height if body.feet and body.hips else None


def _elbow_height(body: Body, standing_height: float) -> float | None:
    """Compute the height of the lower elbow above its shoulder; None unless both are seen: waving raises only one."""
    arms = map(body.arm, SIDES)
    heights = [(shoulder.y - elbow.y) / standing_height for shoulder, elbow, _ in arms if shoulder and elbow]
    return min(heights) if len(heights) == len(SIDES) else None


def _hand_height(body: Body, standing_height: float) -> float | None:
    """Compute the height of the lower wrist above its elbow."""
    arms = map(body.arm, SIDES)
    return min(((elbow.y - wrist.y) / standing_height for _, elbow, wrist in arms if elbow and wrist), default=None)


def _ankle_distance(body: Body, standing_height: float) -> float | None:
    """Compute the horizontal distance between the ankles."""
    left, right = body.point("leftAnkle"), body.point("rightAnkle")
    return abs(left.x - right.x) / standing_height if left and right else None
