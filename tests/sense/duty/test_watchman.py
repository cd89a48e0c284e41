"""The watchman: an empty room is looked at seldom, and nobody waits for a look who moved or was found."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import DutySettings
from edge.sense.duty.watchman import Watchman

RATE = 15.0
SETTINGS = DutySettings(idle_after=4.0, floor_rate=1.0)
EMPTY = np.full((96, 128, 3), 100, np.uint8)
ENTERED = EMPTY.copy()
ENTERED[40:70, 60:80] = 200


def watch(watchman: Watchman, seconds: float, begin: float = 0.0, sign: bool = False) -> list[float]:
    """Show the empty room for some time; returns the times of the looks, each of which gives that sign."""
    looks = []
    for number in range(round(seconds * RATE)):
        now = begin + number / RATE
        if watchman.wants(EMPTY, now):
            looks.append(now)
            watchman.looked(sign, doubt=False, now=now)
    return looks


def test_an_empty_room_is_looked_at_seldom_after_a_while() -> None:
    watchman = Watchman(SETTINGS)
    assert len(watch(watchman, 4.0)) == 4 * RATE
    assert not watchman.is_idle
    assert len(watch(watchman, 20.0, begin=4.0)) == pytest.approx(20, abs=2)
    assert watchman.is_idle
    assert watchman.spared == pytest.approx(20 * (RATE - 1), abs=2)


def test_the_first_frame_with_motion_is_looked_at_and_all_for_a_while() -> None:
    watchman = Watchman(SETTINGS)
    watch(watchman, 10.2)
    assert watchman.is_idle
    assert watchman.wants(ENTERED, 10.2)
    assert not watchman.is_idle
    looks = watch(watchman, 3.0, begin=10.2 + 1 / RATE)
    assert len(looks) == 3 * RATE


def test_somebody_who_is_found_without_motion_keeps_every_look() -> None:
    watchman = Watchman(SETTINGS)
    watch(watchman, 10.0)
    first = watch(watchman, 2.0, begin=10.0, sign=True)[0]
    assert first - 10.0 <= 1.0
    assert len(watch(watchman, 60.0, begin=12.0, sign=True)) == 60 * RATE
    assert not watchman.is_idle


def test_a_body_that_may_be_somebody_is_looked_at_until_the_doubt_is_over() -> None:
    watchman = Watchman(SETTINGS)
    begin = watch(watchman, 10.0)[-1] + 1.0
    for number in range(5):
        assert watchman.wants(EMPTY, begin + number / RATE)
        watchman.looked(False, doubt=number < 4, now=begin + number / RATE)
    assert not watchman.wants(EMPTY, begin + 5 / RATE)
    assert watchman.is_idle


def test_a_clip_that_begins_again_is_looked_at_anew() -> None:
    watchman = Watchman(SETTINGS)
    watch(watchman, 10.0)
    assert len(watch(watchman, 4.0)) == 4 * RATE


def test_switched_off_every_frame_is_looked_at() -> None:
    watchman = Watchman(replace(SETTINGS, enabled=False))
    assert len(watch(watchman, 30.0)) == 30 * RATE
    assert not watchman.is_idle


@given(
    st.lists(st.tuples(st.floats(0.01, 1.5), st.sampled_from(["still", "moves", "found"])), min_size=1, max_size=200),
    st.floats(1.0, 10.0),
    st.floats(0.5, 30.0),
)
def test_no_look_is_spared_while_there_was_a_sign_and_none_is_late(
    frames: list[tuple[float, str]], idle_after: float, floor_rate: float
) -> None:
    watchman = Watchman(DutySettings(idle_after=idle_after, floor_rate=floor_rate))
    now, sign_at, looked_at = 0.0, 0.0, 0.0
    pictures = [EMPTY, ENTERED]
    for passed, what in frames:
        now += passed
        if what == "moves":
            pictures.reverse()
        looks = watchman.wants(pictures[0], now)
        if looks:
            watchman.looked(what == "found", doubt=False, now=now)
            looked_at = now
        if what == "moves" or (looks and what == "found"):
            sign_at = now
        assert looks or now - sign_at >= idle_after
        assert looks or now - looked_at < 1 / floor_rate
