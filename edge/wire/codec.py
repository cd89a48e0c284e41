"""Encode lines to bytes, and decode bytes strictly by the contract."""

import json
from dataclasses import fields
from typing import Any

from edge.errors import BadLine
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.wire.contract import (
    BREACHES,
    ID,
    MAX_LINE_BYTES,
    MAX_POSES,
    POSITION,
    RANGES,
    STRIDES,
    UNIT,
    VERSION,
    WORDS,
    FrameLine,
    Line,
    StatusLine,
)
from edge.wire.strict_json import list_of, number, parse

_KINDS: dict[str, type[FrameLine] | type[StatusLine]] = {"frame": FrameLine, "status": StatusLine}
(_FARTHEST_BACK, _FARTHEST), (_NO_SCORE, _FULL_SCORE) = POSITION, UNIT
_NAMES = {line: kind for kind, line in _KINDS.items()}
_FIELDS = {line: {entry.name: entry.type for entry in fields(line)} for line in _NAMES}


def encode(line: Line) -> bytes:
    """Encode one line, newline included; numbers keep every digit, so ``decode(encode(line)) == line``.

    The ranges of the contract are checked by the reader, not here.

    Returns:
        The line in ASCII.

    Raises:
        ValueError: A number is NaN or infinite.
    """
    kind = type(line)
    record: dict[str, Any] = {"version": VERSION, "kind": _NAMES[kind]}
    record.update((name, getattr(line, name)) for name in _FIELDS[kind])
    if isinstance(line, FrameLine):
        record["persons"] = [(person.id, *person.pose) for person in line.persons]
    return json.dumps(record, separators=(",", ":"), allow_nan=False, check_circular=False).encode() + b"\n"


def decode(line: bytes, max_poses: int = MAX_POSES) -> Line:
    """Decode a line, with or without its newline.

    Args:
        line: At most ``MAX_LINE_BYTES``.
        max_poses: Most persons to accept in a frame.

    Returns:
        The line that has exactly this meaning.

    Raises:
        BadLine: The line breaks the contract; ``reason`` is one of ``REASONS``.
    """
    if len(line) > MAX_LINE_BYTES:
        raise BadLine("too_long", f"{len(line)} bytes, at most {MAX_LINE_BYTES}")
    record = parse(line)
    if type(record) is not dict:
        raise BadLine("not_an_object")
    if type(version := record.pop("version", None)) is not int or version != VERSION:
        raise BadLine("wrong_version")
    kind = record.pop("kind", None)
    if type(kind) is not str or kind not in _KINDS:
        raise BadLine("unknown_kind")
    wanted = _FIELDS[_KINDS[kind]]
    if unknown := record.keys() - wanted.keys():
        raise BadLine("unknown_field", f"{len(unknown)} of them")
    if missing := wanted.keys() - record.keys():
        raise BadLine("missing_field", min(missing))
    values = {name: _field(name, wanted[name], record[name], max_poses) for name in wanted}
    return _KINDS[kind](**values)


def _field(name: str, kind: Any, value: Any, max_poses: int) -> Any:
    if name == "persons":
        return _persons(value, max_poses)
    if name == "breaches":
        return _breaches(value)
    if name in WORDS:
        if type(value) is not str:
            raise BadLine("wrong_type", name)
        if value not in WORDS[name]:
            raise BadLine("unknown_word", name)
        return value
    if value is None and kind == float | None:
        return None
    if name == "output_stride":
        if type(value) is not int:
            raise BadLine("wrong_type", name)
        if value not in STRIDES:
            raise BadLine("out_of_range", name)
        return value
    return number(name, int if kind is int else float, value, *RANGES[name])


def _breaches(value: Any) -> tuple[str, ...]:
    if type(value) is not list or not all(type(word) is str for word in value):
        raise BadLine("wrong_type", "breaches")
    if not set(value) <= set(BREACHES):
        raise BadLine("unknown_word", "breaches")
    if len(set(value)) != len(value):
        raise BadLine("out_of_range", "breaches")
    return tuple(value)


def _persons(value: Any, max_poses: int) -> tuple[Person, ...]:
    if type(value) is not list:
        raise BadLine("wrong_type", "persons")
    if len(value) > max_poses:
        raise BadLine("too_many_poses", f"{len(value)}, at most {max_poses}")
    persons = tuple(_person(person) for person in value)
    if len({person.id for person in persons}) != len(persons):
        raise BadLine("out_of_range", "id")
    return persons


def _person(value: Any) -> Person:
    identity, score, keypoints = list_of(value, 3, "person")
    pose = Pose(
        number("score", float, score, *UNIT),
        tuple(map(_keypoint, list_of(keypoints, KEYPOINT_COUNT, "keypoints"))),
    )
    return Person(number("id", int, identity, *ID), pose)


def _keypoint(value: Any) -> Keypoint:
    x, y, score = list_of(value, 3, "keypoint")
    # Speed: a frame of five people has 85 keypoints. What is right at first sight needs no check of each number.
    if (
        type(x) is type(y) is type(score) is float
        and _FARTHEST_BACK <= x <= _FARTHEST
        and _FARTHEST_BACK <= y <= _FARTHEST
        and _NO_SCORE <= score <= _FULL_SCORE
    ):
        return Keypoint(x, y, score)
    return checked_keypoint(x, y, score)


def checked_keypoint(x: Any, y: Any, score: Any) -> Keypoint:
    """Check the three numbers of a keypoint one by one: the plain version of what ``decode`` does at first sight.

    Returns:
        The keypoint.

    Raises:
        BadLine: One of them is no number, or out of its range.
    """
    return Keypoint(
        number("x", float, x, *POSITION),
        number("y", float, y, *POSITION),
        number("keypoint score", float, score, *UNIT),
    )
