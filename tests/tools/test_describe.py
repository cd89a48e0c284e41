"""Messages in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.report.analytics.event import Event
from edge.report.messages.event import event_payload
from edge.tools.describe import event_in_words, span_in_words, state_in_words


def test_an_event_in_words() -> None:
    assert event_in_words(event_payload(Event("left"), 1.0)) == "left, confidence 1.00"
    told = event_payload(Event("two_words", 3, "sofa", 0.88, {"lying_for": 12.5, "side": "left"}), 1.0)
    assert event_in_words(told) == "two words, person 3, zone sofa, confidence 0.88, lying for 12.5, side left"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"version": 1, "time": 5.0}, []),
        ({"people": None, "occupied": False, "posture": "sitting"}, ["occupied false", "posture sitting"]),
        (
            {"zones": {"sofa": {"occupied": True, "people": 2, "dwelling": None}, "bed": {"occupied": None}}},
            ["zone sofa occupied true", "zone sofa people 2"],
        ),
        ({"lines": {"front_door": {"in": 3, "out": 0}}}, ["line front door in 3", "line front door out 0"]),
        ({"postures": {"1": "standing", "2": None}}, ["posture 1 standing"]),
        ({"positions": {"7": [0.4, -3.2]}, "rules": {"reach": True}}, ["position 7 (0.4, -3.2)", "rule reach true"]),
        ({"zones": {}, "postures": None}, []),
    ],
)
def test_a_state_in_words(state: dict[str, object], words: list[str]) -> None:
    assert state_in_words(state) == words


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=12), _VALUES, max_size=5))
def test_whatever_a_broker_hands_on_has_words(message: dict[str, object]) -> None:
    assert all(state_in_words(message))
    assert event_in_words(message)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5.0, "0 s"), (119.0, "119 s"), (120.0, "2 min"), (7199.0, "120 min"), (7200.0, "2 h"), (172800.0, "2 days")],
)
def test_a_span_is_told_in_the_largest_unit_of_which_there_are_two(seconds: float, words: str) -> None:
    assert span_in_words(seconds) == words
