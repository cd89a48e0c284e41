"""A long time without movement while somebody is there.

Wrong if the model is: a coat on a stand that it takes for a person never moves, and keypoints that jump while somebody
sleeps count as movement. Movements of less than a hand's length are not seen. It is about the room: while one of two
people moves, it is active.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import SECONDS, setting
from edge.report.analytics.base import DURATION, LONGEST_S, EventKind, Registration, RuleFact, State, Trigger
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.debounce import Debounce
from edge.report.fields import Entity, Flag


@dataclass(frozen=True, slots=True)
class InactivitySettings:
    """Detection of long times without movement."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    after: float = setting(1800.0, **SECONDS)
    """Seconds without movement, while somebody is seen."""


_FAR_HEIGHTS = 0.1
"""Distance from its average place from which on a keypoint has moved: 17 cm. See docs/calibration.md."""
_MIN_KEYPOINTS = 2
"""Number of keypoints that must have moved."""
_LASTING_S = 0.4
"""Time for which they must stay away: single keypoints jump for single frames."""
_AVERAGE_S = 5.0
"""Time over which the place of a keypoint is averaged."""
_PRESENT_S = 5.0
"""Time for which somebody unseen still counts as there, as ``presence.clear``."""


class Inactivity:
    """``inactive``: somebody is there and nobody has moved for ``after`` s; time when nobody is seen does not count.

    It stays true until a movement is seen: people who leave move first, so a still person who vanishes is still there.
    """

    def __init__(self, settings: InactivitySettings) -> None:
        self._after = settings.after
        self._each = PerPerson(_Pose)
        self._seen: float | None = None
        self._empty = Debounce(_PRESENT_S, 0.0)
        self._still = 0.0
        self._inactive: bool | None = None

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``inactive``, and ``active_again`` at the next movement."""
        moved = [pose.update(body, now) for body, pose in self._each.see(people, now)]
        if people:
            if self._seen is not None and now - self._seen <= _PRESENT_S:
                self._still += now - self._seen
            self._seen = now
        self._empty.update(not people, now)
        before, still = self._inactive, self._still
        if any(moved):
            self._inactive, self._still = False, 0.0
        elif still >= self._after:
            self._inactive = True
        elif self._empty.value:
            self._inactive = self._inactive or False
        if self._inactive is before or not (self._inactive or before):
            return []
        if self._inactive:
            return [Event("inactive")]
        return [Event("active_again", details={"seconds": min(round(still), LONGEST_S)})]

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"inactive": self._inactive}


class _Pose:
    """Average places of one person's keypoints."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[float, float]] = {}
        self._time = -math.inf
        self._moved = Debounce(_LASTING_S, 0.0)

    def update(self, body: Body, now: float) -> bool:
        """Tell whether several keypoints have moved away from there and stay away."""
        far = 0
        # Where no height is known, every shift counts as movement: rather no inactivity than a wrong one.
        distance = _FAR_HEIGHTS * (body.frame_height or 0.0)
        weight = min(1.0, (now - self._time) / _AVERAGE_S)
        self._time = now
        places = self._places
        for name, point in body.points.items():
            place = places.get(name, point)
            far += math.dist(place, point) > distance
            (x, y), (new_x, new_y) = place, point
            places[name] = x + weight * (new_x - x), y + weight * (new_y - y)
        self._moved.update(far >= _MIN_KEYPOINTS, now)
        return self._moved.value is True


REGISTRATION = Registration(
    section="inactivity",
    settings=InactivitySettings,
    make=lambda context: Inactivity(context.settings.section(InactivitySettings)),
    state={
        "inactive": Flag(
            help="somebody is there, and nobody has moved for `inactivity.after`",
            entity=Entity("binary_sensor", "No movement", {"icon": "mdi:sleep"}),
        )
    },
    events={
        "inactive": EventKind("nobody has moved for `inactivity.after`", triggers=[Trigger("Nobody moves any more")]),
        "active_again": EventKind("somebody moves again", {"seconds": DURATION}),
    },
    facts={"inactive": RuleFact("inactive")},
)
