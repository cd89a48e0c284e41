"""The samples of the last seconds."""

from hypothesis import given
from hypothesis import strategies as st

from edge.runtime.time_window import TimeWindow


@given(st.lists(st.floats(0, 2), max_size=40), st.booleans())
def test_a_window_holds_the_last_seconds(steps: list[float], spanning: bool) -> None:
    window: TimeWindow[int] = TimeWindow(3.0, spanning)
    now, every = 0.0, []
    for number, step in enumerate(steps):
        now += step
        every.append((now, number))
        window.add(number, now)
        recent = [(time, value) for time, value in every if now - time <= 3.0]
        older = [(time, value) for time, value in every if now - time >= 3.0]
        if spanning:
            recent = [*older[-1:], *((time, value) for time, value in recent if now - time < 3.0)]
        assert list(window) == recent
        assert window.values() == [value for _, value in recent]
        assert window.span == recent[-1][0] - recent[0][0]
    window.drop_old(now + 10.0)
    assert len(window) == (spanning and bool(steps))
