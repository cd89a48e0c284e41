"""State is said on a change, never in a flood, and the last of a burst always."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edge.report.messages.state import AGAIN, APART, LOOK, StateThrottle


def test_it_is_said_at_once_and_again_after_a_while() -> None:
    bulletin = StateThrottle()
    assert bulletin.due({"people": 0}, 100.0)
    assert not any(bulletin.due({"people": 0}, 100.0 + tenth / 10) for tenth in range(1, int(AGAIN * 10)))
    assert bulletin.due({"people": 0}, 100.0 + AGAIN)


def test_it_is_not_found_out_more_often_than_it_can_be_said() -> None:
    bulletin, asked = StateThrottle(), []
    for hundredth in range(1, 300):
        now = hundredth / 100
        if bulletin.wants(now):
            asked.append(now)
            bulletin.due({"people": now > 1}, now)
    assert asked[0] == 0.01
    assert all(later - earlier >= LOOK - 1e-9 for earlier, later in itertools.pairwise(asked))
    said = min(now for now in asked if now > 1)
    assert not [now for now in asked if said < now < said + APART]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200), st.floats(0.01, 0.25))
def test_whatever_comes_is_said_soon_and_never_too_often(values: list[int], step: float) -> None:
    bulletin, said = StateThrottle(), []
    looks = [*values, *[values[-1]] * (int((APART + LOOK) / step) + 2)]
    for number, value in enumerate(looks):
        if bulletin.wants(number * step) and bulletin.due({"value": value}, number * step):
            said.append((number * step, value))
    assert said[-1][1] == values[-1], "the last of a burst goes out"
    assert all(later - earlier >= APART for (earlier, _), (later, _) in itertools.pairwise(said))
