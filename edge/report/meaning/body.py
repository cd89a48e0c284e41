"""A person as the meanings look at one: the points that are sure, and a few lengths and places made of them."""

import math
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from edge.pose import KEYPOINT_NAMES, Person

SURE = 0.3
"""A keypoint with this score counts (tfjs draws them from 0.3 to 0.5 on)."""
SHOULDERS_TO_HIPS = 0.288
"""Length of the trunk as a part of a person's height: Winter, Biomechanics and Motor Control (2009), table 4.1."""
_WIDTH_OF_SHOULDERS = 0.259
_LEAST = 1.0


class Point(NamedTuple):
    """A place in the frame, px: x to the right, y down."""

    x: float
    y: float


class Body:
    """One tracked person in one frame; size: the frame's width and height, px."""

    def __init__(self, person: Person, size: tuple[int, int]) -> None:
        self.id = person.id
        self.score = person.pose.score
        self.size = size
        self._points = {
            name: Point(point.x, point.y)
            for name, point in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
            if point.score >= SURE
        }

    def point(self, name: str) -> Point | None:
        """A keypoint, where it is sure."""
        return self._points.get(name)

    def middle(self, *names: str) -> Point | None:
        """The middle of those of these keypoints that are sure; None where none is."""
        return middle(point for name in names if (point := self._points.get(name)))

    @cached_property
    def head(self) -> Point | None:
        return self.middle("nose", "leftEye", "rightEye", "leftEar", "rightEar")

    @cached_property
    def shoulders(self) -> Point | None:
        return self.middle("leftShoulder", "rightShoulder")

    @cached_property
    def hips(self) -> Point | None:
        return self.middle("leftHip", "rightHip")

    @cached_property
    def knees(self) -> Point | None:
        return self.middle("leftKnee", "rightKnee")

    @cached_property
    def feet(self) -> Point | None:
        return self.middle("leftAnkle", "rightAnkle")

    @cached_property
    def centre(self) -> Point | None:
        """Where the body is: its hips, else its shoulders, else the middle of whatever is sure."""
        return self.hips or self.shoulders or middle(self._points.values())

    @cached_property
    def height(self) -> float:
        """About how tall the person would stand here, px: from the longest of the lengths that are known.

        Foreshortening only ever makes a length shorter.
        """
        known = [_LEAST]
        if self.shoulders and self.hips:
            known.append(math.dist(self.shoulders, self.hips) / SHOULDERS_TO_HIPS)
        left, right = self.point("leftShoulder"), self.point("rightShoulder")
        if left and right:
            known.append(math.dist(left, right) / _WIDTH_OF_SHOULDERS)
        return max(known)

    @cached_property
    def known_height(self) -> float | None:
        """The same; None where none of the lengths is known."""
        return self.height if self.height > _LEAST else None

    @cached_property
    def rise(self) -> float | None:
        """The shoulders above the hips, px; below 0 where the head is down."""
        return self.hips.y - self.shoulders.y if self.hips and self.shoulders else None

    def place(self, which: str) -> Point | None:
        """The point that counts in a zone: ``feet`` (hips where they are not seen), ``hips`` or ``head``."""
        if which == "head":
            return self.head
        return (self.feet or self.hips) if which == "feet" else self.hips

    def fraction(self, point: Point) -> tuple[float, float]:
        """A point in fractions of the frame."""
        return point.x / self.size[0], point.y / self.size[1]


def middle(points: Iterable[Point]) -> Point | None:
    """The mean of some points; None of none."""
    found = list(points)
    if not found:
        return None
    return Point(sum(point.x for point in found) / len(found), sum(point.y for point in found) / len(found))
