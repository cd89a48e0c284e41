"""A state in words and by subject: what is special is said, what is not known once, and silence is no empty room."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.report.messages.state import STATE
from edge.tools.view.known import FALLEN, NOTHING_KNOWN, known
from edge.tools.view.message import read

FREE = {"occupied": False, "people": 0, "dwelling": None}
NOT_KNOWN = {"occupied": None, "people": None, "dwelling": None}
QUIET = {
    "assumed": 0, "assumed_for": 0, "approach": "still", "exercise": "none", "repetitions": 0, "tempo": 0,
    "fall": False,
    "inactive": False, "movement": 0.0, "hand_raised": False, "both_hands_raised": False, "waving": False,
}  # fmt: skip
"""What every detector says while nothing special happens."""


@pytest.mark.parametrize(
    ("state", "room", "headline"),
    [
        ({}, "unknown", NOTHING_KNOWN),
        ({"version": 2, "time": 5.0, "paused": False, "sensitivity": "low"}, "unknown", NOTHING_KNOWN),
        ({"occupied": None, "people": None, "fall": None, "zones": {"sofa": NOT_KNOWN}}, "unknown", NOTHING_KNOWN),
        ({"occupied": None, "people": None, "light": 5}, "unknown", NOTHING_KNOWN),
        ({"occupied": None, "fall": False}, "unknown", "Not known whether anybody is there"),
        ({"fall": False}, "unknown", "Presence is switched off"),
        ({"occupied": False, "people": 0}, "empty", "Empty"),
        ({"occupied": True, "people": 1, "assumed": 0}, "occupied", "Occupied, 1 person"),
        ({"occupied": True, "people": 3, "assumed": 0}, "occupied", "Occupied, 3 people"),
        ({"occupied": True, "people": None}, "occupied", "Occupied"),
        (
            {"occupied": True, "people": 1, "assumed": 1, "assumed_for": 40},
            "occupied",
            "Occupied, 1 person, not seen but assumed for 40 s more",
        ),
        (
            {"occupied": True, "people": 3, "assumed": 1, "assumed_for": 1800},
            "occupied",
            "Occupied, 3 people, 1 of them not seen but assumed for 30 min more",
        ),
    ],
)
def test_the_room_in_a_sentence(state: dict[str, Any], room: str, headline: str) -> None:
    assert known(state)[:2] == (room, headline)


def test_what_is_nothing_special_is_not_said() -> None:
    assert known({"occupied": True, "people": 1, **QUIET}).in_words() == ["Occupied, 1 person"]


@pytest.mark.parametrize(
    ("state", "title", "lines"),
    [
        ({"inactive": True}, "People", ["nobody has moved for long"]),
        ({"distance": 2.5, "speed": 0.0}, "People", ["the nearest person: 2.5 m away"]),
        ({"distance": 2.5, "speed": 0.4}, "People", ["the nearest person: 2.5 m away, 0.4 m/s"]),
        ({"fall": False, "light": 0}, "Also", ["light: 0%"]),
        ({"movement": 0.35}, "People", ["movement: 35%"]),
        ({"approach": "receding"}, "People", ["the nearest person goes away"]),
        ({"hand_raised": True}, "People", ["a hand is raised"]),
        ({"hand_raised": True, "both_hands_raised": True}, "People", ["both hands are raised"]),
        ({"waving": True}, "People", ["somebody waves"]),
        ({"posture": "sitting"}, "People", ["who has been there longest: sitting"]),
        (
            {"exercise": "jumping_jacks", "repetitions": 12, "tempo": 20},
            "People",
            ["jumping jacks: 12, 20 a minute"],
        ),
        (
            {"zones": {"sofa": FREE, "bed": {"occupied": True, "people": 2, "dwelling": True}, "rug": NOT_KNOWN}},
            "Zones",
            ["sofa: free", "bed: 2 people, somebody dwells"],
        ),
        ({"lines": {"door": {"in": 3, "out": 0}}}, "Lines", ["door: 3 in, 0 out"]),
        ({"rules": {"late": True, "reach": False}}, "Rules", ["late: holds"]),
        ({"rules": {"late": False, "reach": False}}, "Rules", ["none holds"]),
        (
            {"light_level": 0.4, "barking": True, "snoring": False, "distance": None},
            "Also",
            ["light level: 0.4", "barking"],
        ),
    ],
)
def test_each_subject_in_lines(state: dict[str, Any], title: str, lines: list[str]) -> None:
    assert known({"occupied": True, "people": 1, **QUIET, **state}).groups == [(title, lines)]


def test_a_fall_comes_first() -> None:
    said = known({"occupied": True, "people": 1, "fall": True})
    assert (said.alarm, said.in_words()[0]) == (FALLEN, FALLEN)
    assert not known({"occupied": True, "fall": None}).alarm


def test_people_by_number() -> None:
    state = {
        "occupied": True,
        "people": 3,
        "postures": {"2": "lying", "10": None},
        "positions": {"2": [0.5, 3.2], "3": [-1.0, 4.0], "10": [0.0, 2.0]},
    }
    assert known(state).persons == {
        "2": "lying, 3.2 m away, 0.5 m to the right",
        "3": "4 m away, 1 m to the left",
        "10": "2 m away",
    }


def test_what_is_not_known_is_named_once() -> None:
    state = {
        "occupied": True, "people": 1, "fall": None, "movement": None, "posture": None, "postures": None,
        "exercise": None, "repetitions": None, "tempo": None, "zones": {"sofa": FREE, "rug": NOT_KNOWN},
        "rules": {"late": None},
    }  # fmt: skip
    assert known(state).unknown == ["fall", "movement", "posture", "exercise", "zone rug", "rule late"]
    assert known(state).in_words()[-1] == "not known: fall, movement, posture, exercise, zone rug, rule late"
    assert known({**state, "occupied": False, "people": 0}).unknown == ["fall", "zone rug", "rule late"]


def test_labels_stand_in_place_of_names() -> None:
    state = {
        "occupied": True, "people": 1, "fall": False, "zones": {"sofa": FREE, "rug": NOT_KNOWN, "bed": FREE},
        "lines": {"door": {"in": 2, "out": 1}}, "rules": {"late": True, "door": None},
    }  # fmt: skip
    labels = {"zone": {"sofa": "Big sofa 🛋️", "rug": "سجادة"}, "line": {"door": "Tür"}, "rule": {"late": "Nachts"}}
    said = known(state, labels)
    assert dict(said.groups) == {
        "Zones": ["Big sofa 🛋️: free", "bed: free"],
        "Lines": ["Tür: 2 in, 1 out"],
        "Rules": ["Nachts: holds"],
    }
    assert said.unknown == ["zone سجادة", "rule door"]


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Whatever a schema of these messages allows."""
    if "anyOf" in schema:
        return st.one_of([values(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([of_kind(kind, schema) for kind in kinds])


def of_kind(kind: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object" and "properties" in schema:
        return st.fixed_dictionaries({key: values(each) for key, each in schema["properties"].items()})
    if kind == "object":
        return st.dictionaries(st.sampled_from(["1", "2", "17"]), values(schema["additionalProperties"]), max_size=3)
    if kind == "array":
        return st.lists(values(schema["items"]), min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", 3))
    low, high = schema.get("minimum", 0), schema.get("maximum", 100)
    return {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(low, high),
        "number": st.floats(low, high),
        "string": st.text(max_size=schema.get("maxLength", 8)),
    }[kind]


states = st.fixed_dictionaries({}, optional={key: values(field.schema()) for key, field in STATE.items()})


@given(states)
def test_every_state_that_can_be_published_has_words(state: dict[str, Any]) -> None:
    message = read("hall/state", json.dumps({"version": 2, "time": 5.0, **state}).encode())
    assert message
    said = known(message.data)
    assert said.headline
    assert all(said.in_words())
    assert (said.room == "empty") == (state.get("occupied") is False)
    if state.get("fall"):
        assert said.alarm
