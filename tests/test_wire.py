"""The wall's line: whatever is said arrives unchanged, and whatever is not allowed is refused with its reason."""

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import wire
from edge.errors import BadLine
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.wire import checked_keypoint
from tests.support.wire_lines import FRAMES, STATUSES


@given(FRAMES | STATUSES)
def test_a_line_means_what_was_said(line: wire.Line) -> None:
    assert wire.decode(wire.encode(line)) == line


@given(FRAMES | STATUSES)
def test_a_line_is_one_line_of_ascii(line: wire.Line) -> None:
    encoded = wire.encode(line)
    assert encoded.isascii()
    assert encoded.count(b"\n") == 1
    assert encoded.endswith(b"\n")


def test_the_longest_frame_fits_into_a_line() -> None:
    # The longest that a float from -65536 to 65536 is ever written, 17 times three times, twenty times over.
    longest = Keypoint(-60000.123456789012, -60000.123456789012, 2.2250738585072014e-308)
    pose = Pose(2.2250738585072014e-308, (longest,) * KEYPOINT_COUNT)
    persons = tuple(Person(wire.MAX_ID - number, pose) for number in range(wire.MAX_POSES))
    frame = wire.FrameLine(2**53 - 1, 123456789.12345678, 123456789.12345678, 16384, 16384, persons)
    assert len(wire.encode(frame)) <= wire.MAX_LINE_BYTES


@given(st.binary(max_size=400))
def test_no_bytes_crash_it(data: bytes) -> None:
    with pytest.raises(BadLine) as refused:
        wire.decode(data)
    assert refused.value.reason in wire.REASONS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.data(), FRAMES | STATUSES)
def test_no_exchanged_value_crashes_it(data: st.DataObject, line: wire.Line) -> None:
    record = json.loads(wire.encode(line))
    name = data.draw(st.sampled_from(sorted(record)))
    record[name] = data.draw(JSON)
    try:
        wire.decode(json.dumps(record).encode())
    except BadLine as refused:
        assert refused.reason in wire.REASONS


@given(st.data(), FRAMES | STATUSES)
def test_no_flipped_byte_crashes_it(data: st.DataObject, line: wire.Line) -> None:
    encoded = bytearray(wire.encode(line))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        wire.decode(bytes(encoded))
    except BadLine as refused:
        assert refused.reason in wire.REASONS


def edited(line: wire.Line, **changes: Any) -> bytes:
    """The line with some fields exchanged, as JSON would write them (NaN included)."""
    return json.dumps(json.loads(wire.encode(line)) | changes).encode()


