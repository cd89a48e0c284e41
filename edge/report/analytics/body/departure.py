"""How somebody went out of sight: through an edge of the picture, through an exit, or not at all.

Only who was seen going has left. Everybody else is still there: behind something, on the floor, or not found.
"""

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from edge.geometry.anthropometry import ANKLES, EYES, SHOULDER_WIDTH, SHOULDERS, THIGH, TRUNK
from edge.geometry.polygon import Polygon, contains
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.body.standing_length import StandingLength
from edge.report.analytics.detectors.posture import own_posture
from edge.runtime.time_window import TimeWindow

PATH_S = 2.0
"""Time that is looked back on."""
_LAST_S = 0.5
"""Time before the loss whose frames tell what somebody was doing; a single one may be wrong."""
_STEP_S = 0.3
"""Shortest time over which a velocity is measured."""
_AHEAD_S = 0.5
"""Time for which somebody is expected to go on as last seen: a body half out of the picture is no longer found."""
_MARGIN = 0.03
"""Part of the picture beside its edge that counts as outside: keypoints are that far off."""
_WALKS_HEIGHTS_PER_S = 0.2
"""Slowest velocity, towards the edge, of somebody who walks out: a quarter of a walk."""
_MOVES_HEIGHTS_PER_S = 0.35
"""Velocity of somebody who neither sits nor lies, though a leg in mid-stride may look so."""
_FALLS_HEIGHTS_PER_S = 0.6
"""Velocity downwards in the picture above which somebody goes down; who walks towards a camera above goes down in the
picture with up to 0.5."""
_LEANS = 0.4
"""Way across the picture from hips to shoulders, as a part of the way up, above which somebody falls: 22 degrees."""
_WALKED_S = 1.0
"""Time over which the way of somebody who walks out is measured."""
_WALKED_HEIGHTS = 0.25
"""Way, within ``_WALKED_S``, of both shoulders and hips of somebody who walks out. Who falls turns on the feet, and the
hips go by less until half way down."""
_NEARER = 1.08
"""Growth of a body, as compared with its median of some seconds, from which on it has come nearer."""
_LEGS_S = 3.0
"""Time within which legs were seen of somebody who walks out below; who sits close to a camera shows none for long."""
_LEG_POINTS = ("leftKnee", "rightKnee", "leftAnkle", "rightAnkle")
_SHOULDERS = ("leftShoulder", "rightShoulder")
_HIPS = ("leftHip", "rightHip")
_TRUNK_POINTS = ("leftShoulder", "rightShoulder", "leftHip", "rightHip")
_LOWER_LENGTHS = 0.25
"""Way of the shoulders down, in their height above the feet when standing, of somebody who sits: 0.31 on a chair."""
_HEAD_LENGTHS = (EYES - ANKLES) / (SHOULDERS - ANKLES)
_RESTS = ("sitting", "lying", "bending")
# For the evidence see docs/calibration.md.


class _Drift(NamedTuple):
    """A velocity, body heights a second: x to the right, y down."""

    x: float
    y: float


