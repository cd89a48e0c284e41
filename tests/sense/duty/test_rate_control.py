"""Rate control: fewer frames on a machine that is hot or slow, within bounds, and without swinging."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import DutySettings
from edge.sense.duty.rate_control import DOWN_S, LEAST_RATE, UP_S, RateControl, Readings

SETTINGS = DutySettings()
MOST = 15.0
GOOD = Readings(60.0, False, 0.05)
HOT = GOOD._replace(temperature=80.0)
NEARLY = GOOD._replace(temperature=77.0)


def judge(control: RateControl, readings: Readings, seconds: float, begin: float = 0.0) -> float:
    """Give it these readings every two seconds; returns the time at the end."""
    now = begin
    while now < begin + seconds:
        control.judge(readings, now)
        now += 2.0
    return now


def admitted(control: RateControl, rate: float, seconds: float = 20.0, begin: float = 1000.0) -> float:
    """Frames a second that are looked at, of a camera that gives so many."""
    frames = round(seconds * rate)
    return sum(control.admits(begin + number / rate) for number in range(frames)) / seconds


def test_a_machine_that_is_well_looks_at_every_frame() -> None:
    control = RateControl(SETTINGS, MOST)
    judge(control, GOOD, 100.0)
    assert (control.rate, control.reason) == (MOST, "")
    # Also if the camera gives more than it was asked for, and for a clip that is played fast.
    assert admitted(control, 100.0) == 100.0
    assert control.refused == 0


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        (HOT, "hot"),
        (GOOD._replace(throttled=True), "hot"),
        (GOOD._replace(latency=1.5), "slow"),
        (Readings(None, True, 0.0), "hot"),
        (HOT._replace(latency=1.5), "hot"),
    ],
)
def test_it_steps_down_to_the_least_rate_and_says_why(readings: Readings, reason: str) -> None:
    control = RateControl(SETTINGS, MOST)
    judge(control, readings, 4.0)
    assert (control.rate, control.reason) == (pytest.approx(10.0), reason)
    judge(control, readings, 100.0, begin=4.0)
    assert (control.rate, control.reason) == (LEAST_RATE, reason)
    assert admitted(control, MOST) == pytest.approx(LEAST_RATE, abs=0.1)
    assert control.refused == pytest.approx(20 * (MOST - LEAST_RATE), abs=2)


def test_the_rate_is_kept_whatever_the_camera_gives() -> None:
    control = RateControl(SETTINGS, MOST)
    judge(control, HOT, 4.0)
    assert admitted(control, MOST) == pytest.approx(10.0, abs=0.1)


def test_it_stays_between_the_bounds_and_rises_only_after_a_while_below_both() -> None:
    control = RateControl(SETTINGS, MOST)
    now = judge(control, HOT, 100.0)
    lowered = control.rate
    now = judge(control, NEARLY, 200.0, begin=now)
    assert control.rate == lowered
    now = judge(control, GOOD, UP_S - 2, begin=now)
    assert control.rate == lowered
    now = judge(control, GOOD, 6.0, begin=now)
    assert lowered < control.rate < MOST
    judge(control, GOOD, 400.0, begin=now)
    assert (control.rate, control.reason) == (MOST, "")


def test_it_is_not_lowered_below_the_least_that_is_asked_for_and_says_that_more_is_needed() -> None:
    control = RateControl(SETTINGS, MOST)
    assert control.judge(HOT, 0.0, 10.0) == ""
    assert control.rate == pytest.approx(10.0)
    assert control.judge(HOT, 2.0, 10.0) == "", "the lowered rate has its time first"
    assert control.judge(HOT, 12.0, 10.0) == "hot"
    assert control.judge(NEARLY, 14.0, 10.0) == ""
    assert control.rate == pytest.approx(10.0)
    assert control.judge(HOT, 22.0) == ""
    assert control.rate < 10.0


def test_all_is_well_only_with_every_frame_and_room_below_the_bounds() -> None:
    control, said = RateControl(SETTINGS, MOST), []
    for number, readings in enumerate((GOOD, NEARLY, HOT, GOOD, *[GOOD] * 40)):
        control.judge(readings, 2.0 * number)
        said.append(control.is_well)
    assert said[:4] == [True, False, False, False]
    assert said[-1]


def test_a_slow_camera_is_never_slowed_down() -> None:
    control = RateControl(SETTINGS, 1.0)
    judge(control, HOT, 100.0)
    assert control.rate == 1.0
    assert admitted(control, 1.0) == pytest.approx(1.0, abs=0.1)


def test_switched_off_it_lets_go() -> None:
    control = RateControl(SETTINGS, MOST)
    now = judge(control, HOT, 100.0)
    control.settings = replace(SETTINGS, enabled=False)
    judge(control, HOT, 4.0, begin=now)
    assert (control.rate, control.reason) == (MOST, "")


READINGS = st.builds(
    Readings, st.none() | st.floats(-20.0, 120.0), st.booleans(), st.floats(0.0, 10.0)
) | st.sampled_from([GOOD, HOT, NEARLY])


@given(most=st.floats(0.1, 120.0), course=st.lists(st.tuples(st.floats(0.1, 60.0), READINGS), max_size=200))
def test_never_beyond_its_bounds_and_never_swinging(most: float, course: list[tuple[float, Readings]]) -> None:
    control, now, stepped_at = RateControl(SETTINGS, most), 0.0, -1e9
    good_since: float | None = None
    for passed, readings in course:
        now += passed
        before = control.rate
        control.judge(readings, now)
        is_good = (
            not readings.throttled
            and (readings.temperature is None or readings.temperature <= 75.0)
            and readings.latency <= 0.7
        )
        good_since = (now if good_since is None else good_since) if is_good else None
        assert min(LEAST_RATE, most) <= control.rate <= most
        assert bool(control.reason) or control.rate == most
        if control.rate != before:
            assert now - stepped_at >= DOWN_S
            stepped_at = now
        if control.rate > before:
            assert good_since is not None
            assert now - good_since >= UP_S


@given(st.lists(st.floats(0.001, 2.0), min_size=50, max_size=300))
def test_frames_are_let_through_evenly(gaps: list[float]) -> None:
    control = RateControl(SETTINGS, MOST)
    judge(control, HOT, 100.0)
    now, passed_at = 0.0, 0.0
    for gap in gaps:
        now += gap
        if control.admits(now):
            passed_at = now
        assert now - passed_at <= 1 / LEAST_RATE + 1e-9
