"""The shape of what is said: JSON Schema of every value on ``state``, and how many bits each can hold.

What is not in here is not published. Every value may be null, while it is not known; bounds and steps are narrow on
purpose, because all that a taken-over sensing room could write into them is counted in ``edge.report.leak``.
"""

from math import log2
from typing import Any

from edge.wire import MAX_ID, MAX_POSES

Shape = dict[str, Any]

FLAG: Shape = {"type": ["boolean", "null"]}


def number(low: float, high: float, step: float) -> Shape:
    """A number within bounds, in steps."""
    kind = "integer" if step == int(step) else "number"
    return {"type": [kind, "null"], "minimum": low, "maximum": high, "multipleOf": step}


def words(*allowed: str) -> Shape:
    """One of some words."""
    return {"enum": [*allowed, None]}


def by_name(shape: Shape) -> Shape:
    """One value for each zone or line, by its name."""
    return {"type": "object", "additionalProperties": shape}


def by_person(shape: Shape) -> Shape:
    """One value for each person, by id."""
    return {"type": ["object", "null"], "maxProperties": MAX_POSES, "additionalProperties": shape}


def part(**shapes: Shape) -> Shape:
    """Several values together."""
    return {"type": "object", "properties": shapes, "required": list(shapes), "additionalProperties": False}


STATE: dict[str, Shape] = {
    "paused": FLAG,
    "occupied": FLAG,
    "people": number(0, MAX_POSES, 1),
}
"""Every key on ``state``: whether the camera is shut on demand, and what the meanings say."""


def bits(shape: Shape, names: int, persons: int) -> float:
    """How many bits a value of that shape can hold. names: zones, or lines; persons: at most so many."""
    if "enum" in shape:
        return log2(len(shape["enum"]))
    if "properties" in shape:
        return sum(bits(each, names, persons) for each in shape["properties"].values())
    if "additionalProperties" in shape:
        each = bits(shape["additionalProperties"], names, persons)
        return persons * (each + log2(MAX_ID)) + log2(persons + 1) if "maxProperties" in shape else names * each
    if "multipleOf" in shape:
        return log2((shape["maximum"] - shape["minimum"]) / shape["multipleOf"] + 2)
    return log2(3)
