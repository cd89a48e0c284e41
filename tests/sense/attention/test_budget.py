"""The budget: looks a second, part of the time, and the frames first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import AttentionSettings
from edge.sense.attention.budget import Budget


def looks(settings: AttentionSettings, rate: float, frame_s: float, look_s: float, seconds: float = 20.0) -> float:
    """Second looks a second, if they are wanted in each frame of a camera."""
    budget, made = Budget(settings), 0
    for number in range(int(seconds * rate)):
        budget.begin(number / rate)
        budget.framed(frame_s)
        while budget.allows():
            budget.looked(look_s)
            made += 1
    return made / seconds


def test_as_many_as_the_settings_say() -> None:
    assert looks(AttentionSettings(looks=5.0), 15.0, 0.0, 0.0) == pytest.approx(5.0, abs=0.2)
    assert looks(AttentionSettings(looks=0.0), 15.0, 0.0, 0.0) == 0


def test_as_much_of_the_time_as_the_settings_say() -> None:
    assert looks(AttentionSettings(looks=120.0, share=0.25), 30.0, 0.001, 0.05) == pytest.approx(5.0, abs=0.5)
    assert looks(AttentionSettings(looks=120.0, share=0.0), 30.0, 0.001, 0.05) < 0.2


def test_frames_come_first() -> None:
    """Frames take nine tenths of the time: a tenth is left."""
    made = looks(AttentionSettings(looks=120.0, share=0.5), 10.0, 0.09, 0.05)
    assert made * 0.05 == pytest.approx(0.1, abs=0.04)


def test_a_machine_that_is_too_slow_still_looks_a_little() -> None:
    assert 0.5 < looks(AttentionSettings(), 10.0, 0.2, 0.1) < 2


@given(st.lists(st.floats(0.0, 1.0), min_size=10, max_size=80), st.floats(0.1, 60.0))
def test_unequal_times_between_frames_change_nothing(gaps: list[float], rate: float) -> None:
    budget, now, made = Budget(AttentionSettings(looks=rate, share=1.0)), 0.0, 0
    for gap in gaps:
        now += gap
        budget.begin(now)
        while budget.allows():
            budget.looked(0.0)
            made += 1
    assert made <= 2 + rate * sum(gaps)


def test_a_clock_that_goes_backwards_gives_nothing() -> None:
    budget = Budget(AttentionSettings(looks=1.0))
    budget.begin(100.0)
    assert budget.allows()
    budget.looked(0.0)
    budget.begin(0.0)
    assert not budget.allows()
