"""How much the people move."""

import pytest
from hypothesis import given

from edge.pose import Person
from edge.report.analytics.detectors.movement import Movement
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.jumpy_people import FILMS
from tests.support.scene_player import Said, act, filmed, nobody, play

CAMERAS = pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])


def levels(said: list[Said], start: float = 0.0, end: float = 1000.0) -> list[float]:
    return [level for each in said if start <= each.time <= end and (level := each.state["movement"]) is not None]


@CAMERAS
@pytest.mark.parametrize("rate", [2.0, 5.0, 10.0])
def test_still_is_none_and_walking_is_all_whatever_the_rate(camera: Camera, rate: float) -> None:
    for seed in (0, 1):
        assert set(levels(act(Movement(), "stand-still", camera, rate, Noise(), seed))) == {0.0}
        # In its middle the walk is across the whole picture.
        assert min(levels(act(Movement(), "walk-through", camera, rate, Noise(), seed), 2.5, 5.0)) >= 0.4
        assert max(levels(act(Movement(), "walk-through", camera, rate, Noise(), seed), 2.5, 5.0)) >= 0.7


@CAMERAS
def test_exercises_lie_between(camera: Camera) -> None:
    for name in ("squats", "jumping-jacks"):
        for rate in (5.0, 10.0):
            assert (
                0.1 <= sorted(found := levels(act(Movement(), name, camera, rate), 3.0, 12.0))[len(found) // 2] <= 0.5
            )


@CAMERAS
def test_arms_alone_count_a_little(camera: Camera) -> None:
    for rate in (5.0, 10.0):
        assert 0.05 <= max(levels(act(Movement(), "arm-raises", camera, rate))) <= 0.3


@CAMERAS
def test_a_fall_moves_and_lying_does_not(camera: Camera) -> None:
    said = act(Movement(), "fall-backward", camera, 10.0)
    assert max(levels(said, 2.5, 4.5)) >= 0.4
    assert set(levels(said, 6.0)) == {0.0}


def test_nothing_is_known_before_a_second_and_nobody_moves_in_an_empty_room() -> None:
    said = play(Movement(), nobody(5.0, 10.0))
    assert {each.state["movement"] for each in said if each.time < 0.95} == {None}
    assert {each.state["movement"] for each in said if each.time > 1.05} == {0.0}
    walked = [(t, persons) for t, persons in filmed("walk-through", rate=10.0) if t < 4.0]
    said = play(Movement(), [*walked, *nobody(5.0, 10.0, 4.0)])
    assert levels(said, 3.0, 3.9)[-1] > 0.5
    assert set(levels(said, 6.5)) == {0.0}


def test_who_moves_most_counts() -> None:
    walking, at_rest = filmed("walk-through", rate=10.0), filmed("stand-still", rate=10.0)
    both = [
        (t, (*walkers, *(person._replace(id=2) for person in others)))
        for (t, walkers), (_, others) in zip(walking, at_rest, strict=False)
    ]
    # Once both have been there for long enough.
    assert levels(play(Movement(), both), 2.0, 5.0) == levels(play(Movement(), walking), 2.0, 5.0)


def test_ids_that_jump_are_no_movement() -> None:
    jumping = [
        (t, tuple(person._replace(id=int(t / 0.7)) for person in persons))
        for t, persons in filmed("stand-still", rate=10.0, noise=Noise(), seed=2)
    ]
    assert set(levels(play(Movement(), jumping))) == {0.0}


@given(FILMS)
def test_it_is_always_some_twentieths_of_one(film: list[tuple[float, tuple[Person, ...]]]) -> None:
    for level in levels(play(Movement(), film)):
        assert 0.0 <= level <= 1.0
        assert level * 20 == pytest.approx(round(level * 20))
