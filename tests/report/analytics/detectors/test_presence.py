"""Somebody is there, and how many."""

from hypothesis import given
from hypothesis import strategies as st

from edge.pose import Person
from edge.report.analytics.detectors.presence import Presence, PresenceSettings
from edge.report.analytics.signal.debounce import Debounce
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.scenes import frames, scene
from tests.support.scene_player import act, kinds, nobody, play

SETTINGS = PresenceSettings()


def somebody(
    seconds: float, many: int = 1, rate: float = 15.0, start: float = 0.0
) -> list[tuple[float, tuple[Person, ...]]]:
    """That many who stand still."""
    (_, (person,)) = next(frames(scene("stand-still")))
    persons = tuple(person._replace(id=number) for number in range(1, many + 1))
    return [(start + number / rate, persons) for number in range(int(seconds * rate) + 1)]


def test_nothing_is_known_before_somebody_looked_for_long_enough() -> None:
    presence = Presence(SETTINGS)
    assert presence.state == {"occupied": None, "people": None}
    said = play(presence, nobody(10))
    assert {each.state["occupied"] for each in said if each.time < SETTINGS.clear} == {None}
    assert {each.state["occupied"] for each in said if each.time > SETTINGS.clear} == {False}
    assert said[-1].state["people"] == 0
    assert kinds(said) == []


def test_somebody_arrives_and_leaves() -> None:
    said = play(Presence(SETTINGS), [*somebody(3), *nobody(10, start=4.0)])
    assert kinds(said) == ["arrived", "left"]
    arrived, left = (each.time for each in said if each.events)
    assert SETTINGS.enter <= arrived < SETTINGS.enter + 0.1
    assert 4.0 + SETTINGS.clear <= left < 4.0 + SETTINGS.clear + 0.1


def test_a_flicker_is_nobody_and_a_gap_is_still_somebody() -> None:
    flicker = [*nobody(6), *somebody(0.2, start=6.1), *nobody(6, start=6.4)]
    assert kinds(play(Presence(SETTINGS), flicker)) == []
    gap = [*somebody(3), *nobody(SETTINGS.clear - 0.5, start=3.1), *somebody(3, start=3 + SETTINGS.clear)]
    assert kinds(play(Presence(SETTINGS), gap)) == ["arrived"]


def test_people_are_counted() -> None:
    said = play(Presence(SETTINGS), [*somebody(2), *somebody(2, 3, start=2.1), *somebody(10, 1, start=4.2)])
    assert {each.state["people"] for each in said if 1 < each.time < 2} == {1}
    assert {each.state["people"] for each in said if 3 < each.time < 4} == {3}
    assert said[-1].state["people"] == 1


def test_a_lower_frame_rate_changes_nothing() -> None:
    for rate in (2.0, 5.0, 15.0):
        assert kinds(act(Presence(SETTINGS), "walk-through", rate=rate, noise=Noise())) == ["arrived"]


@given(st.lists(st.tuples(st.floats(0.01, 3.0), st.booleans()), max_size=60), st.floats(0, 5), st.floats(0, 5))
def test_a_hold_changes_exactly_when_the_contrary_lasted(
    looks: list[tuple[float, bool]], on: float, off: float
) -> None:
    hold, now, history = Debounce(on, off), 0.0, []
    for step, seen in looks:
        now += step
        before = hold.value
        changed = hold.update(seen, now)
        history.append((now, seen))
        assert changed == (hold.value is not before)
        if changed:
            lasting = []
            for time, each in reversed(history):
                if each is not hold.value:
                    break
                lasting.append(time)
            assert now - lasting[-1] >= (on if seen else off)
            assert hold.value is seen
