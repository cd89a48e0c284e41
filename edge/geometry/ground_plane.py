"""The floor as the camera sees it: from a point in the frame to metres in the room, x to the right and y away.

A pinhole camera maps a plane by a homography. It is made either of where the camera hangs, and then (0, 0) is the point
of the floor below it, or of four marks on the floor, and then (0, 0) is wherever they say. Lenses that bend straight
lines are taken for ones that don't.
"""

import math
from collections.abc import Callable, Sequence
from itertools import combinations

from edge.config.settings import FloorSettings
from edge.errors import BadSetting
from edge.geometry.polygon import Corner, side

FARTHEST = 100.0
"""Metres along x or y, beyond which nobody is to be found; near the horizon a pixel is kilometres."""
_THIN = 0.02
"""A triangle lower than this part of its longest side is a line: nobody marks points much better than to 1 %."""
_Map = Callable[[float, float, float], tuple[float, float, float]]
"""From a point in fractions of the frame, and the frame's height by its width, to x, y and a divisor of both.

The divisor is 0 at the horizon, and in proportion to how large things appear where they stand on the floor.
"""


class Floor:
    """``place`` and ``nearness`` of points in the frame; aspect: its height by its width, in px."""

    def __init__(self, to_metres: _Map) -> None:
        self._to_metres = to_metres

    def place(self, x: float, y: float, aspect: float) -> Corner | None:
        """Where on the floor a point in fractions of the frame is, m; None above the horizon or beyond ``FARTHEST``."""
        right, away, divisor = self._to_metres(x, y, aspect)
        if divisor <= 0 or max(abs(right), abs(away)) > FARTHEST * divisor:
            return None
        return right / divisor, away / divisor

    def nearness(self, x: float, y: float, aspect: float) -> float:
        """How large something appears that stands there, in this floor's own unit; 0 or less: above the horizon."""
        return self._to_metres(x, y, aspect)[2]


def find_floor(settings: FloorSettings) -> Floor | None:
    """The floor of these settings, None where they say nothing of it.

    Raises BadSetting for half of what is needed, and for marks that no camera could see so.
    """
    if settings.marks:
        return Floor(_by_marks([mark[:2] for mark in settings.marks], [mark[2:] for mark in settings.marks]))
    height, tilt, view = settings.camera_height, settings.tilt, settings.field_of_view
    if height is None or tilt is None or view is None:
        named = {"camera_height": height, "tilt": tilt, "field_of_view": view}
        missing = [name for name, value in named.items() if value is None]
        if len(missing) < len(named):
            raise BadSetting(f"floor.{missing[0]} is missing; expected {', '.join(named)} together, or marks")
        return None
    return Floor(_by_camera(height, math.radians(tilt), math.radians(view)))


def _by_camera(height: float, tilt: float, view: float) -> _Map:
    """Of a camera ``height`` m above the floor, that looks down by ``tilt`` and sees ``view`` across (radians)."""
    sine, cosine = math.sin(tilt), math.cos(tilt)
    focal_length = 0.5 / math.tan(view / 2)

    def to_metres(x: float, y: float, aspect: float) -> tuple[float, float, float]:
        right, down = (x - 0.5) / focal_length, (y - 0.5) * aspect / focal_length
        return height * right, height * (cosine - down * sine), sine + down * cosine

    return to_metres


def _by_marks(seen: Sequence[Corner], metres: Sequence[Corner]) -> _Map:
    """The homography that takes four points to four others.

    In barycentric coordinates of the first three it is a weight for each of them, and the fourth says which, as four
    points are a basis of the projective plane: Hartley and Zisserman, Multiple View Geometry (2004), chapter 2.
    """
    _check_marks(seen, metres)
    weights = [there / here for here, there in zip(_shares(seen, *seen[3]), _shares(metres, *metres[3]), strict=True)]

    def to_metres(x: float, y: float, aspect: float) -> tuple[float, float, float]:
        parts = [weight * share for weight, share in zip(weights, _shares(seen, x, y), strict=True)]
        return (
            sum(part * mark[0] for part, mark in zip(parts, metres, strict=False)),
            sum(part * mark[1] for part, mark in zip(parts, metres, strict=False)),
            sum(parts),
        )

    return to_metres


def _shares(corners: Sequence[Corner], x: float, y: float) -> tuple[float, float, float]:
    """Barycentric coordinates of a point in the triangle of the first three corners."""
    one, two, three = corners[:3]
    whole = side(one, two, *three)
    return side(two, three, x, y) / whole, side(three, one, x, y) / whole, side(one, two, x, y) / whole


def _check_marks(seen: Sequence[Corner], metres: Sequence[Corner]) -> None:
    """A camera above the floor sees every three marks go around the same way; y points down there, and away here."""
    turns = zip(_turns(seen, "in the frame"), _turns(metres, "on the floor"), strict=True)
    if not all(there * here < 0 for there, here in turns):
        raise BadSetting(
            "floor.marks: no camera above a floor sees these marks so; expected metres to the right and metres away "
            "(are two marks exchanged, or left and right?)"
        )


def _turns(points: Sequence[Corner], where: str) -> list[float]:
    """Which way each three of four points go around: positive or negative, and never nearly on one line."""
    turns = []
    for numbers in combinations(range(4), 3):
        one, two, three = (points[number] for number in numbers)
        turns.append(side(one, two, *three))
        if abs(turns[-1]) <= _THIN * max(math.dist(one, two), math.dist(two, three), math.dist(three, one)) ** 2:
            names = "marks {}, {} and {}".format(*(number + 1 for number in numbers))
            raise BadSetting(f"floor.marks: {names} are on one line {where}; expected four of which no three are")
    return turns
