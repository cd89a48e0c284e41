"""The gate refuses what does not fit, what comes too fast and what is old, and counts each by its reason."""

from dataclasses import replace

import pytest
from hypothesis import given

from edge import wire
from edge.config.settings import CameraSettings, DecodeSettings, PublishSettings, Settings, VideoSettings
from edge.pose import Person
from edge.report.ingress.gate import Gate, byte_rate, line_rate
from tests.support.wire_lines import STATUSES


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_it_admits_and_counts(frame_line: wire.FrameLine, status_line: wire.StatusLine) -> None:
    clock = Clock(frame_line.monotonic)
    gate = Gate(Settings(), clock)
    assert gate.admit(wire.encode(frame_line)) == frame_line
    clock.now = status_line.monotonic
    assert gate.admit(wire.encode(status_line)) == status_line
    for line in (b"", b"{}", b"{}", b"x" * 70000):
        assert gate.admit(line) is None
    assert gate.rejected == {"not_json": 1, "wrong_version": 2, "too_long": 1}


def test_it_knows_how_many_persons_were_asked_for(frame_line: wire.FrameLine) -> None:
    gate = Gate(Settings(decode=DecodeSettings(max_poses=1)), Clock(frame_line.monotonic))
    assert gate.admit(wire.encode(frame_line)) is None
    assert gate.rejected == {"too_many_poses": 1}


@pytest.mark.parametrize(("age", "admitted"), [(0, True), (1.9, True), (2.1, False), (-1.9, True), (-2.1, False)])
def test_what_lay_in_a_backlog_is_thrown_away(frame_line: wire.FrameLine, age: float, admitted: bool) -> None:
    gate = Gate(Settings(), Clock(frame_line.monotonic + age))
    assert bool(gate.admit(wire.encode(frame_line))) == admitted
    assert gate.rejected == ({} if admitted else {"stale": 1})


@pytest.mark.parametrize(
    ("state", "age", "admitted"),
    [("running", 3.0, False), ("too_slow", 3.0, True), ("too_slow", 4.9, True), ("too_slow", 5.1, False)],
)
def test_what_a_slow_machine_takes_for_a_frame_is_no_backlog(
    frame_line: wire.FrameLine, status_line: wire.StatusLine, state: str, age: float, admitted: bool
) -> None:
    clock = Clock(status_line.monotonic)
    gate = Gate(Settings(), clock)
    assert gate.admit(wire.encode(replace(status_line, state=state, latency_ms=3000.0)))
    assert bool(gate.admit(wire.encode(replace(frame_line, monotonic=clock.now - age)))) == admitted
    # Nothing comes from the future, and from what follows on it is fast enough again.
    assert not gate.admit(wire.encode(replace(frame_line, monotonic=clock.now + 2.1)))
    assert gate.admit(wire.encode(replace(status_line, state="running", latency_ms=100.0)))
    assert not gate.admit(wire.encode(replace(frame_line, monotonic=clock.now - 2.1)))


def admitted(gate: Gate, clock: Clock, line: wire.FrameLine, per_second: int, seconds: int) -> int:
    """How many of so many lines a second pass."""
    count = 0
    for number in range(per_second * seconds):
        clock.now = line.monotonic + number / per_second
        count += gate.admit(wire.encode(replace(line, monotonic=clock.now))) is not None
    return count


def test_the_rate_is_bounded_and_a_normal_camera_never_meets_the_bound(frame_line: wire.FrameLine) -> None:
    settings = Settings(camera=CameraSettings(frame_rate=10.0))
    clock = Clock(frame_line.monotonic)
    assert admitted(Gate(settings, clock), clock, frame_line, per_second=11, seconds=20) == 220
    gate = Gate(settings, clock)
    passed = admitted(gate, clock, frame_line, per_second=500, seconds=20)
    assert passed == pytest.approx(line_rate(settings) * 22, abs=2), "twenty seconds and a burst of two"
    assert gate.rejected == {"too_fast": 10_000 - passed}


def test_garbage_takes_tokens_too(frame_line: wire.FrameLine) -> None:
    """Or a flood of it would keep the gate busy parsing."""
    gate = Gate(Settings(), Clock(frame_line.monotonic))
    for _ in range(10_000):
        gate.admit(b"garbage")
    assert gate.rejected["not_json"] <= 2 * line_rate(Settings())
    assert gate.rejected["too_fast"] >= 9000


def test_bytes_are_bounded_beside_lines() -> None:
    gate = Gate(Settings(), Clock(0.0))
    for _ in range(60):
        gate.admit(b" " * 60_000)
    assert gate.rejected["not_json"] * 60_000 <= 2 * byte_rate(Settings()) + 60_000
    assert gate.rejected["too_fast"] > 0


def test_the_rate_follows_the_settings() -> None:
    assert line_rate(Settings(camera=CameraSettings(frame_rate=30.0))) == 62.0
    assert line_rate(Settings(publish=PublishSettings(max_rate=3.0))) == 3.0
    clip = CameraSettings(source="video:clip.mp4")
    assert line_rate(Settings(camera=clip, video=VideoSettings(pace="fast"))) == 1000.0
    assert line_rate(Settings(camera=clip)) == 32.0


def test_a_gate_follows_the_frame_rate_of_the_camera(frame_line: wire.FrameLine) -> None:
    clock = Clock(frame_line.monotonic)
    gate = Gate(Settings(camera=CameraSettings(frame_rate=5.0)), clock)
    assert admitted(gate, clock, frame_line, 30, 4) < 30 * 4
    gate.follow(Settings(camera=CameraSettings(frame_rate=30.0)))
    assert admitted(gate, clock, frame_line, 30, 4) == 30 * 4
    assert set(gate.rejected) == {"too_fast"}, "counts stay"


def test_the_longest_honest_line_fits_its_bytes(frame_line: wire.FrameLine) -> None:
    """What ``undo`` rounds to 0.01 px and 4 decimals stays below what is counted for a keypoint."""
    pose = frame_line.persons[0].pose
    longest = pose._replace(
        score=0.1234,
        keypoints=tuple(point._replace(x=-65536.12, y=-65536.12, score=0.1234) for point in pose.keypoints),
    )
    settings = Settings(decode=DecodeSettings(max_poses=20))
    persons = tuple(Person(wire.MAX_ID - number, longest) for number in range(20))
    line = wire.encode(replace(frame_line, persons=persons))
    assert len(line) <= byte_rate(settings) / line_rate(settings)


def test_status_lines_pass_however_many_frames_come(frame_line: wire.FrameLine, status_line: wire.StatusLine) -> None:
    clock = Clock(frame_line.monotonic)
    gate = Gate(Settings(), clock)
    heard = 0
    for number in range(6000):
        clock.now = frame_line.monotonic + number / 600
        gate.admit(wire.encode(replace(frame_line, monotonic=clock.now)))
        if number % 600 == 0:
            heard += gate.admit(wire.encode(replace(status_line, monotonic=clock.now))) is not None
    assert heard == 10
    assert gate.rejected["too_fast"] > 5000


def test_status_lines_are_bounded_too(status_line: wire.StatusLine) -> None:
    gate = Gate(Settings(), Clock(status_line.monotonic))
    passed = sum(gate.admit(wire.encode(status_line)) is not None for _ in range(100))
    assert 4 <= passed <= 8


@given(STATUSES)
def test_a_status_line_is_known_by_how_it_begins(line: wire.StatusLine) -> None:
    assert wire.encode(line).startswith(wire.STATUS_BEGINS)