class Path:
    """The last seconds in which one person was seen."""

    def __init__(self) -> None:
        self._seen: TimeWindow[Body] = TimeWindow(PATH_S)
        self._postures: TimeWindow[str | None] = TimeWindow(_LAST_S)
        self._own = StandingLength()
        self._legs_at: float | None = None
        self.height = 1.0
        """Height of that person standing there, px."""

    def add(self, body: Body, now: float) -> None:
        """Add a frame in which the person is seen."""
        self._seen.add(body, now)
        self._postures.add(own_posture(body, self._own, now), now)
        self.height = body.standing_height or self.height
        if not body.points.keys().isdisjoint(_LEG_POINTS):
            self._legs_at = now

    @property
    def last(self) -> Body:
        """The person as last seen."""
        return self._seen.samples[-1][1]

    @property
    def seen_at(self) -> float:
        """Time at which the person was last seen, s."""
        return self._seen.samples[-1][0]

    @property
    def rests(self) -> bool:
        """True if the person was last seen sitting, lying or going down to that, and so may stay there for long."""
        if self._goes_down:
            return True
        words = [word for word in self._postures.values() if word]
        if not words:
            return self._is_level or self._is_lower
        drift = self._drift()
        if drift and math.hypot(*drift) >= _MOVES_HEIGHTS_PER_S:
            return False
        return 2 * sum(word in _RESTS for word in words) > len(words)

    def leaves_by(self, exits: Sequence[Polygon]) -> str | None:
        """Tell how the person was seen leaving.

        Args:
            exits: Parts of the picture in which people vanish, in fractions of it.

        Returns:
            ``exit`` or ``edge``; None if the person was not seen leaving.
        """
        if self._goes_down or self._is_level or self._leans:
            return None
        drift = self._drift() or _Drift(0.0, 0.0)
        if self._is_at(exits, drift):
            return "exit"
        return "edge" if self._leaves_sideways(drift) or self._leaves_below(drift) else None

    @property
    def _is_lower(self) -> bool:
        """True if head or shoulders are lower than when the person last stood, though the body is no nearer."""
        stood, lately = self._own.last, self._lately()
        sizes = [body.frame_height for body in lately if body.frame_height]
        if not stood or (sizes and median(sizes) > _NEARER * self.height):
            return False
        above = {"head": _HEAD_LENGTHS * stood.length, "shoulders": stood.length}
        ways = [
            point.y - (stood.feet_y - length)
            for body in lately
            for part, length in above.items()
            if (point := body.place(part))
        ]
        return bool(ways) and median(ways) > _LOWER_LENGTHS * stood.length

    @property
    def _is_level(self) -> bool:
        """True if the trunk was level in most of the last frames that tell."""
        upright = [body.upright for body in self._lately() if body.upright is not None]
        return 2 * sum(upright) < len(upright)

    @property
    def _leans(self) -> bool:
        """True if the trunk leans over to a side of the picture, as of somebody who falls there."""
        leans = [
            abs(body.shoulders.x - body.hips.x) / body.rise
            for body in self._lately()
            if body.shoulders and body.hips and body.rise and body.rise > 0
        ]
        return bool(leans) and median(leans) > _LEANS

    def _gone(self, side: int) -> float:
        """Return how far the person walked to a side in the last second, body heights; side: 1 right, -1 left."""
        last = self.last.points
        ways = []
        for names in (_SHOULDERS, _HIPS):
            steps = [
                side * median(last[name].x - body.points[name].x for name in both)
                for time, body in self._seen
                if time >= self.seen_at - _WALKED_S and (both := [n for n in names if n in last and n in body.points])
            ]
            ways += [max(steps)] if steps else []
        return min(ways, default=0.0) / self.height

    def _lately(self) -> list[Body]:
        return [body for time, body in self._seen if time >= self.seen_at - _LAST_S]

    def _drift(self) -> _Drift | None:
        """Measure the last velocity: the median over the points that are seen now and were seen before."""
        last = self.last.points
        for time, body in reversed(self._seen.samples):
            passed = self.seen_at - time
            if passed < _STEP_S:
                continue
            both = [name for name in last if name in body.points]
            if both:
                scale = passed * self.height
                return _Drift(
                    median(last[name].x - body.points[name].x for name in both) / scale,
                    median(last[name].y - body.points[name].y for name in both) / scale,
                )
        return None

    @property
    def _goes_down(self) -> bool:
        """True if the trunk came down fast: who falls out of sight has not left."""
        samples = list(self._seen)
        start = 0
        for time, body in samples:
            while time - samples[start + 1][0] >= _STEP_S if start + 1 < len(samples) else False:
                start += 1
            earlier, passed = samples[start][1], time - samples[start][0]
            both = [name for name in _TRUNK_POINTS if name in body.points and name in earlier.points]
            if passed >= _STEP_S and both:
                down = median(body.points[name].y - earlier.points[name].y for name in both)
                if down / passed > _FALLS_HEIGHTS_PER_S * self._scale(body):
                    return True
        return False

    def _scale(self, body: Body) -> float:
        """Return the height by which velocities of a frame are measured: somebody near is larger, and moves faster."""
        return max(self.height, body.frame_height or 0.0)

    def _is_at(self, exits: Sequence[Polygon], drift: _Drift) -> bool:
        body = self.last
        point = body.soles or body.centre
        if point is None:
            return False
        going = _AHEAD_S * self.height
        ahead = Point(point.x + drift.x * going, point.y + drift.y * going)
        return any(contains(polygon, *body.fraction(each)) for polygon in exits for each in (point, ahead))

    def _leaves_sideways(self, drift: _Drift) -> bool:
        """Tell whether the person walked on through the left or right edge, or, seen from above, the upper one."""
        width, height = self.last.size
        points = list(self.last.points.values())
        if not points:
            return False
        x, half = median(point.x for point in points), SHOULDER_WIDTH / 2 * self.height
        for side, room in ((1, (1 - _MARGIN) * width - x), (-1, x - _MARGIN * width)):
            gone = self._gone(side)
            # What was walked within the last second is a velocity too, and steadier than that of some frames.
            ahead = _AHEAD_S * self.height * max(gone / _WALKED_S, side * drift.x)
            if side * drift.x >= _WALKS_HEIGHTS_PER_S and gone >= _WALKED_HEIGHTS and half + ahead >= room:
                return True
        lowest = max(point.y for point in points) + drift.y * _AHEAD_S * self.height
        return drift.y <= -_WALKS_HEIGHTS_PER_S and lowest <= 2 * _MARGIN * height

    def _leaves_below(self, drift: _Drift) -> bool:
        """Tell whether the person came nearer, upright, until the legs were below the picture."""
        # A body that goes down at the lower edge does not grow, or goes faster; one that sits close by shows no legs.
        if self._legs_at is None or self.seen_at - self._legs_at > _LEGS_S:
            return False
        feet, height = self.last.feet, self.last.size[1]
        if feet and feet.y < (1 - 3 * _MARGIN) * height:
            return False
        lately = self._lately()
        sizes = [body.frame_height for body in lately if body.frame_height]
        if not sizes or median(sizes) < _NEARER * self.height:
            return False
        size = median(sizes)
        hips = [y for body in lately if (y := _hips(body, size)) is not None]
        knees = hips[-1] + THIGH * size + max(0.0, drift.y) * _AHEAD_S * self.height if hips else 0.0
        return knees >= (1 - _MARGIN) * height


def _hips(body: Body, height: float) -> float | None:
    """Return y of the hips, px, or where they are below seen shoulders."""
    if body.hips:
        return body.hips.y
    return body.shoulders.y + TRUNK * height if body.shoulders else None


def is_cut_off(body: Body) -> bool:
    """Tell whether a body reaches out of the picture at a side or below: somebody who has just come in may."""
    width, height = body.size
    points = body.points.values()
    if not points:
        return False
    if min(point.x for point in points) <= 2 * _MARGIN * width:
        return True
    if max(point.x for point in points) >= (1 - 2 * _MARGIN) * width:
        return True
    if body.feet or not body.shoulders or not body.frame_height:
        return max(point.y for point in points) >= (1 - _MARGIN) * height
    return body.shoulders.y + SHOULDERS * body.frame_height >= height
