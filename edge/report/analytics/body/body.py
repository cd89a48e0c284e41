"""A person as detectors see one: the keypoints that are sure, and lengths and places that follow from them."""

import math
from collections.abc import Mapping, Sequence
from statistics import median_high
from typing import NamedTuple, TypeVar

from edge.geometry import anthropometry
from edge.geometry.ground_plane import Floor
from edge.geometry.polygon import Polygon, contains
from edge.pose import KEYPOINT_NAMES, SURE, Person
from edge.report.analytics.per_person import PerPerson
from edge.runtime.time_window import TimeWindow

_Value = TypeVar("_Value")

SIDES = ("left", "right")
_UPRIGHT_HEIGHTS = 0.12
"""Body heights from hips to shoulders, upwards in the frame: a trunk (0.288) within 65 degrees of the vertical."""
_LEAST_HEIGHT_PX = 1.0
"""A body that is not higher has its keypoints in one place: its height is unknown."""
_HEIGHT_WINDOW_S = 3.0
"""Time over which a height is the median: longer than a squat, in which the trunk bends, and than a walk to somewhere
where people look much taller. A single frame may be a third off."""
_HEIGHT_EVERY_S = 0.1
"""Time between two samples of a height: a median of more of them takes longer and is the same."""
_TRUNK_WINDOW_S = 0.5
"""Time over which most frames decide whether a trunk is upright; one of a lying body, seen along it, may be wrong."""
_PAIRS = tuple((f"left{joint}", f"right{joint}") for joint in ("Shoulder", "Hip", "Knee", "Ankle"))
_ARMS = {side: (f"{side}Shoulder", f"{side}Elbow", f"{side}Wrist") for side in SIDES}
_HEAD = ("nose", "leftEye", "rightEye", "leftEar", "rightEar")


class Point(NamedTuple):
    """A place in the frame, px: x to the right, y down."""

    x: float
    y: float


class BodyMemory:
    """The steadied height and trunk of one person, which no single frame tells well."""

    def __init__(self) -> None:
        self._heights: TimeWindow[float] = TimeWindow(_HEIGHT_WINDOW_S)
        self._upright: TimeWindow[bool] = TimeWindow(_TRUNK_WINDOW_S)
        self._standing_height: float | None = None
        self._measured_at = -math.inf

    def update(self, height: float | None, upright: bool | None, now: float) -> tuple[float | None, bool | None]:
        """Take in one frame.

        Args:
            height: ``Body.frame_height``.
            upright: ``Body.upright``.
            now: Monotonic time, s.

        Returns:
            ``Body.standing_height`` and ``Body.upright_lately``.
        """
        if height is None or now - self._measured_at >= _HEIGHT_EVERY_S:
            heights = _noted(self._heights, height, now)
            self._standing_height = median_high(heights) if heights else None
            self._measured_at = self._measured_at if height is None else now
        trunks = _noted(self._upright, upright, now)
        return self._standing_height, sum(trunks) > len(trunks) / 2 if trunks else None


