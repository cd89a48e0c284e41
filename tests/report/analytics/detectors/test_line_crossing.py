"""Lines: who crosses counts once, in the right direction, and who dithers, goes around or only appears does not."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import LineSettings
from edge.pose import Person
from edge.report.analytics.detectors.line_crossing import LineCrossing
from edge.tools.simulate.body import HEIGHT
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.scene_player import Said, act, floor_of, on_floor, play, standing, without

Y = 3.8
FAR = (0.4, 5.5)
NEAR = (0.4, 2.8)
"""From FAR to NEAR one looks towards the camera, and the right hand is on the left side of the frame."""


def line(camera: Camera = CORNER, start: tuple[float, float] = NEAR, end: tuple[float, float] = FAR) -> LineSettings:
    return LineSettings("door", on_floor(camera, *start), on_floor(camera, *end))


ON_FLOOR = LineSettings("door", NEAR, FAR, "metres")


def door(said: list[Said]) -> tuple[list[str], tuple[int, int]]:
    """The directions of the crossings, and the counts in and out in the end."""
    events = [event for each in said for event in each.events]
    assert {(event.kind, event.details["line"]) for event in events} <= {("line_crossed", "door")}
    counts = said[-1].state["lines"]["door"]
    return [str(event.details["direction"]) for event in events], (counts["in"], counts["out"])


def walk(*places: float, y: float = Y, rate: float = 15.0, number: int = 1) -> Iterable[tuple[float, list[Person]]]:
    """Somebody who is here, and here, and here, m across the room."""
    return [(index / rate, [standing(x, y, number)]) for index, x in enumerate(places)]


def steps(start: float, end: float, speed: float = 1.2, rate: float = 15.0) -> list[float]:
    count = round(abs(end - start) / speed * rate)
    return [start + (end - start) * number / count for number in range(count + 1)]


@pytest.mark.parametrize("camera", [CORNER, SHELF])
@pytest.mark.parametrize("rate", [5.0, 10.0, 15.0])
@pytest.mark.parametrize(
    ("name", "directions"), [("walk-through", ["in"]), ("leave", ["in"]), ("two-cross", ["out", "in"]), ("sit", [])]
)
def test_who_walks_over_it_counts_once(name: str, directions: list[str], camera: Camera, rate: float) -> None:
    for settings in (line(camera), ON_FLOOR):
        for noise, seed in ((EXACT, 0), (Noise(), 1), (Noise(), 2)):
            said = act(LineCrossing((settings,)), name, camera, rate, noise, seed, floor_of(camera))
            crossed, counts = door(said)
            assert sorted(crossed) == sorted(directions)
            assert counts == (directions.count("in"), directions.count("out"))


def test_in_is_from_left_to_right_as_one_looks_from_start_to_end() -> None:
    there, back = steps(-0.5, 1.3), steps(1.3, -0.5)
    for settings, floor in ((line(), None), (ON_FLOOR, floor_of(CORNER))):
        assert door(play(LineCrossing((settings,)), walk(*there), floor)) == (["in"], (1, 0))
        assert door(play(LineCrossing((settings,)), walk(*there, *back), floor)) == (["in", "out"], (1, 1))
    turned = line(start=FAR, end=NEAR)
    assert door(play(LineCrossing((turned,)), walk(*there))) == (["out"], (0, 1))


def test_towards_the_camera_it_counts_soon_after() -> None:
    across = LineSettings("door", on_floor(SHELF, -1.5, 3.5), on_floor(SHELF, 1.5, 3.5))
    for away in (0.2, 0.4):
        seen = [
            (n / 15, [standing(0.0, y, 1, SHELF)]) for n, y in enumerate([*steps(5.5, 3.5 - away), *[3.5 - away] * 5])
        ]
        assert door(play(LineCrossing((across,)), seen)) == (["in"], (1, 0))


SWAY = st.floats(-0.09, 0.09).map(lambda part: part * HEIGHT)


@given(st.lists(SWAY, max_size=80), st.sampled_from([None, -1.0, 1.0]))
def test_who_dithers_on_it_counts_at_most_once(sways: list[float], coming_from: float | None) -> None:
    arrival = [] if coming_from is None else steps(0.4 + coming_from, 0.4)
    for settings, floor in ((line(), None), (ON_FLOOR, floor_of(CORNER))):
        crossed, _ = door(play(LineCrossing((settings,)), walk(*arrival, *(0.4 + sway for sway in sways), 0.4), floor))
        assert len(crossed) <= (0 if coming_from is None else 1)
        assert set(crossed) <= {"in" if coming_from == -1.0 else "out"}


@given(st.lists(st.floats(-1.5, 2.2), min_size=1, max_size=80), st.sampled_from([2.0, 5.0, 15.0]))
def test_in_and_out_take_turns(places: list[float], rate: float) -> None:
    crossed, counts = door(play(LineCrossing((line(),)), walk(*places, rate=rate)))
    assert all(one != other for one, other in pairwise(crossed))
    assert counts == (crossed.count("in"), crossed.count("out"))


def test_whoever_appears_on_the_other_side_was_there() -> None:
    seen = [*walk(*steps(-0.8, 0.3)), *((5 + t, persons) for t, persons in walk(*steps(0.5, 1.5), number=2))]
    assert door(play(LineCrossing((line(),)), seen)) == ([], (0, 0))


def test_who_is_lost_on_the_way_and_found_again_has_crossed() -> None:
    seen = [*walk(*steps(-0.8, 0.3)), *((2 + t, persons) for t, persons in walk(*steps(0.5, 1.5)))]
    assert door(play(LineCrossing((line(),)), seen)) == (["in"], (1, 0))


def test_who_goes_around_its_end_does_not_cross() -> None:
    there, back = steps(-0.5, 1.3), steps(1.3, -0.5)
    for settings, floor in ((line(), None), (ON_FLOOR, floor_of(CORNER))):
        assert door(play(LineCrossing((settings,)), walk(*there, *back, y=6.0), floor)) == ([], (0, 0))


def test_one_frame_on_the_other_side_is_a_mistake() -> None:
    places = [*[0.2] * 15, 0.7, *[0.2] * 15]
    for rate in (5.0, 15.0):
        assert door(play(LineCrossing((line(),)), walk(*places, rate=rate))) == ([], (0, 0))


def test_hips_that_stand_for_feet_are_no_step() -> None:
    """The line lies between the feet and the hips of somebody who stands still."""
    between = LineSettings("door", on_floor(CORNER, -1.5, Y + 0.6), on_floor(CORNER, 1.5, Y + 0.6))
    person = standing(0.0, Y)
    seen = [(n / 15, [without(person, "Ankle") if n // 40 % 2 else person]) for n in range(200)]
    assert door(play(LineCrossing((between,)), seen)) == ([], (0, 0))
