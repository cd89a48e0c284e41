"""The shape of what is said: nothing is said that has none, and its bits are counted."""

import math

from jsonschema import Draft202012Validator

from edge.report.meaning.shape import FLAG, STATE, bits, by_name, by_person, number, part, words
from edge.report.meaning.watcher import Watcher
from edge.report.schema import SCHEMAS
from edge.settings import Settings


def test_the_schemas_are_schemas() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_every_value_has_a_shape_and_every_shape_is_used() -> None:
    assert {"paused", *Watcher(Settings()).state(0.0)} == set(STATE)


def test_bits_are_those_of_all_values() -> None:
    assert bits(FLAG, 0, 0) == math.log2(3)
    assert bits(words("in", "out"), 0, 0) == math.log2(3)
    # 0, 0.05 ... 1, and null.
    assert bits(number(0, 1, 0.05), 0, 0) == math.log2(22)
    assert bits(by_name(part(occupied=FLAG, people=number(0, 20, 1))), 3, 0) == 3 * (math.log2(3) + math.log2(22))
    assert bits(by_person(FLAG), 0, 2) == 2 * (math.log2(2**31 - 1) + math.log2(3)) + math.log2(3)