class Body(NamedTuple):
    """One tracked person in one frame.

    Attributes:
        id: Of the person.
        score: Of the pose, 0..1.
        size: Width and height of the frame, px.
        floor: Where it is known.
        points: The keypoints that are sure, by name.
        head: The middle of what is sure of the face.
        shoulders: The middle of both, or the one that is sure; so all of the next three.
        hips: See ``shoulders``.
        knees: See ``shoulders``.
        feet: The ankles.
        soles: The floor below the ankles, which from a camera on a shelf seem to be some 20 cm behind it.
        frame_height: Height that the person would have in the frame if standing upright, px, as this frame alone tells;
            None where no length is known that tells it.
        standing_height: The same, steadied over some seconds: what lengths of gestures are measured by.
        rise: Height of the shoulders above the hips, px; below 0 where the head is down.
        upright: Whether the shoulders are above the hips, as of somebody who stands, sits or squats; None where either
            is not seen.
        upright_lately: The same, steadied; None where nothing was seen of it lately.
    """

    id: int
    score: float
    size: tuple[int, int]
    floor: Floor | None
    points: Mapping[str, Point]
    head: Point | None
    shoulders: Point | None
    hips: Point | None
    knees: Point | None
    feet: Point | None
    soles: Point | None
    frame_height: float | None
    standing_height: float | None
    rise: float | None
    upright: bool | None
    upright_lately: bool | None

    @classmethod
    def of(
        cls,
        person: Person,
        size: tuple[int, int],
        floor: Floor | None = None,
        memory: BodyMemory | None = None,
        now: float = 0.0,
    ) -> "Body":
        """Measure a person.

        Args:
            person: As tracked.
            size: Width and height of the frame, px.
            floor: Where it is known.
            memory: Of this person; None: nothing is known of earlier frames.
            now: Monotonic time, s.

        Returns:
            The body.
        """
        points = {
            name: Point(x, y)
            for name, (x, y, score) in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
            if score >= SURE
        }
        known = points.get
        shoulders, hips, knees, feet = [_between(known(left), known(right)) for left, right in _PAIRS]
        height = _frame_height(points, shoulders, hips)
        rise = hips.y - shoulders.y if hips and shoulders else None
        upright = None if rise is None else rise > _UPRIGHT_HEIGHTS * (height or _LEAST_HEIGHT_PX)
        standing_height, upright_lately = (memory or BodyMemory()).update(height, upright, now)
        return cls(
            id=person.id,
            score=person.pose.score,
            size=size,
            floor=floor,
            points=points,
            head=middle([points[name] for name in _HEAD if name in points]),
            shoulders=shoulders,
            hips=hips,
            knees=knees,
            feet=feet,
            soles=Point(feet.x, feet.y + anthropometry.ANKLES * (height or 0.0)) if feet else None,
            frame_height=height,
            standing_height=standing_height,
            rise=rise,
            upright=upright,
            upright_lately=upright_lately,
        )

    @property
    def centre(self) -> Point | None:
        """The hips, else the shoulders, else the middle of whatever is sure."""
        return self.hips or self.shoulders or middle(list(self.points.values()))

    @property
    def position(self) -> tuple[float, float] | None:
        """The place on the floor, m; None where there is no floor, or no feet are seen on it."""
        soles = self.soles
        return self.floor.place(*self.fraction(soles), self._aspect) if self.floor and soles else None

    @property
    def nearness(self) -> float | None:
        """The apparent size of things at that place, in the floor's own unit; None as for ``position``."""
        soles = self.soles
        if not (self.floor and soles):
            return None
        return max(0.0, self.floor.nearness(*self.fraction(soles), self._aspect)) or None

    def point(self, name: str) -> Point | None:
        """Return a keypoint, if it is sure."""
        return self.points.get(name)

    def arm(self, side: str) -> tuple[Point | None, Point | None, Point | None]:
        """Return shoulder, elbow and wrist of one side, each if it is sure."""
        shoulder, elbow, wrist = _ARMS[side]
        known = self.points.get
        return known(shoulder), known(elbow), known(wrist)

    def place(self, which: str) -> Point | None:
        """Return the point that counts in a zone: ``feet``, where they touch the floor, ``hips`` or ``head``."""
        found: Point | None = getattr(self, "soles" if which == "feet" else which)
        return found

    def fraction(self, point: Point) -> tuple[float, float]:
        """Convert px to fractions of the frame."""
        return point.x / self.size[0], point.y / self.size[1]

    def share_inside(self, polygon: Polygon) -> float:
        """Return the part of the sure keypoints that lies in a polygon of the frame, 0..1; 0 where none is sure."""
        found = [contains(polygon, *self.fraction(point)) for point in self.points.values()]
        return sum(found) / len(found) if found else 0.0

    @property
    def _aspect(self) -> float:
        return self.size[1] / self.size[0]


class People:
    """Make a ``Body`` of each person in a frame, and remember each for as long as that person is followed."""

    def __init__(self, floor: Floor | None = None) -> None:
        self._floor = floor
        self._memories = PerPerson(BodyMemory)

    def see(self, persons: Sequence[Person], size: tuple[int, int], now: float) -> list[Body]:
        """Measure everybody in a frame of that width and height, px, at ``now`` s."""
        return [Body.of(person, size, self._floor, memory, now) for person, memory in self._memories.see(persons, now)]


def _noted(window: TimeWindow[_Value], value: _Value | None, now: float) -> list[_Value]:
    """Add a value that is known, and return all that are not too old."""
    if value is None:
        window.drop_old(now)
    else:
        window.add(value, now)
    return window.values()


def middle(found: Sequence[Point]) -> Point | None:
    """Return the mean of some points; None of none."""
    if not found:
        return None
    xs, ys = zip(*found, strict=True)
    return Point(sum(xs) / len(found), sum(ys) / len(found))


def _between(one: Point | None, other: Point | None) -> Point | None:
    """Return the middle of two points, or the one that there is."""
    if one and other:
        return Point((one.x + other.x) / 2, (one.y + other.y) / 2)
    return one or other


def _frame_height(points: Mapping[str, Point], shoulders: Point | None, hips: Point | None) -> float | None:
    """Return the greatest height that a known length tells: foreshortened lengths tell smaller ones."""
    height = _LEAST_HEIGHT_PX
    if shoulders and hips:
        height = max(height, math.dist(shoulders, hips) / anthropometry.TRUNK)
    left, right = points.get("leftShoulder"), points.get("rightShoulder")
    if left and right:
        height = max(height, math.dist(left, right) / anthropometry.SHOULDER_WIDTH)
    return height if height > _LEAST_HEIGHT_PX else None
