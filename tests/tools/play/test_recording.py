"""Recordings: what was published comes back; whatever else is in a file is refused by its line, never a traceback."""

import gzip
import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config.settings import PublishSettings
from edge.errors import BadLine, BadRecording, NoSource, OutputFailed, PosenetEdgeError, UsageError
from edge.pose import KEYPOINT_NAMES, Keypoint, Person, Pose
from edge.report.messages.message import as_json
from edge.report.messages.poses import poses_payload
from edge.report.messages.quantize import quantize
from edge.tools.play.poses_reader import read_poses
from edge.tools.play.recording import Recording, Writer
from edge.wire import FrameLine, encode
from tests.support.commands import command
from tests.support.wire_lines import FRAMES

SETTINGS = PublishSettings(min_pose_score=0.0)
HEADER = b'{"format":"posenet-edge recording","version":1,"device":"hall","mode":"multi"}\n'
SHARED_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def published(frame: FrameLine, mode: str = "multi", publish: PublishSettings = SETTINGS) -> bytes:
    return as_json(poses_payload(quantize(frame), mode, publish))


def seen(time: float, *xs: float) -> FrameLine:
    """A frame with a person at each of these x."""
    persons = (
        Person(number, Pose(0.5, tuple(Keypoint(x, 10.0 * n, 0.5) for n in range(17))))
        for number, x in enumerate(xs, 1)
    )
    return FrameLine(int(time * 10), 0.0, time, 640, 480, tuple(persons))


def packed(path: Path, *lines: bytes) -> Path:
    path.write_bytes(gzip.compress(b"".join(lines)))
    return path


def read(path: Path) -> tuple[list[FrameLine], str]:
    """What can be read, and what was wrong then."""
    frames: list[FrameLine] = []
    try:
        for frame in Recording(path).frames():
            frames.append(frame)  # noqa: PERF402 - those before an error count too
    except BadRecording as error:
        return frames, str(error)
    return frames, ""


@given(FRAMES)
def test_what_was_published_means_the_frame_that_it_was_made_of(frame: FrameLine) -> None:
    back, mode = read_poses(published(frame))
    assert back == replace(quantize(frame), monotonic=0.0)
    assert mode == "multi"
    single, mode = read_poses(published(frame, "single"))
    assert single.persons == quantize(frame).persons[:1]
    assert mode == "single"


def test_a_keypoint_that_was_not_published_has_no_score(frame_line: FrameLine) -> None:
    body, _ = read_poses(published(frame_line, publish=PublishSettings(share="body", min_pose_score=0.0)))
    for name, point, true in zip(
        KEYPOINT_NAMES, body.persons[0].pose.keypoints, quantize(frame_line).persons[0].pose.keypoints, strict=True
    ):
        hidden = name.endswith(("nose", "Eye", "Ear"))
        assert point == (Keypoint(0.0, 0.0, 0.0) if hidden else true)


@given(FRAMES)
def test_fractions_become_px_again(frame: FrameLine) -> None:
    whole = replace(quantize(frame), monotonic=0.0)
    back, _ = read_poses(published(frame, publish=replace(SETTINGS, positions="normalised")))
    for person, true in zip(back.persons, whole.persons, strict=True):
        for point, at in zip(person.pose.keypoints, true.pose.keypoints, strict=True):
            # 5 digits are published, of sides of up to 16384 px.
            assert point.x == pytest.approx(at.x, abs=0.5e-5 * frame.width + 1e-9)
            assert point.y == pytest.approx(at.y, abs=0.5e-5 * frame.height + 1e-9)


def test_somebody_far_away_in_the_corner_is_in_px_too() -> None:
    frame, _ = read_poses(published(seen(1.0, 1.5, 0.5)))
    assert [person.pose.keypoints[0].x for person in frame.persons] == [1.5, 0.5]


@pytest.mark.parametrize(("positions", "x"), [("metres", 1.0), (None, 1.0), (["pixels"], 1.0), ("normalised", 300.0)])
def test_positions_that_make_no_sense_are_refused(positions: object, x: float) -> None:
    message = json.loads(published(seen(1.0, x)))
    message["positions"] = positions
    with pytest.raises(BadLine, match=r"positions|out_of_range"):
        read_poses(json.dumps(message).encode())


