"""Polygons in the frame, as corners (x, y) in fractions of its width and height, x right, y down."""

from collections.abc import Sequence
from itertools import combinations

Corner = tuple[float, float]
Polygon = tuple[Corner, ...]
Edge = tuple[Corner, Corner]


def contains(polygon: Sequence[Corner], x: float, y: float) -> bool:
    """Tell whether a point is inside by the even-odd rule; a point on an edge may count as either."""
    inside = False
    for (x1, y1), (x2, y2) in _edges(polygon):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def crossing(polygon: Sequence[Corner]) -> tuple[int, int] | None:
    """Find two edges that meet elsewhere than at a shared corner.

    Returns:
        Their numbers, counted from 1 by first corner; None if the polygon does not cross itself.
    """
    edges = list(enumerate(_edges(polygon), 1))
    for (first, one), (second, other) in combinations(edges, 2):
        neighbours = second - first in (1, len(edges) - 1)
        if meet(one, other) if not neighbours else _fold_back(one, other):
            return first, second
    return None


def side(start: Corner, end: Corner, x: float, y: float) -> float:
    """Cross product that is positive if the point is to the right of the line from ``start`` to ``end``."""
    return (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0])


def _edges(polygon: Sequence[Corner]) -> list[Edge]:
    return [(polygon[n], polygon[(n + 1) % len(polygon)]) for n in range(len(polygon))]


def meet(one: Edge, other: Edge) -> bool:
    """Tell whether two line segments have a point in common."""
    sides = [side(*one, *point) for point in other] + [side(*other, *point) for point in one]
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = [(one, point) for point in other] + [(other, point) for point in one]
    return any(cross == 0 and _between(edge, point) for cross, (edge, point) in zip(sides, ends, strict=True))


def _between(edge: Edge, point: Corner) -> bool:
    (x1, y1), (x2, y2) = edge
    return min(x1, x2) <= point[0] <= max(x1, x2) and min(y1, y2) <= point[1] <= max(y1, y2)


def _fold_back(one: Edge, other: Edge) -> bool:
    """Tell whether two edges with a common corner overlap."""
    common = set(one) & set(other)
    if len(common) != 1 or one[0] == one[1] or other[0] == other[1]:
        return True
    (shared,) = common
    far_one, far_other = (next(point for point in edge if point != shared) for edge in (one, other))
    return (side(*one, *far_other) == 0 and _between(one, far_other)) or (
        side(*other, *far_one) == 0 and _between(other, far_one)
    )
