"""A small line chart in SVG."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 40, 50
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Those of Okabe and Ito, which also colour-blind people tell apart."""
_TICKS = 5
_LEGEND_STEP = 18

Points = Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """A label, and the range that is shown."""

    label: str
    low: float = 0.0
    high: float = 1.0


def line_chart(title: str, across: Axis, up: Axis, series: Mapping[str, Points]) -> str:
    """Draw a chart.

    Args:
        title: Above it.
        across: The horizontal axis; its range has two different ends.
        up: The vertical one.
        series: Points by name, at most six series; a line joins those of each.

    Returns:
        An SVG document.
    """
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {_HEIGHT}",
            "font-family": "sans-serif",
            "font-size": "13",
        },
    )
    SubElement(root, "rect", {"width": str(_WIDTH), "height": str(_HEIGHT), "fill": "white"})
    _text(root, _WIDTH / 2, 20, title, "middle", {"font-weight": "bold"})
    _text(root, _WIDTH / 2, _HEIGHT - 10, across.label, "middle")
    _text(root, 0, 0, up.label, "middle", {"transform": f"translate(15 {_HEIGHT / 2:g}) rotate(-90)"})

    def place(x: float, y: float) -> tuple[float, float]:
        share_x, share_y = (x - across.low) / (across.high - across.low), (y - up.low) / (up.high - up.low)
        return (
            _LEFT + share_x * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - share_y * (_HEIGHT - _TOP - _BOTTOM),
        )

    for tick in range(_TICKS + 1):
        x, y = (axis.low + (axis.high - axis.low) * tick / _TICKS for axis in (across, up))
        for (x1, y1), (x2, y2) in (
            (place(x, up.low), place(x, up.high)),
            (place(across.low, y), place(across.high, y)),
        ):
            SubElement(root, "line", _ends(x1, y1, x2, y2, "#dddddd"))
        left, bottom = place(x, up.low)
        _text(root, left, bottom + 18, f"{x:.3g}", "middle")
        left, bottom = place(across.low, y)
        _text(root, left - 6, bottom + 4, f"{y:.3g}", "end")
    for number, (name, points) in enumerate(series.items()):
        colour = _COLOURS[number]
        placed = [place(x, y) for x, y in points]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        SubElement(root, "polyline", {"points": corners, "fill": "none", "stroke": colour, "stroke-width": "2"})
        for x, y in placed:
            SubElement(root, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "3", "fill": colour})
        y = _TOP + 12 + _LEGEND_STEP * number
        SubElement(root, "line", _ends(_LEFT + 10, y - 4, _LEFT + 30, y - 4, colour))
        _text(root, _LEFT + 36, y, name, "start")
    return tostring(root, encoding="unicode") + "\n"


def _ends(x1: float, y1: float, x2: float, y2: float, colour: str) -> dict[str, str]:
    return {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}", "stroke": colour}


def _text(root: Element, x: float, y: float, words: str, anchor: str, more: dict[str, str] | None = None) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, **(more or {})}
    SubElement(root, "text", place).text = words
