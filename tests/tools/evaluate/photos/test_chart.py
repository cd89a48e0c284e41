"""A chart is well-formed SVG that has its points where they belong."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tools.evaluate.photos.chart import Axis, line_chart

SVG = "{http://www.w3.org/2000/svg}"
POINTS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=10)


@given(st.dictionaries(st.text("abc<&\"'>é ", max_size=8), POINTS, max_size=6))
def test_each_series_is_a_line_inside_the_picture(series: dict[str, list[tuple[float, float]]]) -> None:
    root = ElementTree.fromstring(line_chart("<all> & more", Axis("x"), Axis("y"), series))
    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == len(series)
    for line, points in zip(lines, series.values(), strict=True):
        corners = [tuple(map(float, corner.split(","))) for corner in line.get("points", "").split()]
        assert len(corners) == len(points)
        assert all(0 <= x <= 640 and 0 <= y <= 400 for x, y in corners)
    texts = [text.text or "" for text in root.findall(f"{SVG}text")]
    assert {"<all> & more", "x", "y"} <= set(texts)
    assert texts[-len(series) :] == list(series) if series else True


def test_right_is_right_and_up_is_up() -> None:
    root = ElementTree.fromstring(line_chart("", Axis("", 10, 20), Axis("", 0, 2), {"": [(10, 0), (20, 2), (15, 1)]}))
    (line,) = root.findall(f"{SVG}polyline")
    (left, bottom), (right, top), middle = (
        tuple(map(float, each.split(","))) for each in line.get("points", "").split()
    )
    assert left < right
    assert top < bottom
    assert middle == pytest.approx(((left + right) / 2, (top + bottom) / 2), abs=0.1)
