"""How somebody went out of sight."""

from collections.abc import Iterable

import pytest

from edge.geometry.polygon import Polygon
from edge.pose import Person
from edge.report.analytics.body.body import People
from edge.report.analytics.body.departure import Path, is_cut_off
from edge.tools.simulate import stances as to
from edge.tools.simulate.gait import walk
from edge.tools.simulate.motion import Act, Actor, become, hold, topple
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import Scene, frames
from edge.tools.simulate.stances import STANDING
from tests.support.scene_player import SIZE, filmed, held, without

CAMERAS = pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
RATES = pytest.mark.parametrize("rate", [5.0, 15.0])
EVERYWHERE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
FALLS = {
    "aside": become(to.FALLEN_ASIDE, 1.0, via=to.FALLING_ASIDE, ease=topple),
    "ahead": become(to.FALLEN_AHEAD, 1.0, via=to.FALLING_AHEAD, ease=topple),
    "back": become(to.FALLEN_BACK, 1.0, via=to.FALLING_BACK, ease=topple),
}


def path_of(seen: Iterable[tuple[float, Iterable[Person]]]) -> Path:
    """The path of the only person."""
    path, people = Path(), People()
    for time, persons in seen:
        for body in people.see(tuple(persons), SIZE, time):
            path.add(body, time)
    return path


def acted(*acts: Act, x: float = 0.0, y: float = 3.8, heading: float = 180.0, camera: Camera = CORNER) -> Scene:
    actor = Actor(STANDING._replace(x=x, y=y, heading=heading), *acts)
    return Scene("acted", "", (), actor.duration, (actor,), camera)


@CAMERAS
@RATES
@pytest.mark.parametrize("name", ["walk-through", "leave", "leave-down"])
def test_who_walks_out_has_left_through_the_edge(name: str, camera: Camera, rate: float) -> None:
    path = path_of(filmed(name, camera, rate, Noise()))
    assert path.leaves_by(()) == "edge"
    assert not path.rests


@CAMERAS
@RATES
@pytest.mark.parametrize("fall", FALLS)
@pytest.mark.parametrize("x", [-1.2, 0.0, 1.2])
def test_who_has_fallen_has_not_left_wherever_it_was(fall: str, x: float, camera: Camera, rate: float) -> None:
    path = path_of(frames(acted(hold(2.0), FALLS[fall], hold(0.5), x=x, camera=camera), rate, SIZE, Noise()))
    assert path.leaves_by(()) is None
    assert path.leaves_by([EVERYWHERE]) is None
    assert path.rests


@CAMERAS
@pytest.mark.parametrize("fall", FALLS)
def test_who_is_lost_while_falling_has_not_left(fall: str, camera: Camera) -> None:
    film = list(frames(acted(hold(2.0), FALLS[fall], camera=camera), 15.0, SIZE, Noise()))
    for end in range(32, len(film)):
        assert path_of(film[:end]).leaves_by(()) is None, film[end - 1][0]


@CAMERAS
def test_who_stands_still_or_walks_across_the_middle_has_not_left(camera: Camera) -> None:
    assert path_of(filmed("stand-still", camera, 15.0, Noise())).leaves_by(()) is None
    assert path_of(filmed("leave", camera, 15.0, Noise())[:45]).leaves_by(()) is None


@CAMERAS
def test_who_sits_beside_the_edge_has_not_left(camera: Camera) -> None:
    sit = become(to.EDGE, 2.0, via=to.OVER)
    path = path_of(frames(acted(hold(2.0), sit, hold(2.0), x=1.5, y=3.6, camera=camera), 15.0, SIZE, Noise()))
    assert path.leaves_by(()) is None
    assert path.rests


def test_who_comes_close_without_legs_in_view_has_not_left() -> None:
    """Somebody at a desk, of whom the camera sees no legs, leans towards it."""
    close = filmed("leave-down", CORNER)
    film = [(time, [without(person, "Knee", "Ankle") for person in persons]) for time, persons in close]
    assert path_of(film).leaves_by(()) is None


def test_who_is_lost_in_an_exit_has_left_through_it() -> None:
    film = filmed("stand-still")[:60]
    body = path_of(film).last
    assert body.soles
    x, y = body.fraction(body.soles)
    around = ((x - 0.1, y - 0.1), (x + 0.1, y - 0.1), (x + 0.1, y + 0.1), (x - 0.1, y + 0.1))
    beside = tuple((cx + 0.25, cy) for cx, cy in around)
    above = tuple((cx, cy - 0.25) for cx, cy in around)
    assert path_of(film).leaves_by([around]) == "exit"
    assert path_of(film).leaves_by([beside, above]) is None


def test_without_feet_the_hips_are_in_an_exit() -> None:
    film = [(time, [without(person, "Ankle") for person in persons]) for time, persons in filmed("stand-still")[:60]]
    body = path_of(film).last
    assert body.hips
    x, y = body.fraction(body.hips)
    around = ((x - 0.05, y - 0.05), (x + 0.05, y - 0.05), (x + 0.05, y + 0.05), (x - 0.05, y + 0.05))
    assert path_of(film).leaves_by([around]) == "exit"


def test_who_moves_on_does_not_rest_though_the_legs_look_like_sitting() -> None:
    film = [(number / 10, [held(to.SITTING, -1.0 + 0.1 * number)]) for number in range(20)]
    assert not path_of(film).rests
    assert path_of([(time, [held(to.SITTING)]) for time, _ in film]).rests


def test_who_walks_is_not_taken_to_rest_by_a_leg_in_mid_stride() -> None:
    film = list(frames(acted(walk(2.0, 3.8), x=-2.0, heading=-90.0), 15.0, SIZE, Noise()))
    for end in range(30, 50):
        assert not path_of(film[:end]).rests


@CAMERAS
def test_who_comes_in_is_cut_off_by_the_edge_and_who_stands_in_the_middle_is_not(camera: Camera) -> None:
    people = People()
    first = next(persons for _, persons in filmed("walk-through", camera) if persons)
    assert is_cut_off(people.see(first, SIZE, 0.0)[0])
    (_, standing), *_ = filmed("stand-still", camera)
    assert not is_cut_off(people.see(standing, SIZE, 0.0)[0])
