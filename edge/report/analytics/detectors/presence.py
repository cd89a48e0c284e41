"""Presence, and the number of people.

Wrong if the model is: a coat on a stand may count, and somebody behind a sofa does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import SECONDS, setting
from edge.report.analytics.base import EventKind, Registration, RuleFact, State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.signal.debounce import Debounce
from edge.report.fields import Entity, Flag, Number
from edge.wire import MAX_POSES


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """Detection of presence, and the number of people."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    enter: float = setting(0.5, **SECONDS)
    """Seconds for which somebody must be seen before the room counts as occupied."""
    clear: float = setting(5.0, **SECONDS)
    """Seconds for which nobody must be seen before it counts as empty."""


class Presence:
    """``occupied`` and ``people``; a person counts once seen for ``enter`` s, the room is empty after ``clear`` s."""

    def __init__(self, settings: PresenceSettings) -> None:
        self._occupied = Debounce(settings.enter, settings.clear)
        self._counts: dict[int, Debounce] = {}
        self._settings = settings

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``arrived`` when the room becomes occupied, ``left`` when it becomes empty."""
        was = self._occupied.value
        changed = self._occupied.update(bool(people), now)
        self._count(len(people), now)
        if not changed or (was is None and not self._occupied.value):
            return []
        return [Event("arrived" if self._occupied.value else "left")]

    def resume(self) -> None:
        """Keep who was certain to be there before a blind stretch: the room does not become occupied once more."""
        for hold in (self._occupied, *self._counts.values()):
            hold.resume()

    def _count(self, seen: int, now: float) -> None:
        """Debounce "at least so many" for each number: a count goes up after ``enter``, and down after ``clear``."""
        for number in range(1, max(seen, *self._counts, 0) + 1):
            if number not in self._counts:
                self._counts[number] = Debounce(self._settings.enter, self._settings.clear)
            self._counts[number].update(seen >= number, now)

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        people = None
        if self._occupied.value is not None:
            people = sum(hold.value is True for hold in self._counts.values())
        return {"occupied": self._occupied.value, "people": people}


PEOPLE_ENTITY = Entity("sensor", "People", {"icon": "mdi:account-multiple", "state_class": "measurement"})
PEOPLE = Number(low=0, high=MAX_POSES, help="how many people are there", entity=PEOPLE_ENTITY)
_OCCUPANCY = Entity("binary_sensor", "Occupancy", {"device_class": "occupancy"})

REGISTRATION = Registration(
    section="presence",
    settings=PresenceSettings,
    make=lambda context: Presence(context.settings.section(PresenceSettings)),
    state={"occupied": Flag(help="somebody is there", entity=_OCCUPANCY), "people": PEOPLE},
    events={
        "arrived": EventKind("the room was empty, and somebody is there", is_trigger=True),
        "left": EventKind("the last person is gone", is_trigger=True),
    },
    facts={"occupied": RuleFact("occupied"), "people": RuleFact("people")},
    order=0,
)
