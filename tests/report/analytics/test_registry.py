"""What detectors registered fits together: nothing is said that has no field, and nothing is registered twice."""

from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from edge.errors import BadLine
from edge.report.analytics.base import EventKind, Registration
from edge.report.analytics.engine import Engine
from edge.report.analytics.event import Event
from edge.report.analytics.registry import EVENTS, REGISTRATIONS, SECTIONS, STATE, join
from edge.report.messages.event import EVENT, event_payload
from edge.report.messages.message import as_json
from edge.report.messages.schema import MESSAGES, SCHEMAS
from tests.support.everything import EVERYTHING
from tests.support.outbox import NUMBER


def test_the_schemas_are_schemas() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_every_value_has_a_field_and_every_field_is_used() -> None:
    assert set(Engine(EVERYTHING).state(0.0)) == set(STATE)


def test_each_detector_fills_its_own_fields() -> None:
    for registration in REGISTRATIONS:
        assert registration.is_on(EVERYTHING)
        assert {fact.key for fact in registration.facts.values()} <= set(registration.state)


def test_every_section_has_a_default_for_all() -> None:
    for kind in SECTIONS.values():
        assert "enabled" in {field.name for field in fields(kind())}


def test_details_of_one_name_are_of_one_shape() -> None:
    shapes: dict[str, object] = {}
    for kind in EVENTS.values():
        for name, field in kind.details.items():
            assert shapes.setdefault(name, field.schema()) == field.schema()


def test_a_detail_has_a_name_of_its_own() -> None:
    for kind in EVENTS.values():
        assert kind.details.keys().isdisjoint(EVENT.fields)


def test_what_two_detectors_register_is_refused() -> None:
    one, other = (
        Registration(section=name, make=lambda context: None, events={"left": EventKind("gone")})  # type: ignore[arg-type, return-value]
        for name in "ab"
    )
    assert set(join([one.events, {}])) == {"left"}
    with pytest.raises(ValueError, match="two detectors register left"):
        join([one.events, other.events])


def numbered(event: Event) -> dict[str, Any]:
    return event_payload(event, 1.0) | NUMBER


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
    Draft202012Validator(SCHEMAS["event"]).validate(numbered(crossed))
    assert MESSAGES["event"].read(as_json(numbered(crossed)))["line"] == "door"
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMAS["event"]).validate(numbered(event))
    with pytest.raises(BadLine):
        MESSAGES["event"].read(as_json(numbered(event)))
