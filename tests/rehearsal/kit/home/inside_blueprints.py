"""What the blueprints of examples/homeassistant do, above all where something is not known; in the scenes, ``inside_scenes`` says.

Each row is what happens, one thing after the other, and behind a colon what has to be done about it at once; where
nothing is named, nothing may be done. Of an entity, the first word is its state when the automation begins; ``?`` is not
known: unknown, unavailable, and both, in both orders.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt
from house import BLUEPRINTS, PATIENCE_S, automate, blueprint
from pytest_homeassistant_custom_component.common import async_fire_time_changed

NOT_KNOWN = (("unknown",), ("unavailable",), ("unknown", "unavailable"), ("unavailable", "unknown"))
TIMES = ("later", "much_later")
TURNS = 50
"""Of the event loop, within which whatever is done is done: nothing here waits for anything but time."""

LIGHT = """
off on:turn_on off later:turn_off
off on:turn_on later off later:turn_off on:turn_on
off on:turn_on off on:turn_on later
off on:turn_on ? on later
off on:turn_on ? later off later:turn_off
off on:turn_on off ? later off later:turn_off
off on:turn_on off ? on later off later:turn_off
off ? off later
off ? on:turn_on off later:turn_off
off ? on:turn_on ? on ? off later:turn_off
on off later:turn_off
on ? on later off later:turn_off
on ? off later:turn_off
? on later
? off later
? on off later:turn_off
"""
"""The occupancy of the zone; ``later`` is when the light has lingered."""

DARK = """
off motion on:turn_on
on motion off motion later:turn_off motion
off ? motion:turn_on on off later:turn_off
off ? motion:turn_on off later:turn_off
off ? motion:turn_on later on off later:turn_off ? motion:turn_on
off ? motion:turn_on much_later:turn_off motion:turn_on much_later:turn_off
off ? motion:turn_on off on:turn_on later
off ? return on:turn_on
on ? motion:turn_on on later off later:turn_off
on off ? motion:turn_on off later:turn_off
? motion:turn_on off later:turn_off
? motion:turn_on on off later:turn_off
? return later
"""
"""The same with a motion sensor; ``return``: it was unavailable and shows motion; ``much_later``: the light gives up."""

NOT_MOVED = """
off on later:tell later off later
off on later:tell off on later:tell
off on off later
off on later:tell ? on later
off on ? on later:tell
off on ? later on:tell
off on ? later off later
off on ? off later
off ? off later
off ? on later:tell
off ? on off later
on later
on ? on later
on ? off later
? on later
? off on later:tell
"""
"""No movement, and then ten minutes more."""

NOT_MOVED_AT_ALL = """
off on:tell off
off on:tell ? on
off on:tell off on:tell
off ? on:tell
off ? off
on ? on
? on
"""
"""The same, without any more."""

HAND = """
unknown hand_raised:tell
left hand_raised:tell
left hand_raised:tell hand_raised:tell waving
left hand_raised:tell unavailable again
hand_raised unavailable again unavailable again renamed
hand_raised unavailable again hand_raised:tell
left renamed hand_raised:tell renamed
left zone_entered at_once hand_raised:tell
left hand_raised:tell at_once zone_entered
"""
"""What the event entity shows last; ``again``: the same as before; ``at_once``: the next one comes in the same
millisecond; ``renamed``: the entity has another name."""

BED = """
left bed_off hand_raised
left bed_on hand_raised:tell
left bed_unknown hand_raised:tell
left bed_unavailable hand_raised:tell
"""
"""The same with a bed, in which the hand has to be."""

FALL = """
unknown fall_suspected:fall_suspected fall_confirmed:fall_confirmed fall_recovered:fall_recovered
left fall_suspected:fall_suspected posture_changed fall_dismissed:fall_dismissed arrived
left fall_suspected:fall_suspected at_once fall_confirmed:fall_confirmed unavailable again fall_recovered:fall_recovered
fall_confirmed unavailable again renamed
fall_suspected unavailable again fall_confirmed:fall_confirmed
"""

SURE_FALL = """
left fall_suspected fall_confirmed:fall_confirmed fall_recovered:fall_recovered
left fall_suspected fall_dismissed
"""
"""The same without suspicions."""


class Table(NamedTuple):
    """The rows of a blueprint, and its inputs; ``{}`` in an entity stands for the number of the row."""

    blueprint: str
    rows: str
    watched: str
    inputs: dict[str, Any]
    later_s: float = 0.0
    """How long ``later`` is."""


def tell(words: str) -> list[dict[str, Any]]:
    return [{"action": "notify.test", "data": {"message": words}}]


FLAG, EVENT = "binary_sensor.flag_{}", "event.event_{}"
LAMP = {"zone": FLAG, "light": {"entity_id": "light.lamp"}, "linger": 60}
GIVE_UP_S = 15 * 60.0
TABLES = {
    "light": Table("light-by-zone", LIGHT, FLAG, LAMP, 61.0),
    "light in the dark": Table("light-by-zone", DARK, FLAG, {**LAMP, "others": ["binary_sensor.motion_{}"]}, 61.0),
    "nobody moved": Table(
        "nobody-moved", NOT_MOVED, FLAG, {"inactive": FLAG, "minutes": 10, "actions": tell("tell")}, 601.0
    ),
    "nobody moved at all": Table("nobody-moved", NOT_MOVED_AT_ALL, FLAG, {"inactive": FLAG, "actions": tell("tell")}),
    "hand": Table("help-by-raised-hand", HAND, EVENT, {"event": EVENT, "actions": tell("tell")}),
    "hand in a bed": Table(
        "help-by-raised-hand",
        BED,
        EVENT,
        {"event": EVENT, "zone": "binary_sensor.bed_{}", "actions": tell("tell")},
    ),
    "fall": Table("fall-alarm", FALL, EVENT, {"event": EVENT, "actions": tell("{{ kind }}")}),
    "sure fall": Table(
        "fall-alarm", SURE_FALL, EVENT, {"event": EVENT, "suspicions": False, "actions": tell("{{ kind }}")}
    ),
}


def numbered(value: Any, number: int) -> Any:
    """The same inputs with entities of this row."""
    if isinstance(value, dict):
        return {key: numbered(each, number) for key, each in value.items()}
    if isinstance(value, list):
        return [numbered(each, number) for each in value]
    return value.replace("_{}", f"_{number}") if isinstance(value, str) else value


def spelled_out(rows: str) -> list[list[str]]:
    """Each row as often as there are ways not to know."""
    found = []
    for row in rows.strip().splitlines():
        words = row.split()
        ways = NOT_KNOWN if "?" in words else NOT_KNOWN[:1]
        found += [[step for word in words for step in (way if word == "?" else (word,))] for way in ways]
    return found


class Stage:
    """Sets the entities of a row, as the words of the rows say."""

    def __init__(self, hass: HomeAssistant, table: Table, number: int) -> None:
        self._hass, self._table, self._number = hass, table, number
        self._watched = numbered(table.watched, number)
        self._sequence = 0
        self._shown: tuple[str, dict[str, Any]] = ("unknown", {})
        self._is_at_once = False

    def do(self, word: str) -> None:
        if word in TIMES:
            seconds = self._table.later_s if word == "later" else GIVE_UP_S + 1.0
            async_fire_time_changed(self._hass, dt.utcnow() + timedelta(seconds=seconds))
        elif word in ("motion", "return"):
            for state in ("off" if word == "motion" else "unavailable", "on"):
                self._set(f"binary_sensor.motion_{self._number}", state)
        elif word.startswith("bed_"):
            self._set(f"binary_sensor.bed_{self._number}", word.removeprefix("bed_"))
        elif self._watched.startswith("event."):
            self._show(word)
        else:
            self._set(self._watched, word)

    def _show(self, word: str) -> None:
        """By an event entity."""
        shown_at, attributes = self._shown
        if word == "at_once":
            self._is_at_once = True
        elif word in ("unavailable", "unknown"):
            self._set(self._watched, word)
        else:
            if word == "renamed":
                attributes = {**attributes, "friendly_name": "Renamed"}
            elif word != "again":
                self._sequence += 1
                shown_at = shown_at if self._is_at_once else f"2026-01-01T00:00:{self._sequence:02}.000+00:00"
                attributes = {"event_type": word, "run": "5e1fb03a", "sequence": self._sequence}
                self._is_at_once = False
            self._shown = shown_at, attributes
            self._set(self._watched, shown_at, attributes)

    def _set(self, entity: str, state: str, attributes: dict[str, Any] | None = None) -> None:
        self._hass.states.async_set(entity, state, attributes)


@pytest.mark.parametrize("name", TABLES)
async def test_a_blueprint_does_what_its_table_says(hass: HomeAssistant, name: str) -> None:
    table = TABLES[name]
    rows = spelled_out(table.rows)
    stages = [Stage(hass, table, number) for number in range(len(rows))]
    for stage, words in zip(stages, rows, strict=True):
        stage.do(words[0])
    rules = [
        {"alias": f"row {number}", **blueprint(hass, table.blueprint, numbered(table.inputs, number))}
        for number in range(len(rows))
    ]
    calls = await automate(hass, *rules)
    wrong = []
    for number, (stage, words) in enumerate(zip(stages, rows, strict=True)):
        seen = words[0]
        for step in words[1:]:
            word, _, wanted = step.partition(":")
            calls.clear()
            await done(stage, word, lambda wanted=wanted: not wanted or calls)  # type: ignore[misc]
            found = ",".join(call.data.get("message", call.service) for call in calls)
            seen += f" {word}:{found}" if found else f" {word}"
        if seen != " ".join(words):
            wrong.append(f"found    {seen}\nexpected {' '.join(words)}")
        # What it still waits for is not to be done in another row.
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": f"automation.row_{number}"}, blocking=True
        )
    assert not wrong, "\n".join(wrong)


async def done(stage: Stage, word: str, is_seen: Callable[[], object]) -> None:
    """Let that happen, and give it time to be seen."""
    stage.do(word)
    deadline = time.monotonic() + PATIENCE_S
    while not is_seen() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
        if word in TIMES:
            # What waits for it may have begun to wait only now.
            stage.do(word)
    for _ in range(TURNS):
        await asyncio.sleep(0)


def test_each_blueprint_has_a_table() -> None:
    assert {table.blueprint for table in TABLES.values()} == {path.stem for path in BLUEPRINTS.glob("*.yaml")}
