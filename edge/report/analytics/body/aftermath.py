"""The time after a descent: what each look at the body says, and what all looks together say."""

from collections.abc import Iterable
from enum import Enum

from edge.geometry.trunk import LEVEL_DEGREES
from edge.report.analytics.body.body import Body
from edge.report.analytics.body.descent import Descent, Trunk
from edge.report.analytics.detectors.posture import is_folded

_DOWN_HEIGHTS = 0.25
"""Way by which a trunk has come down that is down; of somebody who bends it is at most 0.24. See
docs/calibration.md."""
_LOW_HEIGHTS = 0.3
"""Way by which a trunk has come down that is low: about that of somebody who kneels."""
_LEVEL_LENGTH_HEIGHTS, _UP_LENGTH_HEIGHTS = 0.1, 0.15
"""Least length of a level trunk, and of an upright one; a trunk (0.29) that is seen nearly along it is shorter, and has
no inclination."""
_PLAIN_SCORE = 0.5
"""Least score of a body that is neither lying nor up and yet says something."""
_RAISED_HEIGHTS = 0.5
"""Height of the shoulders above the feet, or above the floor, from which on somebody is up. See docs/calibration.md."""
_SAME_FLOOR_HEIGHTS = 0.8
"""Distance across the picture from where somebody stood within which the floor is that of there."""
_QUARTER_S = 0.25
"""Time in which looks of one kind count once, so that neither the rate of frames nor that of looks matters."""
_SETTLED_S, _LANDED_S = 1.0, 0.5
"""Time after the beginning from which on looks speak against a fall, and against a suspicion: before, the body may
still be coming down."""
_LYING_LOOKS = 2
"""Looks that make lying likely; one may be wrong."""
_LYING_QUARTERS, _LYING_SECONDS = 4, 2
"""Quarters of a second, of so many different seconds, that show lying before it is certain."""
_LYING_SHARE, _AGAINST_SHARE = 0.1, 0.1
"""Least share of the quarters that show lying, and greatest share that may speak against a fall of somebody who is
hardly found. See docs/calibration.md."""


class Look(Enum):
    """Verdict of one look at a body."""

    UP = "standing, or on the way"
    SITTING = "low, and plainly upright or bent over the feet: sits, kneels or crouches"
    CROUCHING = "the same, but not plainly"
    LYING = "level, or low and not upright"
    PLAIN = "plainly something else"
    VAGUE = "anything"


def look_at(body: Body, descent: Descent) -> Look:
    """Compare a body with what it was before its descent."""
    trunk = Trunk.of(body)
    if trunk and is_up(body, trunk, descent.height, _ends(body, trunk, descent)):
        return Look.UP
    is_plain = body.score >= _PLAIN_SCORE
    if not trunk or (way := descent.way(trunk)) < _DOWN_HEIGHTS:
        return Look.PLAIN if is_plain else Look.VAGUE
    is_low = way >= _LOW_HEIGHTS
    is_level = trunk.inclination >= LEVEL_DEGREES and trunk.length >= _LEVEL_LENGTH_HEIGHTS * descent.height
    is_lying = is_level or (is_low and not trunk.is_steep)
    if is_lying and not _is_folded(body, descent.height):
        return Look.LYING
    if is_low or is_lying:
        return Look.SITTING if is_plain else Look.CROUCHING
    # A trunk that is neither upright nor level, or too short to tell, says nothing.
    return Look.PLAIN if is_plain and trunk.is_steep else Look.VAGUE


def _ends(body: Body, trunk: Trunk, descent: Descent) -> list[float]:
    """Return the places of the floor below a body, y in px: its feet, and where it stood if it is still there."""
    ends = [body.feet.y] if body.feet and body.hips and body.feet.y > body.hips.y else []
    if abs(trunk.centre.x - descent.before.x) < _SAME_FLOOR_HEIGHTS * descent.height:
        ends.append(descent.floor)
    return ends or [descent.place.y]


def _is_folded(body: Body, height: float) -> bool:
    return bool(body.shoulders and body.hips and body.feet and is_folded(body.shoulders, body.hips, body.feet, height))


def is_up(body: Body, trunk: Trunk, height: float, ends: Iterable[float]) -> bool:
    """Tell whether a trunk is upright and well above one of the places where it may end, y in px; height in px."""
    if not (trunk.is_steep and body.shoulders and trunk.length >= _UP_LENGTH_HEIGHTS * height):
        return False
    return max(ends) - body.shoulders.y > _RAISED_HEIGHTS * height


class _Count:
    """Number of different quarters of a second, or seconds."""

    def __init__(self, length: float = _QUARTER_S) -> None:
        self._length = length
        self._last = -1
        self.value = 0

    def add(self, age: float) -> None:
        number = int(age / self._length)
        if number != self._last:
            self._last = number
            self.value += 1


class Evidence:
    """All looks at one body since the beginning of its descent."""

    def __init__(self) -> None:
        self._looks = 0
        self._lying, self._lying_settled, self._lying_seconds = _Count(), _Count(), _Count(1.0)
        self._against, self._doubtful = _Count(), _Count()

    def add(self, look: Look, age: float) -> None:
        """Take in a look at the body, ``age`` s after the beginning."""
        if look is Look.LYING:
            self._looks += 1
            self._lying.add(age)
            self._lying_seconds.add(age)
            if age >= _SETTLED_S:
                self._lying_settled.add(age)
            return
        if age >= _LANDED_S:
            self._doubtful.add(age)
        if age >= _SETTLED_S and look in (Look.UP, Look.SITTING, Look.PLAIN):
            self._against.add(age)

    @property
    def is_lying_likely(self) -> bool:
        """True if more looks show lying than anything else."""
        return self._looks >= _LYING_LOOKS and self._lying.value > self._doubtful.value

    def is_lying(self, age: float) -> bool:
        """Tell whether the body lies there, for certain."""
        return (
            self._lying.value >= _LYING_QUARTERS
            and self._lying_seconds.value >= _LYING_SECONDS
            and self._lying.value >= _LYING_SHARE * age / _QUARTER_S
            and self._lying_settled.value > self._against.value
        )

    def is_unopposed(self, age: float) -> bool:
        """Tell whether hardly any look speaks against a fall."""
        return self._against.value <= max(1.0, _AGAINST_SHARE * (age - _SETTLED_S) / _QUARTER_S)

    @property
    def certainty(self) -> float:
        """How plainly the body lies there, 0..1."""
        against = self._lying.value + self._against.value
        return min(1.0, self._lying.value / _LYING_QUARTERS) * self._lying.value / against if against else 0.0
