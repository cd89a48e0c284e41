"""A person as the meanings look at one: the points that are sure, and a few lengths and places made of them."""

import math
from collections.abc import Sequence
from functools import cached_property, partial
from typing import NamedTuple

from edge.geometry.ground_plane import Floor
from edge.geometry.polygon import Polygon, contains
from edge.pose import KEYPOINT_NAMES, SURE, Person

SIDES = ("left", "right")
SHOULDERS_TO_HIPS = 0.288
"""Length of the trunk as a part of a person's height: Winter, Biomechanics and Motor Control (2009), table 4.1."""
_WIDTH_OF_SHOULDERS = 0.259
_UPRIGHT = 0.12
"""Body heights from hips to shoulders, upwards in the frame: a trunk (0.288) within 65 degrees of the vertical."""
_ANKLES = 0.039
"""Height of the ankles, as a part of a person's: the same, figure 4.1."""
_LEAST = 1.0
_HEAD = ("nose", "leftEye", "rightEye", "leftEar", "rightEar")


class Point(NamedTuple):
    """A place in the frame, px: x to the right, y down."""

    x: float
    y: float


_make_point = partial(tuple.__new__, Point)  # in half the time of calling it, as there are 85 in a frame of five people


class Body:
    """One tracked person in one frame; size: the frame's width and height, px; floor: where it is known."""

    def __init__(self, person: Person, size: tuple[int, int], floor: Floor | None = None) -> None:
        self.id = person.id
        self.score = person.pose.score
        self.size = size
        self.tall: float | None = None
        """``known_height``, steadied; as ``edge.report.analytics.body.people`` finds it."""
        self.stands = self.lies = False
        """Whether the trunk was upright lately, or was not; neither: not known."""
        self._floor = floor
        self._points = {
            name: _make_point((x, y))
            for name, (x, y, score) in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
            if score >= SURE
        }
        known = self._points.get
        self.head = middle([point for name in _HEAD if (point := known(name))])
        self.shoulders = _between(known("leftShoulder"), known("rightShoulder"))
        self.hips = _between(known("leftHip"), known("rightHip"))
        self.knees = _between(known("leftKnee"), known("rightKnee"))
        self.feet = _between(known("leftAnkle"), known("rightAnkle"))
        self.arms = {side: (known(f"{side}Shoulder"), known(f"{side}Elbow"), known(f"{side}Wrist")) for side in SIDES}
        """Shoulder, elbow and wrist of each side, where they are sure."""
        self.centre = self.hips or self.shoulders or middle(list(self._points.values()))
        """Where the body is: its hips, else its shoulders, else the middle of whatever is sure."""
        self.known_height = self._find_height()
        """About how tall the person would stand here, px; None where no length is known that tells."""
        self.height = self.known_height or _LEAST
        """The same, for whom nothing is known a pixel."""
        self.rise = self.hips.y - self.shoulders.y if self.hips and self.shoulders else None
        """The shoulders above the hips, px; below 0 where the head is down."""
        self.upright = None if self.rise is None else self.rise > _UPRIGHT * self.height
        """Whether the shoulders are above the hips, as of who stands, sits or squats; None where either isn't seen."""

    def point(self, name: str) -> Point | None:
        """A keypoint, where it is sure."""
        return self._points.get(name)

    @cached_property
    def soles(self) -> Point | None:
        """The floor below the ankles, which from a camera on a shelf seem to be some 20 cm behind it."""
        return Point(self.feet.x, self.feet.y + _ANKLES * self.height) if self.feet else None

    def _find_height(self) -> float | None:
        """The longest of the lengths that are known, each as a part of the height: foreshortened they are shorter."""
        height = _LEAST
        if self.shoulders and self.hips:
            height = max(height, math.dist(self.shoulders, self.hips) / SHOULDERS_TO_HIPS)
        left, right = self.point("leftShoulder"), self.point("rightShoulder")
        if left and right:
            height = max(height, math.dist(left, right) / _WIDTH_OF_SHOULDERS)
        return height if height > _LEAST else None

    def place(self, which: str) -> Point | None:
        """The point that counts in a zone: ``feet``, where they touch the floor, ``hips`` or ``head``."""
        found: Point | None = getattr(self, "soles" if which == "feet" else which)
        return found

    @cached_property
    def position(self) -> tuple[float, float] | None:
        """Where it stands on the floor, m; None where there is no floor, or no feet are seen on it."""
        return self._floor.place(*self.fraction(self.soles), self._aspect) if self._floor and self.soles else None

    @cached_property
    def nearness(self) -> float | None:
        """How large things appear where it stands on the floor, in the floor's own unit; None as for ``position``."""
        if not (self._floor and self.soles):
            return None
        return max(0.0, self._floor.nearness(*self.fraction(self.soles), self._aspect)) or None

    @property
    def _aspect(self) -> float:
        return self.size[1] / self.size[0]

    def share_inside(self, polygon: Polygon) -> float:
        """The part of its sure points that lies in a polygon of the frame, 0..1; 0 where none is sure."""
        found = [contains(polygon, *self.fraction(point)) for point in self._points.values()]
        return sum(found) / len(found) if found else 0.0

    def fraction(self, point: Point) -> tuple[float, float]:
        """A point in fractions of the frame."""
        return point.x / self.size[0], point.y / self.size[1]


def _between(one: Point | None, other: Point | None) -> Point | None:
    """The middle of two points, or the one that there is."""
    if one and other:
        return Point((one.x + other.x) / 2, (one.y + other.y) / 2)
    return one or other


def middle(found: Sequence[Point]) -> Point | None:
    """The mean of some points; None of none."""
    if not found:
        return None
    xs, ys = zip(*found, strict=True)
    return Point(sum(xs) / len(found), sum(ys) / len(found))
