"""Where somebody is for a zone or a line: steadily by the same point of the body, in the frame or on the floor."""

from typing import NamedTuple

from edge.config.settings import LineSettings, ZoneSettings
from edge.report.analytics.body.body import Body

_WITHOUT_FEET = 1.0
"""Seconds without feet before hips count for them. They are half a body higher in the frame, thus in another place, and
ankles are lost for a moment all the time."""
_EDGE = 0.001
"""A point is at least so far, in fractions, within the frame: soles below it belong to a zone that reaches its edge."""


class AnchorPoint(NamedTuple):
    """A point in fractions of the frame or in metres, and which of the body's points it is."""

    x: float
    y: float
    of: str


class Anchor:
    """Of one person, as a zone or line wants to know it."""

    def __init__(self, settings: ZoneSettings | LineSettings) -> None:
        self._point = settings.point
        self._in_metres = settings.unit == "metres"
        self._feet_at: float | None = None

    def find(self, body: Body, now: float) -> AnchorPoint | None:
        """The spot; None while it is not seen. Hips serve for feet in the frame; on the floor nothing does."""
        if self._in_metres:
            return AnchorPoint(*body.position, "feet") if body.position else None
        of = self._point
        if of == "feet" and body.feet:
            self._feet_at = now
        elif of == "feet":
            if self._feet_at is not None and now - self._feet_at < _WITHOUT_FEET:
                return None
            of = "hips"
        point = body.place(of)
        if not point:
            return None
        x, y = body.fraction(point)
        return AnchorPoint(min(max(x, _EDGE), 1 - _EDGE), min(max(y, _EDGE), 1 - _EDGE), of)
