"""Detect exercise repetitions from periodic limb movement."""

from collections import deque
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

from edge.report.analytics.body.body import SIDES, Body
from edge.report.analytics.signal.time_window import TimeWindow
from edge.report.analytics.signal.turning_points import TurningPoints

_SQUAT_HEIGHTS = 0.09
"""Minimum hip travel in a squat, body heights. docs/calibration.md has the evidence for these constants."""
_STANDING_HEIGHTS = 0.3
"""Minimum height of the hips above the feet before a squat, body heights."""
_RAISE_HEIGHTS = 0.1
"""Minimum travel of the lower elbow in a raise of both arms, body heights."""
_APART_HEIGHTS = 0.06
"""Minimum increase of the distance of the ankles while the arms are up, in jumping jacks, body heights."""
_DIPPED_HEIGHTS = 0.04
"""Minimum drop of the hips while the arms are up, in squats with the arms stretched forward, body heights."""
_MIN_SQUAT_S = 0.3
"""Minimum time with the hips down, s; hips that come up sooner were found in a wrong place."""
_MAX_RAISES_S = 8.0
"""Maximum duration of two raises of the arms together, s."""


class Sample(NamedTuple):
    """Measures of one frame, in body heights; None if not seen."""

    elbow_height: float
    ankle_distance: float | None
    hip_height: float | None


class RepetitionDetector:
    """Detects the repetitions of one person."""

    def __init__(self) -> None:
        self._hip_height, self._elbow_height, self._ankle_distance = (_MedianOfThree() for _ in range(3))
        self._dips, self._raises = TurningPoints(_SQUAT_HEIGHTS), TurningPoints(_RAISE_HEIGHTS)
        self._highest = (0.0, False)
        """Height of the hips when they were highest since the last dip, and whether the person stood then."""
        self._down_at = 0.0
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
        if hip_height is not None and self._is_squat(hip_height, body.upright_lately is True, now):
            yield "squats"
        if elbow_height is not None:
            yield from self._update_raises(Sample(elbow_height, ankle_distance, hip_height), now)

    def _is_squat(self, hip_height: float, stands: bool, now: float) -> bool:
        """Detect the end of a squat: the hips rise again, and the person stood before they went down."""
        turn = self._dips.update(hip_height, now)
        highest, stood = self._highest
        self._highest = (hip_height, stands) if turn == 1 else max(self._highest, (hip_height, stands))
        if turn == -1:
            self._down_at = now
        return turn == 1 and stood and highest > _STANDING_HEIGHTS and now - self._down_at >= _MIN_SQUAT_S

    def _update_raises(self, sample: Sample, now: float) -> Iterator[str]:
        """Yield the exercise when the arms are lowered after a raise, judged by the samples of the last two raises."""
        self._samples.add(sample, now)
        if self._raises.update(sample.elbow_height, now) == -1:
            since, self._raised_since = self._raised_since, self._raises.since
            samples = [each for time, each in self._samples if time >= since]
            if not _shift_reaches(samples, lambda each: each.hip_height, -_DIPPED_HEIGHTS):
                jumps = _shift_reaches(samples, lambda each: each.ankle_distance, _APART_HEIGHTS)
                yield "jumping_jacks" if jumps else "arm_raises"


def _shift_reaches(samples: list[Sample], value_of: Callable[[Sample], float | None], threshold: float) -> bool:
    """Compare a measure while the arms are up with the same measure while they are down.

    Args:
        samples: Of at least one raise of the arms.
        value_of: Selects the measure.
        threshold: Minimum difference of the medians, body heights; negative for a measure that becomes smaller.

    Returns:
        True if the difference reaches the threshold; False if the measure was not seen both up and down.
    """
    heights = [sample.elbow_height for sample in samples]
    middle = (max(heights) + min(heights)) / 2
    up = [value for each in samples if each.elbow_height > middle and (value := value_of(each)) is not None]
    down = [value for each in samples if each.elbow_height <= middle and (value := value_of(each)) is not None]
    return bool(up and down) and (median(up) - median(down)) / threshold >= 1


class _MedianOfThree:
    """Removes single-frame outliers."""

    def __init__(self) -> None:
        self._raw: deque[float] = deque(maxlen=3)

    def update(self, value: float | None) -> float | None:
        """Take in a value and return the median of the last three; None for None."""
        if value is None:
            return None
        self._raw.append(value)
        return sorted(self._raw)[len(self._raw) // 2]


def _hip_height(body: Body, standing_height: float) -> float | None:
    """Compute the height of the hips above the feet."""
    return (body.feet.y - body.hips.y) / standing_height if body.feet and body.hips else None


def _elbow_height(body: Body, standing_height: float) -> float | None:
    """Compute the height of the lower elbow above its shoulder; None unless both are seen: waving raises only one."""
    arms = map(body.arm, SIDES)
    heights = [(shoulder.y - elbow.y) / standing_height for shoulder, elbow, _ in arms if shoulder and elbow]
    return min(heights) if len(heights) == len(SIDES) else None


def _ankle_distance(body: Body, standing_height: float) -> float | None:
    """Compute the horizontal distance between the ankles."""
    left, right = body.point("leftAnkle"), body.point("rightAnkle")
    return abs(left.x - right.x) / standing_height if left and right else None
