"""Waiting longer and longer, but never in step with the neighbours."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from edge.runtime.backoff import Backoff


def test_it_doubles_up_to_the_limit_and_starts_anew() -> None:
    backoff = Backoff(first=0.5, longest=3.0, spread=lambda low, high: 1.0)
    assert [backoff.delay() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    backoff.reset()
    assert backoff.delay() == 0.5


@given(st.floats(0.01, 1), st.floats(1, 100), st.integers(1, 20))
def test_it_is_spread_by_a_half_either_way(first: float, longest: float, tries: int) -> None:
    steady = Backoff(first, longest, spread=lambda low, high: 1.0)
    spread = Backoff(first, longest)
    for _ in range(tries):
        middle = steady.delay()
        assert 0.5 * middle <= spread.delay() <= 1.5 * middle


def test_two_sensors_do_not_knock_together() -> None:
    assert Backoff(1, 60).delay() != Backoff(1, 60).delay()


def test_a_stop_ends_the_wait() -> None:
    stopping = threading.Event()
    stopping.set()
    assert Backoff(first=3600, longest=3600).wait(stopping)
