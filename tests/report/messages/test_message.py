"""Messages: what is declared is what is said, and all that is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from edge.errors import BadLine
from edge.report.messages.message import as_json
from edge.report.messages.schema import MESSAGES, SCHEMAS
from scripts.message_docs import examples

EXAMPLES = examples()


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_said_is_read_and_has_its_schema(name: str) -> None:
    assert MESSAGES[name].read(as_json(EXAMPLES[name])) == EXAMPLES[name]
    Draft202012Validator(SCHEMAS[name]).validate(EXAMPLES[name])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Any]:
    """A message with one part of it replaced, left out or added."""
    name = draw(st.sampled_from(sorted(MESSAGES)))
    whole: Any = {"": json.loads(as_json(EXAMPLES[name]))}
    part, key = whole, ""
    while isinstance(part[key], dict | list) and part[key] and draw(st.booleans()):
        part = part[key]
        key = draw(st.sampled_from(sorted(part) if isinstance(part, dict) else list(range(len(part)))))
    if isinstance(part, dict) and part is not whole and draw(st.booleans()):
        del part[key]
    else:
        part[key] = draw(ANYTHING)
    return name, whole[""]


@given(damaged())
def test_nothing_is_read_that_the_schema_does_not_allow(message: tuple[str, Any]) -> None:
    name, value = message
    try:
        MESSAGES[name].read(json.dumps(value).encode())
    except BadLine:
        return
    # A recording of the first version is read too, as poses have not changed since.
    version = {"version": 2} if value["version"] == 1 and name == "poses" else {}
    Draft202012Validator(SCHEMAS[name]).validate({**value, **version})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace(b'"version":2', b'"version":3'), "wrong_version"),
        (lambda text: text.replace(b'"version":2', b'"version":true'), "missing_field"),
        (lambda text: text.replace(b'"version":2,', b""), "missing_field"),
        (lambda text: text.replace(b'"time":', b'"time":1,"time":'), "duplicate_key"),
        (lambda text: text[:-1] + b',"picture":""}', "unknown_field"),
        (lambda text: b"[" + text + b"]", "not_an_object"),
        (lambda text: text[:-1], "not_json"),
        (lambda _: b"", "not_json"),
        (lambda _: b"\xff", "not_text"),
        (lambda _: b"[" * 100_000, "not_json"),
    ],
)
@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_no_message_is_refused_with_its_reason(name: str, change: Any, reason: str) -> None:
    with pytest.raises(BadLine) as refused:
        MESSAGES[name].read(change(as_json(EXAMPLES[name])))
    assert refused.value.reason == reason


def test_poses_are_of_several_people_or_of_one() -> None:
    poses = EXAMPLES["poses"]
    for change in ({"pose": None}, {}):
        message = {key: value for key, value in poses.items() if key != "poses" or change} | change
        with pytest.raises(BadLine):
            MESSAGES["poses"].read(as_json(message))


def test_a_value_that_is_not_declared_cannot_be_said() -> None:
    with pytest.raises(KeyError):
        MESSAGES["health"].build(picture="")
