"""What a ``state`` says of the room, in words and by subject: the same for the page and the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from edge.report.messages.state import COMMANDED
from edge.tools.describe import Labels, shown, span_in_words

FALLEN = "Fall: somebody has fallen and has not got up"
NOTHING_KNOWN = "Nothing is known of the room"
_APPROACH = {"approaching": "the nearest person comes nearer", "receding": "the nearest person goes away"}
_TELLING = {
    "inactive": "nobody has moved for long",
    "hand_raised": "a hand is raised",
    "both_hands_raised": "both hands are raised",
    "waving": "somebody waves",
}
"""What is said where it is true; that it is false is nothing special."""
_ROOM = ("occupied", "people", "assumed", "assumed_for")
_PEOPLE = (
    *("posture", "postures", "positions", "distance", "speed", "movement", "approach"),
    *("exercise", "repetitions", "tempo", *_TELLING),
)
_BY_NAME = {"zones": "zone", "lines": "line", "rules": "rule"}
_SPOKEN_FOR = ("repetitions", "tempo", "assumed", "assumed_for")
"""Not known only where another value, which is named, is not known either."""


class Known(NamedTuple):
    """A state in words.

    Attributes:
        room: ``occupied``, ``empty`` or ``unknown``.
        headline: The same as a sentence, with how many people.
        alarm: That somebody has fallen; empty otherwise.
        persons: Posture and place of each person, by id, as far as they are known.
        groups: By subject, a line for each thing that is worth saying.
        unknown: Names of what is not known; none of them if nothing at all is.
    """

    room: str
    headline: str
    alarm: str
    persons: dict[str, str]
    groups: list[tuple[str, list[str]]]
    unknown: list[str]

    def in_words(self) -> list[str]:
        """List all of it: for a terminal."""
        persons = [f"person {number}: {words}" for number, words in self.persons.items()]
        lines = [line for _, group in self.groups for line in group]
        unknown = [f"not known: {', '.join(self.unknown)}"] if self.unknown else []
        return [*([self.alarm] if self.alarm else []), self.headline, *persons, *lines, *unknown]


def known(state: Mapping[str, Any], labels: Labels | None = None) -> Known:
    """Put a state into words.

    Args:
        state: A message on ``state``; empty if there is none, or it is too old.
        labels: To be shown in place of names; None: there are none.

    Returns:
        The words. What is not known, or nothing special, has none.
    """
    values = {key: value for key, value in state.items() if key not in ("version", "time", *COMMANDED)}
    for key, kind in _BY_NAME.items():
        if values.get(key):
            values[key] = {shown(labels or {}, kind, name): value for name, value in values[key].items()}
    # In the dark the light is all that is known, and it says nothing of the room.
    if all(_is_unknown(value) for key, value in values.items() if key != "light"):
        return Known("unknown", NOTHING_KNOWN, "", {}, [], [])
    occupied = values.get("occupied")
    groups = {
        "People": [*_people(values)],
        "Zones": [_zone(name, zone) for name, zone in _of(values, "zones") if zone["occupied"] is not None],
        "Lines": [
            f"{name}: {line['in']} in, {line['out']} out" for name, line in _of(values, "lines") if _is_counted(line)
        ],
        "Rules": [*_rules(values)],
        "Also": [*_others(values)],
    }
    return Known(
        "unknown" if occupied is None else "occupied" if occupied else "empty",
        _headline(values),
        FALLEN if values.get("fall") else "",
        _persons(values),
        [(title, lines) for title, lines in groups.items() if lines],
        [*_unknown(values)],
    )


def _headline(values: Mapping[str, Any]) -> str:
    if "occupied" not in values:
        return "Presence is switched off"
    if values["occupied"] is None:
        return "Not known whether anybody is there"
    if not values["occupied"]:
        return "Empty"
    people, assumed = values.get("people"), values.get("assumed")
    if not people:
        return "Occupied"
    words = f"Occupied, {_count(people)}"
    if not assumed:
        return words
    which = "not seen" if assumed >= people else f"{assumed} of them not seen"
    longer = values.get("assumed_for")
    return f"{words}, {which} but assumed" + (f" for {span_in_words(longer)} more" if longer else "")


def _count(people: int) -> str:
    return "1 person" if people == 1 else f"{people} people"


def _people(values: Mapping[str, Any]) -> Iterator[str]:
    if not values.get("postures") and values.get("posture"):
        yield f"who has been there longest: {values['posture']}"
    if values.get("distance") is not None:
        speed = values.get("speed")
        yield f"the nearest person: {values['distance']:g} m away" + (f", {speed:g} m/s" if speed else "")
    if values.get("movement"):
        yield f"movement: {values['movement']:.0%}"
    if values.get("approach") in _APPROACH:
        yield _APPROACH[values["approach"]]
    for key, words in _TELLING.items():
        if values.get(key) and not (key == "hand_raised" and values.get("both_hands_raised")):
            yield words
    if (exercise := values.get("exercise")) not in (None, "none"):
        counts = [str(values["repetitions"])] if values.get("repetitions") else []
        counts += [f"{values['tempo']} a minute"] if values.get("tempo") else []
        yield f"{_plain(exercise)}{': ' if counts else ''}{', '.join(counts)}"


def _persons(values: Mapping[str, Any]) -> dict[str, str]:
    postures, positions = values.get("postures") or {}, values.get("positions") or {}
    words = {}
    for number in sorted({*postures, *positions}, key=lambda each: (len(each), each)):
        parts = [postures[number]] if postures.get(number) else []
        if (place := positions.get(number)) and None not in place:
            right, away = place
            parts += [
                f"{away:g} m away",
                *([f"{abs(right):g} m to the {'right' if right > 0 else 'left'}"] if right else []),
            ]
        if parts:
            words[number] = ", ".join(parts)
    return words


def _zone(name: str, zone: Mapping[str, Any]) -> str:
    if not zone["occupied"]:
        return f"{name}: free"
    words = _count(zone["people"]) if zone["people"] else "occupied"
    return f"{name}: {words}{', somebody dwells' if zone['dwelling'] else ''}"


def _rules(values: Mapping[str, Any]) -> Iterator[str]:
    rules = dict(_of(values, "rules"))
    yield from (f"{name}: holds" for name, holds in rules.items() if holds)
    if rules and all(holds is False for holds in rules.values()):
        yield "none holds"


def _others(values: Mapping[str, Any]) -> Iterator[str]:
    """Say how light it is, and what a newer detector tells that has no words of its own here."""
    if values.get("light") is not None:
        yield f"light: {values['light']}%"
    for key, value in values.items():
        if key not in (*_ROOM, *_PEOPLE, *_BY_NAME, "fall", "light") and not isinstance(value, dict | list):
            if value is True:
                yield _plain(key)
            elif value not in (None, False, 0, "none"):
                yield f"{_plain(key)}: {_plain(value)}"


def _unknown(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if value is None and key != "occupied" and key not in _SPOKEN_FOR:
            # Of an empty room nobody asks how the people are.
            if values.get("occupied") is False and key in _PEOPLE:
                continue
            if key == "postures" and "posture" in values:
                continue
            yield _plain(key)
    for key, word in _BY_NAME.items():
        yield from (f"{word} {name}" for name, value in _of(values, key) if _is_unknown(value))


def _is_unknown(value: Any) -> bool:
    """Tell whether nothing is known; of a zone or a line, none of its parts."""
    return all(map(_is_unknown, value.values())) if isinstance(value, dict) else value is None


def _is_counted(line: Mapping[str, Any]) -> bool:
    return line["in"] is not None and line["out"] is not None


def _of(values: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    return list((values.get(key) or {}).items())


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")
