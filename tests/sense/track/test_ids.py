"""Ids are small, and nobody gets one that somebody had within a day."""

from hypothesis import given
from hypothesis import strategies as st

from edge.sense.track.ids import Ids
from edge.wire import MAX_ID

DAY = 86400.0


def test_they_count_from_one() -> None:
    ids = Ids()
    assert [ids.give(now) for now in (0.0, 1.0, 1.0)] == [1, 2, 3]


def test_after_a_day_without_anybody_they_begin_again() -> None:
    ids = Ids()
    ids.give(0.0)
    ids.in_use(10.0)
    assert ids.give(10.0 + DAY - 1) == 2
    ids.in_use(10.0 + DAY)
    assert ids.give(10.0 + 2 * DAY) == 1


def test_somebody_who_stays_longer_than_a_day_keeps_theirs() -> None:
    ids = Ids()
    assert ids.give(0.0) == 1
    for hour in range(48):
        ids.in_use(3600.0 * hour)
    assert ids.give(48 * 3600.0) == 2


def test_they_fit_into_the_line() -> None:
    ids = Ids(last=MAX_ID - 1)
    assert [ids.give(0.0), ids.give(0.0)] == [MAX_ID, 1]


@given(st.lists(st.tuples(st.floats(0, 2 * DAY), st.floats(0, DAY)), max_size=30))
def test_none_is_given_twice_within_a_day(visits: list[tuple[float, float]]) -> None:
    """Visits: the time since the last one ended, and how long it is."""
    ids, now = Ids(), 0.0
    gone: dict[int, float] = {}
    for pause, stay in visits:
        now += pause
        number = ids.give(now)
        assert number not in gone or now - gone[number] >= DAY
        assert 1 <= number <= len(visits)
        ids.in_use(now)
        now += stay
        ids.in_use(now)
        gone[number] = now
