"""Polygons, against OpenCV's own answers and against what must hold for any."""

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.geometry.polygon import Polygon, contains, crossing, meet, side

PART = st.integers(0, 40).map(lambda number: number / 40)
CORNER = st.tuples(PART, PART)
POLYGON = st.lists(CORNER, min_size=3, max_size=8).map(tuple)


@given(POLYGON, st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)))
def test_inside_as_opencv_says(polygon: Polygon, point: tuple[float, float]) -> None:
    assume(crossing(polygon) is None)
    distance = cv2.pointPolygonTest(np.array(polygon, np.float32) * 1000, (point[0] * 1000, point[1] * 1000), True)
    assume(abs(distance) > 0.01)
    assert contains(polygon, *point) == (distance > 0)


@given(POLYGON)
def test_a_polygon_without_crossings_has_an_area(polygon: Polygon) -> None:
    assume(crossing(polygon) is None)
    assert cv2.contourArea(np.array(polygon, np.float32)) > 0


@given(POLYGON, st.integers(0, 7))
def test_crossing_depends_neither_on_the_start_nor_on_the_direction(polygon: Polygon, turn: int) -> None:
    crosses = crossing(polygon) is not None
    turn %= len(polygon)
    assert (crossing(polygon[turn:] + polygon[:turn]) is not None) == crosses
    assert (crossing(polygon[::-1]) is not None) == crosses


@pytest.mark.parametrize(
    ("polygon", "edges"),
    [
        (((0, 0), (1, 0), (1, 1), (0, 1)), None),
        (((0, 0), (1, 1), (1, 0), (0, 1)), (1, 3)),
        (((0, 0), (1, 0), (0, 0)), (1, 2)),
        (((0, 0), (1, 0), (0.5, 0)), (1, 2)),
        (((0, 0), (0, 0), (1, 1)), (1, 2)),
        # A corner that touches another edge.
        (((0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)), (1, 3)),
    ],
)
def test_crossings(polygon: Polygon, edges: tuple[int, int] | None) -> None:
    assert crossing(polygon) == edges


def test_sides_and_meetings() -> None:
    assert side((0, 0), (1, 0), 0.5, 0.5) > 0 > side((0, 0), (1, 0), 0.5, -0.5)
    assert meet(((0, 0), (1, 1)), ((0, 1), (1, 0)))
    assert meet(((0, 0), (1, 1)), ((1, 1), (2, 0)))
    assert not meet(((0, 0), (1, 1)), ((0.6, 0.5), (1, 0)))
