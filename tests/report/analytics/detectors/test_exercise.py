"""Squats, jumping jacks and arm raises, counted."""

from itertools import pairwise

import pytest

from edge.pose import Person
from edge.report.analytics.detectors.exercise import Exercise, RepetitionsSettings
from edge.report.analytics.event import Event
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.scene_player import Said, filmed, kinds, play

SETTINGS = RepetitionsSettings()
COUNTS = {
    "squats": ("squats", 8, 2.6),
    "jumping-jacks": ("jumping_jacks", 10, 1.1),
    "arm-raises": ("arm_raises", 8, 2.8),
}
"""By scene: what is done, how often, and how long one takes, s."""
Seen = list[tuple[float, tuple[Person, ...]]]


def seen(name: str, rate: float = 10.0, camera: Camera = CORNER) -> Seen:
    return list(filmed(name, camera, rate))


def then(first: Seen, second: Seen, pause: float = 0.1) -> Seen:
    """One after the other."""
    return first + [(first[-1][0] + pause + t, persons) for t, persons in second]


def still(seconds: float) -> Seen:
    return [(t, persons) for t, persons in seen("stand-still") if t <= seconds]


def events(said: list[Said]) -> list[Event]:
    return [event for each in said for event in each.events]


@pytest.mark.parametrize("rate", [5.0, 8.0, 10.0, 15.0])
@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("name", COUNTS)
def test_each_is_counted_exactly(name: str, camera: Camera, rate: float) -> None:
    exercise, count, cycle = COUNTS[name]
    said = play(Exercise(SETTINGS), then(seen(name, rate, camera), still(6.0)))
    *repetitions, ended = events(said)
    assert [event.details["count"] for event in repetitions] == list(range(SETTINGS.least, count + 1))
    assert {event.details["exercise"] for event in repetitions} == {exercise}
    assert (ended.kind, ended.details) == ("exercise_ended", {"exercise": exercise, "count": count})
    for event in repetitions[2:]:
        assert event.details["tempo"] == pytest.approx(60 / cycle, rel=0.12)
    times = [each.time for each in said if each.events]
    assert all(after - before == pytest.approx(cycle, abs=2.5 / rate) for before, after in pairwise(times[:-1]))
    assert times[-1] - times[-2] == pytest.approx(SETTINGS.pause, abs=0.3)
    assert said[-1].state == {"exercise": "none", "repetitions": 0, "tempo": 0}


def test_the_state_says_what_is_being_done() -> None:
    said = play(Exercise(SETTINGS), seen("squats"))
    known = [each.state for each in said if each.state["exercise"] != "none"]
    assert {state["exercise"] for state in known} == {"squats"}
    assert [state["repetitions"] for state in known] == sorted(state["repetitions"] for state in known)
    assert known[-1]["repetitions"] == 8
    assert known[-1]["tempo"] == pytest.approx(60 / 2.6, rel=0.1)


@pytest.mark.parametrize("name", ["sit", "pick-up", "tie-shoes", "fall-get-up", "raise-hand", "both-hands", "wave"])
def test_once_is_no_exercise_and_neither_is_twice(name: str) -> None:
    assert kinds(play(Exercise(SETTINGS), then(seen(name), seen(name)))) == []


def test_how_often_is_a_setting() -> None:
    said = play(Exercise(RepetitionsSettings(least=6)), then(seen("squats"), still(6.0)))
    assert [event.details["count"] for event in events(said)] == [6, 7, 8, 8]
    assert kinds(play(Exercise(RepetitionsSettings(least=9)), then(seen("squats"), still(6.0)))) == []


def test_after_a_pause_it_begins_anew() -> None:
    """Between the two times nothing is done for 5.6 s."""
    twice = then(seen("squats"), seen("squats"))
    said = play(Exercise(SETTINGS), twice)
    assert [event.details["count"] for event in events(said)] == [3, 4, 5, 6, 7, 8, 8, 3, 4, 5, 6, 7, 8]
    patient = play(Exercise(RepetitionsSettings(pause=6.0)), twice)
    assert [event.details["count"] for event in events(patient)] == list(range(3, 17))


def test_one_exercise_after_the_other() -> None:
    for first, second in (("squats", "jumping-jacks"), ("jumping-jacks", "arm-raises"), ("arm-raises", "squats")):
        said = play(Exercise(SETTINGS), then(then(seen(first), seen(second)), still(6.0)))
        ended = {str(event.details["exercise"]): int(event.details["count"]) for event in events(said)}
        assert set(ended) == {COUNTS[first][0], COUNTS[second][0]}
        # Where arms go over from one into the other, it takes one or two to tell.
        assert all(abs(ended[exercise] - count) <= 2 for exercise, count, _ in (COUNTS[first], COUNTS[second]))


def test_who_goes_away_has_ended() -> None:
    said = play(Exercise(SETTINGS), [*seen("squats"), *((25.0 + n / 10, ()) for n in range(80))])
    assert kinds(said)[-2:] == ["repetition", "exercise_ended"]
    assert said[-1].state["exercise"] == "none"


def test_two_at_once_are_counted_each() -> None:
    both = [
        (t, (*persons, *(person._replace(id=2) for person in others)))
        for (t, persons), (_, others) in zip(seen("squats"), seen("arm-raises"), strict=False)
    ]
    said = play(Exercise(SETTINGS), both)
    last = {event.person: (event.details["exercise"], event.details["count"]) for event in events(said)}
    assert last[1] == ("squats", 8)
    assert last[2][0] == "arm_raises"
    assert {each.state["exercise"] for each in said} == {"none", "squats", "arm_raises"}
