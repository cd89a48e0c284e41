"""Positions on the floor, in metres; distance and speed of the nearest person.

Only as right as ``[floor]``. Feet are off by some centimetres, and by half a step if one is hidden. Feet in the air,
on a bed or on stairs seem to be elsewhere.
"""

import math
from collections.abc import Sequence
from statistics import median

from edge.config.shapes import find_floor
from edge.geometry.ground_plane import FARTHEST
from edge.report.analytics.base import Registration, RuleFact, State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.slope import slope
from edge.report.analytics.signal.steps import Steps
from edge.report.fields import OFF_AT_FIRST, ByPerson, Entity, Number, point
from edge.runtime.time_window import TimeWindow

_WINDOW_S = 1.5
"""Time over which a speed is measured: about three steps, as the feet stand still in turn."""
_NOW_S = 0.5
"""Time over which the median of the distance is taken, so that feet that jump once are nowhere else."""
_DISTANCES_PER_M = 2
_SPEEDS_PER_M_S = 5
"""Steps of the published values in a metre, and in a metre a second."""
_FASTEST_M_S = 10.0
"""Nobody runs faster in a room; what seems to has jumped from one body to another."""


class FloorPosition:
    """``positions``: [x, y] in m, to 0.1, by id, of everybody whose feet are seen; ``distance`` and ``speed``."""

    def __init__(self) -> None:
        self._positions: dict[str, list[float]] | None = None
        self._paths = PerPerson(_Path)
        self._distance, self._speed = Steps(_DISTANCES_PER_M), Steps(_SPEEDS_PER_M_S)

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit nothing."""
        self._positions = {
            str(body.id): [round(part, 1) for part in position] for body in people if (position := body.position)
        }
        for body, path in self._paths.see(people, now):
            path.update(body.position, now)
        paths = [path for path in self._paths.values() if path.distance is not None]
        nearest = min(paths, key=lambda path: path.distance or 0.0, default=None)
        self._distance.update(nearest.distance if nearest else None)
        self._speed.update(nearest.speed if nearest else None)
        return []

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"positions": self._positions, "distance": self._distance.value, "speed": self._speed.value}


class _Path:
    """Where one person has been of late."""

    def __init__(self) -> None:
        self._spots: TimeWindow[tuple[float, float]] = TimeWindow(_WINDOW_S)
        self._distances: TimeWindow[float] = TimeWindow(_NOW_S)

    def update(self, position: tuple[float, float] | None, now: float) -> None:
        if position:
            self._spots.add(position, now)
            self._distances.add(math.hypot(*position), now)
        else:
            self._spots.drop_old(now)
            self._distances.drop_old(now)

    @property
    def distance(self) -> float | None:
        """Distance from the origin of the floor, m."""
        return median(self._distances.values()) if self._distances else None

    @property
    def speed(self) -> float | None:
        """Speed along the floor, m/s; None while too little was seen."""
        parts = [slope([(time, spot[axis]) for time, spot in self._spots], _WINDOW_S) for axis in (0, 1)]
        across, away = parts
        return None if across is None or away is None else min(math.hypot(across, away), _FASTEST_M_S)


_MEASURED = {"state_class": "measurement", **OFF_AT_FIRST}

REGISTRATION = Registration(
    section="floor",
    is_wanted=lambda settings: find_floor(settings.floor),
    make=lambda context: FloorPosition(),
    state={
        "positions": ByPerson(of=point(-FARTHEST, FARTHEST, 0.1), unit="m", help="[x, y] by id, of who stands"),
        "distance": Number(
            low=0,
            high=FARTHEST,
            step=1 / _DISTANCES_PER_M,
            unit="m",
            help="how far the nearest person is, along the floor, from the point below the camera, or from where "
            "`floor.marks` count from; null where no feet are seen",
            entity=Entity("sensor", "Distance", {"device_class": "distance", "unit_of_measurement": "m", **_MEASURED}),
        ),
        "speed": Number(
            low=0,
            high=_FASTEST_M_S,
            step=1 / _SPEEDS_PER_M_S,
            unit="m/s",
            help="how fast that person walks; null as `distance`, and for the first second",
            entity=Entity("sensor", "Speed", {"device_class": "speed", "unit_of_measurement": "m/s", **_MEASURED}),
        ),
    },
    facts={"distance": RuleFact("distance"), "speed": RuleFact("speed")},
)
