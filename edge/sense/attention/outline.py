"""Measures of one pose that attention goes by: where the body is, how large, and how its trunk is inclined."""

import math
from typing import NamedTuple

from edge.geometry.anthropometry import ANKLES, EYES, TRUNK
from edge.geometry.trunk import STEEP_DEGREES, inclination
from edge.pose import FACE_NAMES, KEYPOINT_NAMES, SURE, Pose

_FACE = [number for number, name in enumerate(KEYPOINT_NAMES) if name in FACE_NAMES]
_SHOULDERS, _HIPS, _ANKLES = (
    [KEYPOINT_NAMES.index(side + joint) for side in ("left", "right")] for joint in ("Shoulder", "Hip", "Ankle")
)
_SEEN_LENGTH = EYES - ANKLES
"""Part of the height between the outermost keypoints of somebody upright."""

XY = tuple[float, float]


class Outline(NamedTuple):
    """Measures of one pose, px of the frame."""

    score: float
    sure_count: int
    left: float
    """Of the box around the sure keypoints, as the next three."""
    top: float
    right: float
    bottom: float
    centre: XY
    """Middle of the trunk, or of the part of it that is seen, else of the box."""
    inclination: float | None
    """Of the trunk: 0 upright, 90 level, 180 head down, degrees; None unless shoulders and hips are seen."""
    height: float
    """Height of this person standing there; rather too small for a body that is bent or half hidden."""

    @classmethod
    def of(cls, pose: Pose) -> "Outline | None":
        """Measure a pose; None without a sure keypoint."""
        sure = [point for point in pose.keypoints if point.score >= SURE]
        if not sure:
            return None
        xs, ys = [point.x for point in sure], [point.y for point in sure]
        left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
        shoulders, hips, ankles = (_middle(pose, joints) for joints in (_SHOULDERS, _HIPS, _ANKLES))
        trunk = [point for point in (shoulders, hips) if point]
        centre = _mean(trunk) if trunk else ((left + right) / 2, (top + bottom) / 2)
        longest = max(right - left, bottom - top, 1.0)
        heights, inclined = [], None
        if shoulders and hips:
            heights.append(math.dist(shoulders, hips) / TRUNK * _SEEN_LENGTH)
            inclined = inclination(shoulders, hips)
        if (shoulders or _middle(pose, _FACE)) and ankles:
            heights.append(longest / _SEEN_LENGTH)
        height = max(heights, default=longest / _SEEN_LENGTH)
        return cls(pose.score, len(sure), left, top, right, bottom, centre, inclined, height)

    @property
    def is_steep(self) -> bool:
        """True if the trunk is seen upright."""
        return self.inclination is not None and self.inclination < STEEP_DEGREES

    @property
    def longest(self) -> float:
        """The longer side of the box, px."""
        return max(self.right - self.left, self.bottom - self.top)

    def overlap(self, other: "Outline") -> float:
        """Part of the smaller of the two boxes that both share, 0..1."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        areas = [max(1.0, (each.right - each.left) * (each.bottom - each.top)) for each in (self, other)]
        return max(0.0, across) * max(0.0, down) / min(areas)


def _middle(pose: Pose, joints: list[int]) -> XY | None:
    """Middle of the sure ones of these keypoints; None if none is."""
    points = [pose.keypoints[number] for number in joints]
    sure = [(x, y) for x, y, score in points if score >= SURE]
    return _mean(sure) if sure else None


def _mean(points: list[XY]) -> XY:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
