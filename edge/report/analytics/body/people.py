"""The people of each frame, with what no single frame tells well: how tall they stand, and whether they are upright."""

from collections.abc import Sequence

from edge.geometry.ground_plane import Floor
from edge.pose import Person
from edge.report.analytics.body.body import Body
from edge.report.analytics.body.body_height import BodyHeight
from edge.report.analytics.body.trunk_state import TrunkState
from edge.report.analytics.per_person import PerPerson


class People:
    """``see`` makes a ``Body`` of each person, and remembers of each a few seconds."""

    def __init__(self, floor: Floor | None = None) -> None:
        self._floor = floor
        self._each = PerPerson(lambda: (BodyHeight(), TrunkState()))

    def see(self, persons: Sequence[Person], size: tuple[int, int], now: float) -> list[Body]:
        """Who is seen at ``now`` s in a frame of that width and height, px."""
        self._each.forget(now)
        bodies = [Body(person, size, self._floor) for person in persons]
        for body, (stature, upright) in self._each.see(bodies, now):
            body.tall = stature.update(body, now)
            stands = upright.update(body, now)
            body.stands, body.lies = stands is True, stands is False
        return bodies
