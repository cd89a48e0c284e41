"""Presence, and the number of people, also of those who are not seen at the moment.

Who is lost from sight, and was not seen leaving, is assumed to be there for a while. Wrong if the model is: a coat on a
stand may count while it is seen, though it is never assumed; and who leaves through a door in the picture that is no
``[[exit]]`` is assumed for ``presence.assume``.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from edge.config.settings import SECONDS, ExitSettings, setting
from edge.report.analytics.base import DURATION, LONGEST_S, EventKind, Registration, RuleFact, State, Trigger
from edge.report.analytics.body.body import Body
from edge.report.analytics.body.occupants import Occupants
from edge.report.analytics.event import Event
from edge.report.analytics.signal.debounce import Debounce
from edge.report.fields import OFF_AT_FIRST, Entity, Flag, Number, Words
from edge.wire import MAX_POSES

_ABSENT_S = 1.0
"""Time without being seen after which somebody is said to be assumed; the tracker finds most people again sooner."""
_STEP_S = 10
"""Steps of the time that remains, s."""
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """Detection of presence, and the number of people."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    enter: float = setting(0.5, **SECONDS)
    """Seconds for which somebody must be seen before the room counts as occupied."""
    clear: float = setting(5.0, **SECONDS)
    """Seconds for which nobody must be seen before it counts as empty, where nobody is assumed."""
    assume: float = setting(60.0, **SECONDS)
    """Seconds for which somebody is assumed to be there who is no longer seen and was not seen leaving; 0: never."""
    assume_resting: float = setting(1800.0, **SECONDS)
    """The same of somebody who was last seen sitting, lying or going down."""


class Presence:
    """``occupied``, ``people``, ``assumed`` and ``assumed_for``.

    A person counts once seen for ``enter`` s. The room is empty ``clear`` s after the last one left, or when nobody is
    assumed any more.
    """

    def __init__(self, settings: PresenceSettings, exits: Sequence[ExitSettings] = ()) -> None:
        self._occupants = Occupants([each.polygon for each in exits], settings.assume, settings.assume_resting)
        self._occupied = Debounce(settings.enter, settings.clear)
        self._people = _Count(settings.enter, settings.clear)
        self._assumed = _Count(_ABSENT_S, settings.enter)
        self._clear = settings.clear
        self._how = "lost"

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``assumed_over``; ``arrived`` when the room becomes occupied, ``left`` when it becomes empty."""
        events = []
        for ended in self._occupants.update(people, now):
            self._how = ended.how
            if ended.how == "assumed":
                seconds = min(round(ended.seconds), LONGEST_S)
                events.append(Event("assumed_over", ended.person, details={"seconds": seconds}))
        was = self._occupied.value
        # Who is assumed counts until ``clear`` s before the end, so that with the debouncing the end is exact.
        there = self._occupants.count(self._clear)
        if not (there or was) and self._occupants.is_glimpsed:
            return events
        changed = self._occupied.update(there > 0, now)
        self._people.update(there, now)
        self._assumed.update(self._occupants.assumed, now)
        if changed and self._occupied.value:
            events.append(Event("arrived"))
        elif changed and was:
            events.append(Event("left", details={"how": self._how}))
        return events

    def resume(self) -> None:
        """Keep who was certain to be there before a blind stretch: the room does not become occupied once more."""
        for hold in (self._occupied, *self._people.holds, *self._assumed.holds):
            hold.resume()

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        if self._occupied.value is None:
            return {"occupied": None, "people": None, "assumed": None, "assumed_for": None}
        assumed = min(self._assumed.value, self._people.value)
        return {
            "occupied": self._occupied.value,
            "people": self._people.value,
            "assumed": assumed,
            "assumed_for": _coarse(self._occupants.remaining) if assumed else 0,
        }


class _Count:
    """A number that does not flicker: "at least so many" is debounced for each number."""

    def __init__(self, delay_up: float, delay_down: float) -> None:
        self._delays = (delay_up, delay_down)
        self._at_least: dict[int, Debounce] = {}

    def update(self, count: int, now: float) -> None:
        for number in range(1, max(count, *self._at_least, 0) + 1):
            if number not in self._at_least:
                self._at_least[number] = Debounce(*self._delays)
            self._at_least[number].update(count >= number, now)

    @property
    def holds(self) -> Collection[Debounce]:
        return self._at_least.values()

    @property
    def value(self) -> int:
        return sum(hold.value is True for hold in self._at_least.values())


def _coarse(seconds: float) -> int:
    """Round a time up: to minutes, and in the last one to 10 s, so that ``state`` is not published every second."""
    step = _MINUTE_S if seconds > _MINUTE_S else _STEP_S
    return math.ceil(seconds / step) * step


PEOPLE_ENTITY = Entity("sensor", "People", {"icon": "mdi:account-multiple", "state_class": "measurement"})
PEOPLE = Number(low=0, high=MAX_POSES, help="how many people are there", entity=PEOPLE_ENTITY)
_OCCUPANCY = Entity("binary_sensor", "Occupancy", {"device_class": "occupancy"})
_MEASURED = {"state_class": "measurement"}
_DIAGNOSTIC = {"entity_category": "diagnostic", **OFF_AT_FIRST}
_ASSUMED = Number(
    low=0,
    high=MAX_POSES,
    help="how many of `people` are not seen, and assumed because they were not seen leaving",
    entity=Entity("sensor", "Assumed people", {"icon": "mdi:account-question", **_MEASURED, **_DIAGNOSTIC}),
)
_ASSUMED_FOR = Number(
    low=0,
    high=SECONDS["high"],
    step=_STEP_S,
    unit="s",
    help="for how much longer somebody is assumed; 0 if nobody is",
    entity=Entity("sensor", "Assumed for", {"device_class": "duration", "unit_of_measurement": "s", **_DIAGNOSTIC}),
)
_HOW = Words(
    allowed=("edge", "exit", "assumed", "lost"),
    nullable=False,
    help="how the last one went: seen leaving through an edge of the picture or an `[[exit]]`; assumed until the time "
    "was over; or lost and not assumed",
)

REGISTRATION = Registration(
    section="presence",
    settings=PresenceSettings,
    make=lambda context: Presence(context.settings.section(PresenceSettings), context.settings.exit),
    state={
        "occupied": Flag(help="somebody is there, seen or assumed", entity=_OCCUPANCY),
        "people": replace(PEOPLE, help="how many people are there, seen and assumed"),
        "assumed": _ASSUMED,
        "assumed_for": _ASSUMED_FOR,
    },
    events={
        "arrived": EventKind("the room was empty, and somebody is there", triggers=[Trigger("Somebody arrived")]),
        "left": EventKind("the last person is gone", {"how": _HOW}, [Trigger("Everybody left")]),
        "assumed_over": EventKind("somebody was assumed, and not seen again in time", {"seconds": DURATION}),
    },
    facts={
        "occupied": RuleFact("occupied"),
        "people": RuleFact("people"),
        "assumed": RuleFact("assumed"),
    },
    order=0,
)
