"""The shape of what is said: JSON Schema of every value on ``state``, and how many bits each can hold.

What is not in here is not published. Every value may be null, while it is not known; bounds and steps are narrow on
purpose, because all that a taken-over sensing room could write into them is counted in ``edge.report.leak_bound``.
"""

from collections.abc import Mapping
from math import log2
from typing import Any

from edge.config.analytics_settings import SENSITIVITIES
from edge.config.rules.facts import FACTS
from edge.geometry.ground_plane import FARTHEST
from edge.wire import MAX_ID, MAX_POSES

Field = dict[str, Any]

FLAG: Field = {"type": ["boolean", "null"]}
NAME: Field = {"type": ["string", "null"], "maxLength": 32}
"""Of a zone, a line or a rule, as in the settings."""


def number(low: float, high: float, step: float) -> Field:
    """A number within bounds, in steps: ``multipleOf`` where they are whole, as 0.3 is no multiple of 0.1 in floats."""
    whole = step == int(step)
    kind = "integer" if whole else "number"
    return {"type": [kind, "null"], "minimum": low, "maximum": high, ("multipleOf" if whole else "step"): step}


def words(*allowed: str) -> Field:
    """One of some words."""
    return {"enum": [*allowed, None]}


def by_name(shape: Field) -> Field:
    """One value for each zone, line or rule, by its name."""
    return {"type": "object", "additionalProperties": shape}


def by_person(shape: Field) -> Field:
    """One value for each person, by id."""
    return {"type": ["object", "null"], "maxProperties": MAX_POSES, "additionalProperties": shape}


def point(low: float, high: float, step: float) -> Field:
    """Two numbers, x and y."""
    return {"type": ["array", "null"], "items": number(low, high, step), "minItems": 2, "maxItems": 2}


def is_by_person(shape: Field) -> bool:
    """Whether it was made by ``by_person``."""
    return "maxProperties" in shape


def part(shapes: Mapping[str, Field]) -> Field:
    """Several values together."""
    return {"type": "object", "properties": dict(shapes), "required": list(shapes), "additionalProperties": False}


_SIDE = words("left", "right")
_EXERCISE = words(*FACTS["exercise"].words)
_COUNT = number(0, FACTS["repetitions"].high, 1)
_TEMPO = number(0, FACTS["tempo"].high, 1)
_POSTURE = words(*FACTS["posture"].words)
LONGEST = 999_999
"""Seconds that are told at most: 11 days."""

STATE: dict[str, Field] = {
    "paused": FLAG,
    "sensitivity": words(*SENSITIVITIES),
    "places": words("settings", "asked"),
    "occupied": FLAG,
    "people": number(0, MAX_POSES, 1),
    "zones": by_name(part({"occupied": FLAG, "people": number(0, MAX_POSES, 1), "dwelling": FLAG})),
    "lines": by_name(part({"in": number(0, 10**9, 1), "out": number(0, 10**9, 1)})),
    "hand_raised": FLAG,
    "both_hands_raised": FLAG,
    "waving": FLAG,
    "exercise": _EXERCISE,
    "repetitions": _COUNT,
    "tempo": _TEMPO,
    "posture": _POSTURE,
    "postures": by_person(_POSTURE),
    "fall": FLAG,
    "inactive": FLAG,
    "movement": number(0, 1, 0.05),
    "approach": words(*FACTS["approach"].words),
    "positions": by_person(point(-FARTHEST, FARTHEST, 0.1)),
    "rules": by_name(FLAG),
}
"""Every key on ``state``: what came of what was asked, and what the meanings say."""
ASKED = ("paused", "sensitivity", "places")
"""Those that are what somebody asked for."""


EVENTS: dict[str, dict[str, Field]] = {
    "arrived": {},
    "left": {},
    "zone_entered": {},
    "zone_left": {},
    "zone_dwelling": {},
    "line_crossed": {"line": NAME, "direction": words("in", "out")},
    "hand_raised": {"side": _SIDE},
    "both_hands_raised": {},
    "hand_lowered": {},
    "waving": {"side": _SIDE},
    "repetition": {"exercise": _EXERCISE, "count": _COUNT, "tempo": _TEMPO},
    "exercise_ended": {"exercise": _EXERCISE, "count": _COUNT},
    "posture_changed": {"from": _POSTURE, "to": _POSTURE},
    "fall_suspected": {},
    "fall_confirmed": {},
    "fall_recovered": {"seconds": number(0, LONGEST, 1)},
    "inactive": {},
    "active_again": {"seconds": number(0, LONGEST, 1)},
    "approaching": {},
    "leaving": {},
    "rule": {"rule": NAME},
}
"""Every kind of event there is, the last level of its topic ``event/<kind>``, with the details that only it has."""


def bits(shape: Field, names: int, persons: int) -> float:
    """How many bits a value of that shape can hold. names: zones, lines or rules; persons: at most so many."""
    if shape is NAME:
        return log2(names + 1)
    if "enum" in shape:
        return log2(len(shape["enum"]))
    if "items" in shape:
        return int(shape["maxItems"]) * bits(shape["items"], names, persons)
    if "properties" in shape:
        return sum(bits(each, names, persons) for each in shape["properties"].values())
    if "additionalProperties" in shape:
        each = bits(shape["additionalProperties"], names, persons)
        return persons * (each + log2(MAX_ID)) + log2(persons + 1) if is_by_person(shape) else names * each
    if step := shape.get("multipleOf") or shape.get("step"):
        return log2((shape["maximum"] - shape["minimum"]) / step + 2)
    return log2(3)
