"""Somebody is there, and has not moved for long."""

import math

import pytest
from hypothesis import given

from edge.pose import Person
from edge.report.analytics.detectors.inactivity import Inactivity, InactivitySettings
from edge.tools.simulate import stances as to
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.jumpy_people import FILMS
from tests.support.scene_player import act, held, kinds, nobody, play, standing

AFTER = 20.0
Film = list[tuple[float, tuple[Person, ...]]]


def inactivity(after: float = AFTER) -> Inactivity:
    return Inactivity(InactivitySettings(after=after))


def still(seconds: float, start: float = 0.0, number: int = 1, rate: float = 5.0) -> Film:
    """Somebody who sits there and does nothing."""
    sits = held(to.SITTING)._replace(id=number)
    return [(start + n / rate, (sits,)) for n in range(int(seconds * rate) + 1)]


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
@pytest.mark.parametrize("rate", [2.0, 5.0, 10.0])
def test_who_stands_still_is_inactive_after_that_time_noise_or_not(camera: Camera, rate: float) -> None:
    for seed in range(3):
        said = act(inactivity(), "stand-still", camera, rate, Noise(), seed)
        (since,) = (each.time for each in said if each.events)
        assert kinds(said) == ["inactive"]
        # Pictures in which nobody was found do not hide that nobody moved.
        assert AFTER <= since <= AFTER + 3 / rate
        assert said[-1].state["inactive"] is True
        assert {each.state["inactive"] for each in said if each.time < since} == {None}


@pytest.mark.parametrize(
    "name", ["walk-through", "sit", "squats", "jumping-jacks", "arm-raises", "fall-get-up", "wave"]
)
def test_who_moves_is_not(name: str) -> None:
    """In none of these is anybody still for 8 s, though in some only for the first or last 2 or 3 s."""
    for noise, seed in ((Noise(), 0), (Noise(), 4)):
        assert kinds(act(inactivity(8.0), name, CORNER, 5.0, noise, seed)) == []


def test_the_next_movement_ends_it_and_says_how_long_it_was() -> None:
    moves = [(31.0 + n / 5, (standing(n / 50, 3.8),)) for n in range(10)]
    said = play(inactivity(), [*still(30.0), *moves])
    assert kinds(said) == ["inactive", "active_again"]
    (again,) = (event for each in said for event in each.events if event.kind == "active_again")
    assert again.details == {"seconds": pytest.approx(31, abs=1)}
    assert said[-1].state["inactive"] is False


def test_a_joint_that_jumps_has_not_moved() -> None:
    def jumps(person: Person) -> Person:
        wrist = person.pose.keypoints[9]._replace(x=0.0)
        points = (*person.pose.keypoints[:9], wrist, *person.pose.keypoints[10:])
        return person._replace(pose=person.pose._replace(keypoints=points))

    film = [
        (t, tuple(jumps(person) for person in persons) if n % 7 else persons)
        for n, (t, persons) in enumerate(still(30.0))
    ]
    assert kinds(play(inactivity(), film)) == ["inactive"]
    # Nor has a whole body that is elsewhere in one picture.
    film = [(t, (standing(1.5, 3.8),) if n % 50 == 30 else persons) for n, (t, persons) in enumerate(still(30.0))]
    assert kinds(play(inactivity(), film)) == ["inactive"]


def test_ids_that_jump_are_no_movement() -> None:
    film = [(t, tuple(person._replace(id=int(t / 3)) for person in persons)) for t, persons in still(30.0)]
    assert kinds(play(inactivity(), film)) == ["inactive"]


def test_times_when_nobody_is_seen_count_neither_way() -> None:
    film = [*still(15.0), *nobody(60.0, 5.0, 15.1), *still(15.0, 76.0)]
    said = play(inactivity(), film)
    (since,) = (each.time for each in said if each.events)
    assert since == pytest.approx(76.0 + AFTER - 15.0, abs=0.5)


def test_while_one_of_two_moves_nobody_is_inactive() -> None:
    film = [(t, (*persons, standing(math.sin(t) / 2 - 1.0, 3.5, number=2))) for t, persons in still(60.0)]
    said = play(inactivity(), film)
    assert kinds(said) == []
    assert said[-1].state["inactive"] is False


def test_an_empty_room_is_not_inactive() -> None:
    said = play(inactivity(), nobody(60.0, 5.0))
    assert kinds(said) == []
    assert said[-1].state["inactive"] is False


@given(FILMS)
def test_it_begins_and_ends_in_turn_and_never_before_its_time(film: Film) -> None:
    said = play(inactivity(3.0), film)
    words = kinds(said)
    assert words == ["inactive", "active_again"] * (len(words) // 2) + ["inactive"] * (len(words) % 2)
    last = film[0][0] if film else 0.0
    for each in said:
        for event in each.events:
            # The times are sums of floats, and so is what the detector counts.
            assert event.kind == "active_again" or each.time - last >= 3.0 - 1e-6
            last = each.time
