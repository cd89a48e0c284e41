"""The shape of what is said: nothing is said that has none, and its bits are counted."""

import math

import pytest
from jsonschema import Draft202012Validator, ValidationError

from edge.report.analytics.engine import Engine
from edge.report.analytics.event import Event
from edge.report.messages.fields import (
    ASKED,
    EVENTS,
    FLAG,
    NAME,
    STATE,
    bits,
    by_name,
    by_person,
    number,
    part,
    point,
    words,
)
from edge.report.messages.payload import event_payload
from edge.report.messages.schema import EVENT, SCHEMAS
from tests.support.everything import EVERYTHING


def test_the_schemas_are_schemas() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_every_value_has_a_shape_and_every_shape_is_used() -> None:
    assert {*ASKED, *Engine(EVERYTHING).state(0.0)} == set(STATE)


def test_details_of_one_name_are_of_one_shape() -> None:
    shapes: dict[str, object] = {}
    for details in EVENTS.values():
        for name, shape in details.items():
            assert shapes.setdefault(name, shape) == shape


@pytest.mark.parametrize(
    "event",
    [
        Event("line_crossed", 1, details={"line": "door"}),
        Event("line_crossed", 1, details={"line": "door", "direction": "up"}),
        Event("arrived", details={"line": "door", "direction": "in"}),
        Event("vanished"),
    ],
)
def test_an_event_of_another_shape_is_none(event: Event) -> None:
    crossed = Event("line_crossed", 1, details={"line": "door", "direction": "in"})
    Draft202012Validator(EVENT).validate(event_payload(crossed, 1.0))
    with pytest.raises(ValidationError):
        Draft202012Validator(EVENT).validate(event_payload(event, 1.0))


def test_bits_are_those_of_all_values() -> None:
    assert bits(FLAG, 0, 0) == math.log2(3)
    assert bits(words("in", "out"), 0, 0) == math.log2(3)
    # 0, 0.05 ... 1, and null.
    assert bits(number(0, 1, 0.05), 0, 0) == math.log2(22)
    zones = by_name(part({"occupied": FLAG, "people": number(0, 20, 1)}))
    assert bits(zones, 3, 0) == 3 * (math.log2(3) + math.log2(22))
    assert bits(NAME, 3, 0) == math.log2(4)
    assert bits(point(-100, 100, 0.1), 0, 0) == 2 * math.log2(2002)
    assert bits(by_person(FLAG), 0, 2) == 2 * (math.log2(2**31 - 1) + math.log2(3)) + math.log2(3)