@given(st.binary(max_size=300))
def test_no_message_crashes_it(data: bytes) -> None:
    with pytest.raises(BadLine):
        read_poses(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_a_message_with_one_part_replaced_is_read_or_refused(data: st.DataObject) -> None:
    message = json.loads(published(seen(1.0, 100.0)))
    places: list[tuple[Any, Any]] = []

    def walk(part: Any) -> None:
        for key in part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
            places.append((part, key))
            walk(part[key])

    walk(message)
    part, key = data.draw(st.sampled_from(places))
    part[key] = data.draw(VALUES)
    try:
        frame, _ = read_poses(json.dumps(message).encode())
    except BadLine:
        return
    assert encode(frame)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hall.gz"
    frames = [seen(100.0), seen(100.1, 50.0, 90.0), seen(100.1, 51.0), seen(112.5)]
    with Writer(path, "hall", force=False) as writer:
        for frame in frames:
            writer.write(frame, "multi")
    recording = Recording(path)
    assert recording.header == ("hall", "multi")
    back = list(recording.frames())
    assert [frame.monotonic for frame in back] == pytest.approx([0.0, 0.1, 0.1, 12.5])
    assert [replace(frame, monotonic=0.0) for frame in back] == [quantize(frame) for frame in frames]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    header = json.loads(gzip.decompress(path.read_bytes()).splitlines()[0])
    assert (header["image"], header["positions"]) == ({"width": 640, "height": 480}, "pixels")


def test_what_was_flushed_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "hall.gz"
    with Writer(path, "hall", force=False) as writer:
        writer.write(seen(1.0, 50.0), "multi")
        writer.flush()
        torn, wrong = read(path)
    assert len(torn) == 1
    assert "cut off in or after line 2" in wrong
    assert read(path) == (torn, "")


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "hall.gz"
    path.write_text("dear diary")
    with pytest.raises(UsageError, match="--force"):
        Writer(path, "hall", force=False)
    with Writer(path, "hall", force=True):
        pass
    assert path.read_text() == "dear diary", "nothing came, so nothing was lost"
    with Writer(path, "hall", force=True) as writer:
        writer.write(seen(1.0), "multi")
    assert len(read(path)[0]) == 1


def test_a_full_disk(tmp_path: Path) -> None:
    def fill() -> None:
        with Writer(Path("/dev/full"), "hall", force=True) as writer:
            writer.write(seen(1.0), "multi")
            writer.flush()

    with pytest.raises(OutputFailed, match="No space left"):
        fill()
    with pytest.raises(OutputFailed, match="nowhere"):
        Writer(tmp_path / "nowhere" / "hall.gz", "hall", force=False)


GOOD = [published(seen(float(n), 50.0)) + b"\n" for n in range(3)]
BROKEN: dict[str, tuple[Callable[[], list[bytes]], int, str]] = {
    "half a line": (lambda: [HEADER, *GOOD, GOOD[0][:50]], 3, "line 5: cut off"),
    "garbage": (lambda: [HEADER, *GOOD, b"dear diary\n", *GOOD], 3, "line 5: not_json"),
    "a blank line": (lambda: [HEADER, GOOD[0], b"\n", GOOD[1]], 1, "line 3: not_json"),
    "times going backwards": (lambda: [HEADER, *GOOD, GOOD[1]], 3, "line 5: its time 1.000 is before that of the line"),
    "another message": (lambda: [HEADER, b'{"version":1,"time":1}\n'], 0, "line 2: missing_field"),
    "another version of messages": (lambda: [HEADER, b'{"version":3}\n'], 0, "line 2: wrong_version"),
    "another version": (lambda: [HEADER.replace(b":1", b":2"), *GOOD], 0, "line 1: version 2 of the format"),
    "no version": (lambda: [HEADER.replace(b":1", b":true"), *GOOD], 0, "line 1: version true of the format"),
    "no header": (lambda: GOOD, 0, "line 1: no header"),
    "nothing": (lambda: [], 0, "line 1: no header"),
    "no such device": (lambda: [HEADER.replace(b"hall", b"#"), *GOOD], 0, "line 1: the header has no device"),
    "an endless line": (lambda: [HEADER, b" " * 10**6, *GOOD], 0, "line 2: longer than any message"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_recording_is_read_up_to_there(tmp_path: Path, name: str) -> None:
    lines, good, words = BROKEN[name]
    frames, wrong = read(packed(tmp_path / "hall.gz", *lines()))
    assert len(frames) == good
    assert words in wrong
    assert "hall.gz" in wrong


def test_a_file_cut_in_the_middle_or_that_is_no_gzip(tmp_path: Path) -> None:
    whole = packed(tmp_path / "hall.gz", HEADER, *GOOD * 1).read_bytes()
    (tmp_path / "hall.gz").write_bytes(whole[:-6])
    frames, wrong = read(tmp_path / "hall.gz")
    assert len(frames) == 3
    assert "cut off in or after line 4" in wrong
    (tmp_path / "hall.gz").write_bytes(whole[:-8] + bytes(8))
    assert "cannot be unpacked" in read(tmp_path / "hall.gz")[1]
    (tmp_path / "hall.gz").write_bytes(b"".join([HEADER, *GOOD]))
    assert "line 1: cannot be unpacked" in read(tmp_path / "hall.gz")[1]
    with pytest.raises(NoSource):
        Recording(tmp_path / "nowhere.gz")


@SHARED_FOLDER
@given(st.binary(max_size=200), st.integers(0, 3))
def test_any_bytes_are_played_or_refused(tmp_path: Path, data: bytes, kind: int) -> None:
    """As they are; packed; as a line; and put into the middle of a good file."""
    path = tmp_path / "any.gz"
    whole = gzip.compress(b"".join([HEADER, *GOOD]))
    path.write_bytes(
        [data, gzip.compress(data), gzip.compress(HEADER + data + b"\n"), whole[:90] + data + whole[90 + len(data) :]][
            kind
        ]
    )
    try:
        list(Recording(path).frames())
    except PosenetEdgeError as error:
        assert isinstance(error, BadRecording)


def test_events_of_a_broken_recording_come_first(tmp_path: Path) -> None:
    lines = [published(seen(n / 10, 50.0)) + b"\n" for n in range(20)]
    path = packed(tmp_path / "hall.gz", HEADER, *lines, b"dear diary\n")
    result = command("replay", str(path), "--events")
    assert result.returncode == os.EX_DATAERR
    assert result.stdout == "     0.50 s  arrived, confidence 1.00\n"
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"posenet-edge replay: {path}: line 22: not_json")
