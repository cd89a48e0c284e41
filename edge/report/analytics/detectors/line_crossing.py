"""Crossings of lines, in and out.

Wrong if the point that counts is hidden at the line or guessed. A person who is lost on one side and found on the other
with a new id does not count: a line needs a metre in sight on both sides.
"""

import math
from collections.abc import Iterator, Sequence

from edge.config.settings import LineSettings
from edge.geometry.anthropometry import ADULT_HEIGHT_M
from edge.geometry.polygon import meet, side
from edge.report.analytics.base import EventKind, Registration, State, Trigger
from edge.report.analytics.body.anchor import Anchor, AnchorPoint
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.fields import ByName, Entity, Group, Number, Text, Words

_BEYOND_HEIGHTS = 0.03
"""Distance from the line beyond which somebody is on the other side. See docs/calibration.md."""
_TRAVEL_HEIGHTS = 0.2
"""Least way across the line, both sides together; less is dithering. See docs/calibration.md."""
_LASTING_S = 0.15
"""Least time on the other side: a point that is lost for one frame is no crossing."""
_KEEP_S = 30.0
"""Time for which the side of somebody unseen is remembered: the longest ``track.keep``."""


class LineCrossing:
    """``lines``: by name, the number of crossings ``in`` and ``out``."""

    def __init__(self, settings: Sequence[LineSettings]) -> None:
        self._lines = [_Line(line) for line in settings]

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``line_crossed``, with the line's name and the direction."""
        return [event for line in self._lines for event in line.update(people, now)]

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"lines": {line.settings.name: dict(line.counts) for line in self._lines}}


class _Path:
    """The side of a line on which one person is, and since when perhaps on the other."""

    def __init__(self, settings: LineSettings) -> None:
        self.standpoint = Anchor(settings)
        self._begin(None)

    def _begin(self, spot: AnchorPoint | None, side: float = 0.0, far: float = 0.0) -> None:
        self._last = spot
        self._side = side
        self._farthest = far
        self._since: float | None = None

    def step(self, spot: AnchorPoint, off: float, now: float) -> AnchorPoint | None:
        """Return the last spot on the one side when the person has gone to the other.

        Args:
            spot: Where the person is.
            off: Distance to the right of the line, body heights.
            now: Monotonic time, s.
        """
        if self._last is None or spot.of != self._last.of:
            self._begin(spot)
        if not self._side and abs(off) >= _BEYOND_HEIGHTS:
            self._side = math.copysign(1.0, off)
        beyond = -off * self._side
        if beyond <= 0:
            self._begin(spot, self._side, max(self._farthest, -beyond))
        elif beyond < _BEYOND_HEIGHTS or self._farthest + beyond < _TRAVEL_HEIGHTS:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since >= _LASTING_S:
            last = self._last
            self._begin(spot, -self._side, beyond)
            return last
        return None


class _Line:
    def __init__(self, settings: LineSettings) -> None:
        self.settings = settings
        self.counts = {"in": 0, "out": 0}
        self._paths = PerPerson(lambda: _Path(settings), _KEEP_S)

    def update(self, people: Sequence[Body], now: float) -> Iterator[Event]:
        for body, path in self._paths.see(people, now):
            spot = path.standpoint.find(body, now)
            if not (spot and body.frame_height):
                continue
            off = self._off(spot, body.size, body.frame_height)
            last = path.step(spot, off, now)
            if last and meet((self.settings.start, self.settings.end), (last[:2], spot[:2])):
                direction = "in" if off > 0 else "out"
                self.counts[direction] += 1
                yield Event("line_crossed", body.id, details={"line": self.settings.name, "direction": direction})

    def _off(self, spot: AnchorPoint, size: tuple[int, int], height: float) -> float:
        """Return how far right of the line a spot is, in heights of the person; height: px in a frame of that size."""
        across, down = size
        if self.settings.unit == "metres":
            across, down, height = 1, -1, ADULT_HEIGHT_M
        start, end, place = ((x * across, y * down) for x, y in (self.settings.start, self.settings.end, spot[:2]))
        return side(start, end, *place) / math.dist(start, end) / height


def _count(direction: str, icon: str) -> Number:
    options = {"icon": icon, "state_class": "total_increasing"}
    return Number(low=0, high=10**9, entity=Entity("sensor", f"{{}} {direction}", options))


_LINE = {"in": _count("in", "mdi:location-enter"), "out": _count("out", "mdi:location-exit")}
_TRIGGERS = [
    Trigger("{}: crossed inwards", "direction", "in"),
    Trigger("{}: crossed outwards", "direction", "out"),
]
_DETAILS = {"line": Text(help="its name"), "direction": Words(allowed=("in", "out"))}

REGISTRATION = Registration(
    section="line",
    is_wanted=lambda settings: settings.line,
    make=lambda context: LineCrossing(context.settings.line),
    state={"lines": ByName(section="line", of=Group(parts=_LINE), help="how often each line was crossed")},
    events={"line_crossed": EventKind("somebody has crossed a line", _DETAILS, _TRIGGERS)},
    order=2,
)
