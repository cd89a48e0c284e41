"""Fields: what they let through, how finely, and how many bits that is."""

import math
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from edge.errors import BadLine
from edge.report.fields import (
    ByName,
    ByPerson,
    Counts,
    Field,
    Flag,
    Group,
    Many,
    Number,
    Text,
    WordList,
    Words,
    point,
)

PEOPLE = Number(low=0, high=20)
DOOR = Group(parts={"name": Text(nullable=False), "in": PEOPLE})


def test_bits_are_those_of_all_values() -> None:
    assert Flag().bits(0, 0) == math.log2(3)
    assert Words(allowed=("in", "out")).bits(0, 0) == math.log2(3)
    assert Number(low=0, high=1, step=0.05).bits(0, 0) == math.log2(22), "0, 0.05 ... 1, and null"
    zones = ByName(section="zone", of=Group(parts={"occupied": Flag(), "people": PEOPLE}))
    assert zones.bits(3, 0) == 3 * (math.log2(3) + math.log2(22))
    assert Text().bits(3, 0) == math.log2(4)
    assert point(-100, 100, 0.1).bits(0, 0) == pytest.approx(2 * math.log2(2001))
    assert ByPerson(of=Flag()).bits(0, 2) == 2 * (math.log2(2**31 - 1) + math.log2(3)) + math.log2(3)
    assert WordList(allowed=("a", "b"), nullable=False).bits(0, 0) == math.log2(5), "none, a, b, ab, ba"
    assert Counts(allowed=("a", "b"), high=3).bits(0, 0) == 4
    assert Many(of=Flag(nullable=False), most=3).bits(0, 0) == 2 + 3


@pytest.mark.parametrize(
    ("step", "given", "published"),
    [
        (0.1, 14.849999, 14.8),
        (0.01, 0.123, 0.12),
        (0.05, 0.33, 0.35),
        (0.05, 0.30000000000000004, 0.3),
        (1, 9.5000001, 10),
        (5, 12, 10),
        (0, 0.123456789, 0.123456789),
        (0.1, 1e9, 100.0),
        (0.1, -5.0, 0.0),
        (0.1, None, None),
    ],
)
def test_numbers_come_to_the_nearest_step_and_into_the_bounds(
    step: float, given: float | None, published: float | None
) -> None:
    found = Number(low=0.0, high=100.0, step=step).quantize(given)
    assert found == published
    assert type(found) is type(published)


GOOD: list[tuple[Field, list[Any]]] = [
    (Flag(), [True, False, None]),
    (Number(low=0, high=1, step=0.1), [0, 1, 0.3, None]),
    (PEOPLE, [0, 20, None]),
    (Words(allowed=(8, 16)), [8, None]),
    (WordList(allowed=("a", "b")), [[], ["b", "a"], None]),
    (Counts(allowed=("a", "b")), [{}, {"b": 3}]),
    (Text(longest=3), ["", "abc", None]),
    (point(0, 1, 0.1), [[0, 1.0]]),
    (DOOR, [{"name": "door", "in": None}]),
    (ByName(section="zone", of=Flag(), most=2, longest=3), [{}, {"abc": True, "b": None}]),
    (ByPerson(of=Flag()), [{"7": True}, None]),
    (Many(of=DOOR, most=2, distinct="name"), [[], [{"name": "a", "in": 1}, {"name": "b", "in": 1}]]),
]
BAD: list[tuple[Field, list[Any]]] = [
    (Flag(), [1, "true", []]),
    (Flag(nullable=False), [None]),
    (Number(low=0, high=1, step=0.1), [-0.1, 1.1, True, "0.5", math.inf]),
    (PEOPLE, [21, 0.5, False]),
    (Words(allowed=(8, 16)), [9, True, "8", [8]]),
    (WordList(allowed=("a", "b")), ["a", ["c"], ["a", "a"], [["a"]]]),
    (Counts(allowed=("a", "b")), [{"c": 1}, {"a": -1}, {"a": None}, []]),
    (Text(longest=3), ["abcd", 3]),
    (point(0, 1, 0.1), [[0], [0, 2], {"x": 0}, [0, None], None]),
    (DOOR, [{"name": "door"}, {"name": "door", "in": 0, "out": 0}, {"name": None, "in": 0}, None]),
    (
        ByName(section="zone", of=Flag(), most=2, longest=3),
        [{"abcd": True}, {"a": 0}, {"a": None, "b": None, "c": None}],
    ),
    (ByPerson(of=Flag()), [{"7": 1}, {"anna": True}, {"7" * 11: True}, {str(n): True for n in range(21)}]),
    (Many(of=DOOR, most=1), [[{"name": "a", "in": 1}] * 2, [None], {}]),
]


@pytest.mark.parametrize(("part", "values"), GOOD, ids=lambda each: type(each).__name__)
def test_what_is_declared_is_read_and_has_its_schema(part: Field, values: list[Any]) -> None:
    for value in values:
        assert part.read("it", value) == value
        Draft202012Validator(part.schema()).validate(value)


@pytest.mark.parametrize(("part", "values"), BAD, ids=lambda each: type(each).__name__)
def test_what_is_not_declared_is_refused_by_both(part: Field, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(BadLine):
            part.read("it", value)
        assert not Draft202012Validator(part.schema()).is_valid(value)


def test_two_entries_of_one_name_are_refused() -> None:
    """JSON Schema has no word for that."""
    with pytest.raises(BadLine, match="name"):
        Many(of=DOOR, most=2, distinct="name").read("it", [{"name": "a", "in": 1}, {"name": "a", "in": 2}])


def test_an_id_is_nothing_but_digits() -> None:
    """Python's own ``$`` would let a line end pass."""
    with pytest.raises(BadLine):
        ByPerson(of=Flag()).read("it", {"7\n": True})
