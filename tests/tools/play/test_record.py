"""Recording while the sensor's wall clock is set, or the sensor is started anew: no frame is lost for it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config.settings import PublishSettings
from edge.report.messages.message import as_json
from edge.report.messages.poses import poses_payload
from edge.tools.play.record import _take, _Written
from edge.tools.play.recording import Recording, Writer
from edge.wire import FrameLine

PERIOD_S = 0.1


def record(path: Path, frames: list[tuple[int, float, float]]) -> tuple[list[float], _Written]:
    """Record frames of nobody: each its number, its time on the sensor's wall clock, and its arrival.

    Returns:
        The times of the recording's frames, s from the first, and what was counted.
    """
    written = _Written()
    with Writer(path, "hall", force=True) as writer:
        for sequence, time, arrived in frames:
            frame = FrameLine(sequence, 0.0, time, 640, 480, ())
            _take(as_json(poses_payload(frame, "multi", PublishSettings())), writer, written, arrived)
    return [frame.monotonic for frame in Recording(path).frames()], written


@pytest.mark.parametrize("step", [-3600.0, -0.5, 7.0, 1e8])
def test_a_clock_that_is_set_loses_no_frame_and_leaves_no_gap(step: float, tmp_path: Path) -> None:
    frames = [(n, 1e9 + n * PERIOD_S + (step if n >= 100 else 0.0), 50 + n * PERIOD_S) for n in range(300)]
    times, written = record(tmp_path / "hall.gz", frames)
    assert times == pytest.approx([n * PERIOD_S for n in range(300)], abs=0.01)
    assert written.seconds == pytest.approx(299 * PERIOD_S, abs=0.01)
    assert not written.refused


def test_messages_said_twice_or_late_are_left_out_and_a_new_start_is_not(tmp_path: Path) -> None:
    numbers = [*range(50), 49, 40, 50, *range(10)]
    frames = [(number, 1e9 + n * PERIOD_S, n * PERIOD_S) for n, number in enumerate(numbers)]
    times, written = record(tmp_path / "hall.gz", frames)
    assert len(times) == 61
    assert written.left_out() == "; 2 messages left out (older than the last 2)"


def test_a_burst_after_a_stall_keeps_the_times_of_its_frames(tmp_path: Path) -> None:
    frames = [(n, 1e9 + n * PERIOD_S, 4.0 if n < 40 else n * PERIOD_S) for n in range(60)]
    times, _ = record(tmp_path / "hall.gz", frames)
    assert times == pytest.approx([n * PERIOD_S for n in range(60)], abs=0.001)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 1e12), st.floats(0, 5)), min_size=1, max_size=20))
def test_whatever_clock_and_order_the_recording_can_be_read(
    tmp_path: Path, frames: list[tuple[int, float, float]]
) -> None:
    arrived = 0.0
    told = []
    for sequence, time, waited in frames:
        arrived += waited
        told.append((sequence, round(time, 3), arrived))
    times, written = record(tmp_path / "hall.gz", told)
    assert times == sorted(times)
    assert len(times) + written.refused.total() == len(frames)
