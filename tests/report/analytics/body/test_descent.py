"""Descents are found where a trunk comes down fast, seen or not, and nowhere else."""

import pytest
from hypothesis import given

from edge.pose import Person
from edge.report.analytics.body.body import People
from edge.report.analytics.body.descent import Descent, Descents
from edge.tools.simulate import stances as to
from edge.tools.simulate.motion import Act, Actor, become, hold, topple
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import Scene, frames
from tests.support.jumpy_people import FILMS
from tests.support.scene_player import SIZE, filmed, held, standing

CAMERAS = pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
Film = list[tuple[float, tuple[Person, ...]]]
TOPPLE = become(to.FALLEN_ASIDE, 1.0, via=to.FALLING_ASIDE, ease=topple)


def found(film: Film) -> list[tuple[float, Descent]]:
    people, descents = People(), Descents()
    return [(t, each) for t, persons in film for each in descents.update(people.see(persons, SIZE, t), t)]


def played(*acts: Act, camera: Camera = CORNER, rate: float = 15.0, heading: float = 180.0) -> Film:
    """Somebody who stands for 1.5 s and then does these acts."""
    actor = Actor(to.STANDING._replace(y=4.0, heading=heading), hold(1.5), *acts)
    return list(frames(Scene("", "", (), actor.duration, (actor,), camera), rate, SIZE))


@CAMERAS
@pytest.mark.parametrize("rate", [8.0, 15.0, 30.0])
def test_a_fall_is_a_descent_of_that_speed_place_and_height(camera: Camera, rate: float) -> None:
    film = played(TOPPLE, hold(1.0), camera=camera, rate=rate)
    seen = found(film)
    assert all(1.5 < t < 3.2 for t, _ in seen)
    speed = max(each.speed for _, each in seen)
    # The middle of the trunk (0.67) comes down to the floor, for the most part in the last 0.6 s.
    assert 0.6 <= speed <= 0.67 / 0.6
    people = People()
    stood = [body for t, persons in film if t < 1.5 for body in people.see(persons, SIZE, t)][-1]
    assert stood.standing_height
    assert stood.feet
    assert stood.hips
    for _, each in seen:
        assert each.person == 1
        assert each.height == pytest.approx(stood.standing_height, rel=0.1)
        assert each.floor == pytest.approx(stood.feet.y, abs=0.05 * each.height)
        assert each.place.y > stood.hips.y


@CAMERAS
@pytest.mark.parametrize(
    "acts",
    [
        (become(to.SITTING, 2.0, via=to.OVER),),
        (become(to.SQUAT, 1.2), hold(0.1), become(to.STANDING, 1.2)),
        (become(to.TYING, 1.8, via=to.STEP_BACK),),
        (become(to.KNEELING, 1.8), become(to.SIDE_SITTING, 1.8), hold(0.5), become(to.FALLEN_ASIDE, 2.0)),
        (become(to.BENT, 1.3), hold(0.5), become(to.STANDING, 1.4)),
    ],
    ids=["chair", "squat", "shoe", "floor", "pick-up"],
)
def test_going_down_in_ones_own_time_is_none(acts: tuple[Act, ...], camera: Camera) -> None:
    assert found(played(*acts, hold(1.0), camera=camera)) == []


def gap(seconds: float, after: Person) -> Film:
    """Somebody who stands, is not seen for so long, and is then seen so."""
    stands = [(n / 10, (standing(0.0, 3.8),)) for n in range(20)]
    return [*stands, *((1.9 + seconds + n / 10, (after,)) for n in range(3))]


@pytest.mark.parametrize(("seconds", "is_found"), [(0.4, True), (1.0, True), (1.4, True), (2.0, False)])
def test_who_is_found_lying_soon_after_a_loss_came_down_unseen(seconds: float, is_found: bool) -> None:
    lies = held(to.FALLEN_BACK, heading=90.0)
    assert bool(found(gap(seconds, lies))) is is_found
    assert bool(found(gap(seconds, lies._replace(id=2)))) is is_found


def test_what_was_not_seen_took_as_long_as_a_fall_takes() -> None:
    (_, short), *_ = found(gap(0.9, held(to.FALLEN_BACK, heading=90.0)))
    (_, long), *_ = found(gap(1.4, held(to.FALLEN_BACK, heading=90.0)))
    assert short.speed == pytest.approx(long.speed, abs=0.01)


def test_who_is_found_upright_after_a_loss_did_not_come_down() -> None:
    assert found(gap(1.0, standing(0.3, 3.8))) == []
    assert found(gap(1.0, held(to.SITTING))) == []


def test_who_lies_elsewhere_under_another_id_is_somebody_else() -> None:
    lies = held(to.FALLEN_BACK, x=-1.5, heading=90.0)._replace(id=2)
    assert found([*((n / 10, (standing(1.2, 3.8),)) for n in range(20)), (2.9, (lies,)), (3.0, (lies,))]) == []


def test_who_lies_from_the_beginning_does_not_come_down() -> None:
    lies, elsewhere = held(to.FALLEN_ASIDE), held(to.FALLEN_ASIDE, y=3.0)
    assert found([(n / 10, (lies if n < 20 else elsewhere,)) for n in range(40)]) == []


def test_a_squat_before_is_told() -> None:
    straight = [each for _, each in found(played(TOPPLE))]
    assert max(each.lowered for each in straight) < 0.2
    drop = (become(to.SQUAT, 1.0), hold(0.3), become(to.FALLEN_BACK, 0.4))
    squatting = [each for _, each in found(played(*drop, heading=45.0))]
    assert squatting
    assert min(each.lowered for each in squatting) > 0.22


def test_a_trunk_that_is_hardly_believed_makes_no_descent() -> None:
    film = list(filmed("fall"))
    assert found(film)
    assert (
        found([(t, tuple(p._replace(pose=p.pose._replace(score=0.1)) for p in persons)) for t, persons in film]) == []
    )


@given(FILMS)
def test_whatever_is_seen_a_descent_begins_upright(seen: Film) -> None:
    for t, each in found(seen):
        assert each.height > 0
        assert each.speed == each.speed < float("inf")
        assert any(earlier < t and each.person for earlier, _ in seen)
