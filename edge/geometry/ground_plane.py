"""Map points in the frame to the floor of the room: metres, x to the right and y away from the camera.

A pinhole camera maps a plane by a homography. It is computed either from the camera's height and angles, with the
origin on the floor below the camera, or from four marks on the floor, in the coordinates given for them. Lens
distortion is neglected.
"""

import math
from collections.abc import Callable, Sequence
from itertools import combinations

from edge.errors import BadSetting
from edge.geometry.polygon import Corner, side

FARTHEST = 100.0
"""Greatest distance along x or y, m; near the horizon a pixel is kilometres."""
_MIN_ALTITUDE = 0.02
"""Least altitude of a triangle of marks over its longest side; marks are measured to about 1 % at best."""
_Map = Callable[[float, float, float], tuple[float, float, float]]
"""From x and y in fractions of the frame and the frame's height / width to homogeneous coordinates on the floor.

The third is the divisor of the other two. It is 0 at the horizon and proportional to the scale of the image, that is
to how large things appear that stand at this point of the floor.
"""


class Floor:
    """Map from the frame to the floor; ``aspect`` is the frame's height / width, both in px."""

    def __init__(self, to_metres: _Map) -> None:
        self._to_metres = to_metres

    def place(self, x: float, y: float, aspect: float) -> Corner | None:
        """Floor position, m, of a point in fractions of the frame; None above the horizon or beyond ``FARTHEST``."""
        right, away, divisor = self._to_metres(x, y, aspect)
        if divisor <= 0 or max(abs(right), abs(away)) > FARTHEST * divisor:
            return None
        return right / divisor, away / divisor

    def nearness(self, x: float, y: float, aspect: float) -> float:
        """Image scale at this point of the floor, in a unit of this floor's own; 0 or less above the horizon."""
        return self._to_metres(x, y, aspect)[2]


def by_camera(height: float, tilt: float, view: float) -> Floor:
    """Map of a camera ``height`` m above the floor, tilted down by ``tilt``, of horizontal angle ``view`` (radians)."""
    sine, cosine = math.sin(tilt), math.cos(tilt)
    focal_length = 0.5 / math.tan(view / 2)

    def to_metres(x: float, y: float, aspect: float) -> tuple[float, float, float]:
        right, down = (x - 0.5) / focal_length, (y - 0.5) * aspect / focal_length
        return height * right, height * (cosine - down * sine), sine + down * cosine

    return Floor(to_metres)


def by_marks(seen: Sequence[Corner], metres: Sequence[Corner]) -> Floor:
    """Homography that maps four points in the frame to four on the floor.

    In barycentric coordinates of the first three points a homography is one weight for each of them; the fourth point
    determines the weights, as four points are a projective basis of the plane: Hartley and Zisserman, Multiple View
    Geometry (2004), chapter 2.

    Returns:
        The map.

    Raises:
        BadSetting: No camera above a floor sees the marks so.
    """
    _check_marks(seen, metres)
    in_frame, on_floor = _barycentric(seen, *seen[3]), _barycentric(metres, *metres[3])
    weights = [there / here for here, there in zip(in_frame, on_floor, strict=True)]

    def to_metres(x: float, y: float, aspect: float) -> tuple[float, float, float]:
        parts = [weight * part for weight, part in zip(weights, _barycentric(seen, x, y), strict=True)]
        return (
            sum(part * mark[0] for part, mark in zip(parts, metres, strict=False)),
            sum(part * mark[1] for part, mark in zip(parts, metres, strict=False)),
            sum(parts),
        )

    return Floor(to_metres)


def _barycentric(corners: Sequence[Corner], x: float, y: float) -> tuple[float, float, float]:
    """Barycentric coordinates of a point in the triangle of the first three corners."""
    one, two, three = corners[:3]
    whole = side(one, two, *three)
    return side(two, three, x, y) / whole, side(three, one, x, y) / whole, side(one, two, x, y) / whole


def _check_marks(seen: Sequence[Corner], metres: Sequence[Corner]) -> None:
    """Check that a camera above the floor can see the marks so: each three of them in the same rotational order.

    Raises:
        BadSetting: It cannot.
    """
    # y points down in the frame and away from the camera on the floor: signs are opposite.
    orders = zip(_orientations(seen, "in the frame"), _orientations(metres, "on the floor"), strict=True)
    if not all(in_frame * on_floor < 0 for in_frame, on_floor in orders):
        raise BadSetting(
            "floor.marks: no camera above a floor sees these marks so; expected metres to the right and metres away "
            "(are two marks exchanged, or left and right?)"
        )


def _orientations(points: Sequence[Corner], where: str) -> list[float]:
    """Orientation (sign) of each three of four points.

    Returns:
        Twice the signed area of each triangle.

    Raises:
        BadSetting: Three of the points are nearly on one line.
    """
    orientations = []
    for numbers in combinations(range(4), 3):
        one, two, three = (points[number] for number in numbers)
        orientations.append(side(one, two, *three))
        if (
            abs(orientations[-1])
            <= _MIN_ALTITUDE * max(math.dist(one, two), math.dist(two, three), math.dist(three, one)) ** 2
        ):
            names = "marks {}, {} and {}".format(*(number + 1 for number in numbers))
            raise BadSetting(f"floor.marks: {names} are on one line {where}; expected four of which no three are")
    return orientations
