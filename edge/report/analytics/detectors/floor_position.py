"""Positions on the floor, in metres.

Only as right as ``[floor]``. Feet are off by some centimetres, and by half a step if one is hidden. Feet in the air,
on a bed or on stairs seem to be elsewhere.
"""

from collections.abc import Sequence

from edge.config.shapes import find_floor
from edge.geometry.ground_plane import FARTHEST
from edge.report.analytics.base import Registration, State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.fields import ByPerson, point


class FloorPosition:
    """``positions``: [x, y] in m, to 0.1, by id, of everybody whose feet are seen."""

    def __init__(self) -> None:
        self._positions: dict[str, list[float]] | None = None

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit nothing."""
        self._positions = {
            str(body.id): [round(part, 1) for part in position] for body in people if (position := body.position)
        }
        return []

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"positions": self._positions}


REGISTRATION = Registration(
    section="floor",
    is_wanted=lambda settings: find_floor(settings.floor),
    make=lambda context: FloorPosition(),
    state={"positions": ByPerson(of=point(-FARTHEST, FARTHEST, 0.1), unit="m", help="[x, y] by id, of who stands")},
)
