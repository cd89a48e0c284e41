"""The place of a person for a zone or a line: steadily that of the same point of the body."""

from typing import NamedTuple

from edge.config.settings import LineSettings, ZoneSettings
from edge.report.analytics.body.body import Body

_WITHOUT_FEET_S = 1.0
"""Time without feet before the hips count instead. They are half a body higher in the frame, so in another place, and
ankles are often lost for a moment."""
_EDGE = 0.001
"""Points are moved so far into the frame, in fractions: soles below it belong to a zone that reaches its edge."""


class AnchorPoint(NamedTuple):
    """A point in fractions of the frame or in metres, and which of the body's points it is."""

    x: float
    y: float
    of: str


class Anchor:
    """The point of one person that counts for a zone or line."""

    def __init__(self, settings: ZoneSettings | LineSettings) -> None:
        self._point = settings.point
        self._in_metres = settings.unit == "metres"
        self._feet_at: float | None = None

    def find(self, body: Body, now: float) -> AnchorPoint | None:
        """Find the spot; None while it is not seen. In the frame hips can stand for feet, on the floor nothing can."""
        if self._in_metres:
            position = body.position
            return AnchorPoint(*position, "feet") if position else None
        of = self._point
        if of == "feet" and body.feet:
            self._feet_at = now
        elif of == "feet":
            if self._feet_at is not None and now - self._feet_at < _WITHOUT_FEET_S:
                return None
            of = "hips"
        point = body.place(of)
        if not point:
            return None
        x, y = body.fraction(point)
        return AnchorPoint(min(max(x, _EDGE), 1 - _EDGE), min(max(y, _EDGE), 1 - _EDGE), of)