def reason(line: bytes, **options: Any) -> str:
    with pytest.raises(BadLine) as refused:
        wire.decode(line, **options)
    return refused.value.reason


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"extra": 1}, "unknown_field"),
        ({"version": 1}, "wrong_version"),
        ({"version": True}, "wrong_version"),
        ({"version": 1.0}, "wrong_version"),
        ({"kind": "picture"}, "unknown_kind"),
        ({"kind": ["frame"]}, "unknown_kind"),
        ({"sequence": -1}, "out_of_range"),
        ({"sequence": 2**53}, "out_of_range"),
        ({"sequence": 1.0}, "wrong_type"),
        ({"sequence": True}, "wrong_type"),
        ({"width": 0}, "out_of_range"),
        ({"width": "640"}, "wrong_type"),
        ({"time": None}, "wrong_type"),
        ({"time": float("nan")}, "not_finite"),
        ({"time": float("inf")}, "not_finite"),
        ({"poses": []}, "unknown_field"),
        ({"persons": {}}, "wrong_type"),
        ({"persons": [[]]}, "wrong_type"),
        ({"persons": [[1, 0.5, [[1, 2, 0.5]] * 16]]}, "wrong_type"),
        ({"persons": [[1, 0.5, [[1, 2, 0.5]] * 18]]}, "wrong_type"),
        ({"persons": [[1, 0.5, [[1, 2]] * 17]]}, "wrong_type"),
        ({"persons": [[1, 0.5, [[1, "2", 0.5]] * 17]]}, "wrong_type"),
        ({"persons": [[1, 1.5, [[1, 2, 0.5]] * 17]]}, "out_of_range"),
        ({"persons": [[1, 0.5, [[1e6, 2, 0.5]] * 17]]}, "out_of_range"),
        ({"persons": [[1, 0.5, [[1, 2, -0.1]] * 17]]}, "out_of_range"),
        ({"persons": [[1, 0.5, [[1, 2, 0.5]] * 17]] * 21}, "too_many_poses"),
        ({"persons": [[1, 0.5, [[1, 2, 0.5]] * 17]] * 2}, "out_of_range"),
        ({"persons": [[0, 0.5, [[1, 2, 0.5]] * 17]]}, "out_of_range"),
        ({"persons": [[2**31, 0.5, [[1, 2, 0.5]] * 17]]}, "out_of_range"),
        ({"persons": [[1.0, 0.5, [[1, 2, 0.5]] * 17]]}, "wrong_type"),
        ({"persons": [[True, 0.5, [[1, 2, 0.5]] * 17]]}, "wrong_type"),
        ({"persons": [["1", 0.5, [[1, 2, 0.5]] * 17]]}, "wrong_type"),
        ({"persons": [[0.5, [[1, 2, 0.5]] * 17]]}, "wrong_type"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(
    frame_line: wire.FrameLine, changes: dict[str, Any], expected: str
) -> None:
    assert reason(edited(frame_line, **changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": "somebody I know"}, "unknown_word"),
        ({"source": "v4l2:/dev/video0"}, "unknown_word"),
        ({"quantization": None}, "wrong_type"),
        ({"breaches": ["network", "a word of my own"]}, "unknown_word"),
        ({"breaches": ["network", "network"]}, "out_of_range"),
        ({"breaches": "network"}, "wrong_type"),
        ({"breaches": [1]}, "wrong_type"),
        ({"found": [1, 2, 3]}, "wrong_type"),
        ({"found": {"upright": 1}}, "wrong_type"),
        ({"found": [1, 2, 3, 4.0]}, "wrong_type"),
        ({"found": [True, 2, 3, 4]}, "wrong_type"),
        ({"found": [1, 2, 3, -1]}, "out_of_range"),
        ({"found": [1, 2, 3, wire.MAX_FOUND + 1]}, "out_of_range"),
        ({"stages": [[1.0, 2.0, 3.0]] * 4}, "wrong_type"),
        ({"stages": [[1.0, 2.0]] * 5}, "wrong_type"),
        ({"stages": [[1.0, 2.0, "3"]] * 5}, "wrong_type"),
        ({"stages": [[1.0, 2.0, 1000.1]] * 5}, "out_of_range"),
        ({"memory": None}, "wrong_type"),
        ({"output_stride": 15}, "out_of_range"),
        ({"output_stride": 16.0}, "wrong_type"),
        ({"temperature": "hot"}, "wrong_type"),
        ({"brightness": 1.01}, "out_of_range"),
        ({"sharpness": "very"}, "wrong_type"),
        ({"frame_rate": None}, "wrong_type"),
        ({"temperature": 1e9}, "out_of_range"),
        ({"fit_ms": -1}, "out_of_range"),
        ({"note": "free text"}, "unknown_field"),
    ],
)
def test_a_status_that_does_not_fit_is_refused(
    status_line: wire.StatusLine, changes: dict[str, Any], expected: str
) -> None:
    assert reason(edited(status_line, **changes)) == expected


def test_every_field_must_be_there(frame_line: wire.FrameLine, status_line: wire.StatusLine) -> None:
    for line in (frame_line, status_line):
        for field in fields(line):
            record = json.loads(wire.encode(line))
            del record[field.name]
            assert reason(json.dumps(record).encode()) == "missing_field"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[1]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"version":1,"version":1}', "duplicate_key"),
        (b'{"a":{"b":1,"b":2}}', "duplicate_key"),
        (b"\xff\xfe{\x00}\x00", "not_text"),
        ('{"kind":"é"}'.encode(), "not_text"),
        (b"[" * 60000, "not_json"),
        (b'{"version":' + b"9" * 10000 + b"}", "not_json"),
        (b" " * (wire.MAX_LINE_BYTES + 1), "too_long"),
        (b"{}", "wrong_version"),
    ],
)
def test_what_is_no_line_is_refused(line: bytes, expected: str) -> None:
    assert reason(line) == expected


ODD_NUMBERS = st.one_of(
    st.floats(-70000, 70000), st.floats(), st.integers(-70000, 70000), st.booleans(), st.none(), st.just("1")
)


@given(ODD_NUMBERS, ODD_NUMBERS, st.one_of(st.floats(-0.1, 1.1), ODD_NUMBERS))
def test_the_quick_check_of_a_keypoint_says_what_the_plain_one_says(x: Any, y: Any, score: Any) -> None:
    def outcome(check: Callable[[], Any]) -> Any:
        try:
            return check()
        except BadLine as error:
            return str(error)

    frame = wire.FrameLine(0, 0.0, 0.0, 640, 480, (Person(1, Pose(0.5, (Keypoint(1.0, 2.0, 0.5),) * KEYPOINT_COUNT)),))
    line = json.loads(wire.encode(frame))
    line["persons"][0][2][3] = [x, y, score]
    raw = json.dumps(line).encode()
    if "NaN" not in raw.decode() and "Infinity" not in raw.decode():
        found = outcome(lambda: wire.decode(raw).persons[0].pose.keypoints[3])  # type: ignore[union-attr]
        assert found == outcome(lambda: checked_keypoint(x, y, score))


def test_a_number_too_large_for_a_float_is_refused(frame_line: wire.FrameLine) -> None:
    assert reason(wire.encode(frame_line).replace(b"123.5", b"1e999")) == "out_of_range"


def test_the_reader_may_allow_fewer_persons(frame_line: wire.FrameLine) -> None:
    assert wire.decode(wire.encode(frame_line), max_poses=2) == frame_line
    assert reason(wire.encode(frame_line), max_poses=1) == "too_many_poses"


def test_nan_cannot_even_be_written(frame_line: wire.FrameLine) -> None:
    pose = Pose(float("nan"), frame_line.persons[0].pose.keypoints)
    with pytest.raises(ValueError, match="JSON"):
        wire.encode(wire.FrameLine(0, 0.0, 0.0, 1, 1, (Person(1, pose),)))


def test_each_text_is_one_of_a_fixed_list() -> None:
    """No field may be free text: that would be a way out for a picture."""
    for line in (wire.FrameLine, wire.StatusLine):
        texts = {field.name for field in fields(line) if field.type is str}
        assert texts == set() or texts == {"state", "source", "quantization", "model_choice", "attention", "duty"}
