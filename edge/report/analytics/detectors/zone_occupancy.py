"""Occupancy of zones: people enter, leave, or stay for long.

Wrong if the point that counts is hidden or guessed: feet behind a table may seem to be on it. A person who vanishes
in a zone, for example under a blanket, counts there for as long as in the room; so does one who leaves unseen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from edge.config.settings import ZoneSettings
from edge.geometry.polygon import contains
from edge.report.analytics.base import EventKind, Registration, RuleFact, State, Trigger
from edge.report.analytics.body.anchor import Anchor
from edge.report.analytics.body.body import Body
from edge.report.analytics.detectors.presence import PEOPLE, PEOPLE_ENTITY, PresenceSettings
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import UNSEEN_S, PerPerson
from edge.report.analytics.signal.debounce import Debounce
from edge.report.fields import ByName, Entity, Flag, Group


class ZoneOccupancy:
    """``zones``: by name, ``occupied``, ``people`` and ``dwelling``."""

    def __init__(self, settings: Sequence[ZoneSettings], clear: float) -> None:
        self._zones = [_Zone(zone, clear) for zone in settings]

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``zone_entered``, ``zone_left`` and ``zone_dwelling``, each with the person and the zone."""
        return [event for zone in self._zones for event in zone.update(people, now)]

    @property
    def by_person(self) -> dict[int, State]:
        """By id, ``zone``: by name, whether that person is inside."""
        found: dict[int, State] = {}
        for zone in self._zones:
            for person, inside in zone.inside.items():
                found.setdefault(person, {"zone": {}})["zone"][zone.settings.name] = inside
        return found

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        return {"zones": {zone.settings.name: zone.state for zone in self._zones}}


class ZoneVisit:
    """The memory of one person for one zone."""

    def __init__(self, settings: ZoneSettings) -> None:
        self._settings = settings
        self.standpoint = Anchor(settings)
        self.seen: float | None = None
        self.end()

    def end(self) -> None:
        """Forget that the person was inside."""
        self.inside = Debounce(self._settings.enter, self._settings.leave)
        self.dwelling = Debounce(max(0.0, self._settings.dwell - self._settings.enter), 0.0)

    def succeed(self, other: "ZoneVisit") -> None:
        """Take over the stay of another, whose stay ends."""
        self.inside, self.dwelling = other.inside, other.dwelling
        other.end()

    def look(self, inside: bool, now: float) -> Iterator[str]:
        """Yield the kinds of events that happened."""
        was, dwelt = self.inside.value, self.dwelling.value
        self.seen = now
        self.inside.update(inside, now)
        if bool(self.inside.value) is not bool(was):
            yield "zone_entered" if self.inside.value else "zone_left"
        if self._settings.dwell:
            self.dwelling.update(self.inside.value is True, now)
            if self.dwelling.value and not dwelt:
                yield "zone_dwelling"


class _Zone:
    def __init__(self, settings: ZoneSettings, clear: float) -> None:
        self.settings = settings
        self._clear = clear
        self._stays = PerPerson(lambda: ZoneVisit(settings), clear + UNSEEN_S)
        self._since: float | None = None
        self._known = False

    def update(self, people: Sequence[Body], now: float) -> Iterator[Event]:
        self._since = now if self._since is None else self._since
        self._known = now - self._since >= self._clear
        for body, stay in self._stays.see(people, now):
            spot = stay.standpoint.find(body, now)
            if not spot:
                continue
            inside = contains(self.settings.polygon, spot.x, spot.y)
            if inside and stay.seen is None:
                self._succeed_one_of_the_vanished(stay, {body.id for body in people})
            yield from (Event(kind, body.id, self.settings.name) for kind in stay.look(inside, now))
        for person, stay in self._stays.items():
            if stay.inside.value and stay.seen is not None and now - stay.seen > self._clear:
                stay.end()
                yield Event("zone_left", person, self.settings.name)

    def _succeed_one_of_the_vanished(self, newcomer: ZoneVisit, present: set[int]) -> None:
        """Take a newcomer who first appears inside for a person who has just vanished there."""
        for person, stay in self._stays.items():
            if stay.inside.value and person not in present:
                newcomer.succeed(stay)
                return

    @property
    def inside(self) -> dict[int, bool | None]:
        """By id, whether each person is inside."""
        return {person: stay.inside.value for person, stay in self._stays.items()}

    @property
    def state(self) -> State:
        inside = [stay for stay in self._stays.values() if stay.inside.value]
        if not (inside or self._known):
            return {"occupied": None, "people": None, "dwelling": None}
        dwelling = any(stay.dwelling.value for stay in inside) if self.settings.dwell else None
        return {"occupied": bool(inside), "people": len(inside), "dwelling": dwelling}


_ZONE = {
    "occupied": Flag(entity=Entity("binary_sensor", "{} occupancy", {"device_class": "occupancy"})),
    "people": replace(PEOPLE, entity=replace(PEOPLE_ENTITY, name="{} people")),
    "dwelling": Flag(entity=Entity("binary_sensor", "{} dwelling", {"icon": "mdi:timer-sand"}, needs="dwell")),
}

REGISTRATION = Registration(
    section="zone",
    is_wanted=lambda settings: settings.zone,
    make=lambda context: ZoneOccupancy(context.settings.zone, context.settings.section(PresenceSettings).clear),
    state={"zones": ByName(section="zone", of=Group(parts=_ZONE), help="who is in each zone")},
    events={
        "zone_entered": EventKind("somebody has entered a zone", triggers=[Trigger("{}: entered")]),
        "zone_left": EventKind("somebody has left a zone", triggers=[Trigger("{}: left")]),
        "zone_dwelling": EventKind(
            "somebody has been in a zone for its `dwell`", triggers=[Trigger("{}: somebody stays", needs="dwell")]
        ),
    },
    facts={"zone": RuleFact("zones", of_person=True)},
    order=1,
)
