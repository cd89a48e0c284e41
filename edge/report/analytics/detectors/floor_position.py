"""Where everybody stands on the floor.

As right as the floor is: feet are off by some centimetres, and where one is hidden by half a step; in the air, on a bed
or on the stairs they are not where they seem.
"""

from collections.abc import Sequence

from edge.geometry.ground_plane import FARTHEST, find_floor
from edge.report.analytics.base import Registration, State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.fields import ByPerson, Point


class FloorPosition:
    """``positions``: metres [x, y] by id, to 0.1, of everybody whose feet are seen."""

    def __init__(self) -> None:
        self._positions: dict[str, list[float]] | None = None

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Nothing ever happens."""
        self._positions = {str(body.id): [round(part, 1) for part in body.position] for body in people if body.position}
        return []

    @property
    def state(self) -> State:
        return {"positions": self._positions}


REGISTRATION = Registration(
    section="floor",
    is_wanted=lambda settings: find_floor(settings.floor),
    make=lambda context: FloorPosition(),
    state={
        "positions": ByPerson(
            of=Point(low=-FARTHEST, high=FARTHEST, step=0.1), unit="m", help="by id, where somebody stands"
        )
    },
)
