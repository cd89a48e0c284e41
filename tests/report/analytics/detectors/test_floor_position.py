"""Feet on the floor: those of simulated people come back in metres."""

import numpy as np
import pytest
from hypothesis import given

from edge.config.settings import FloorSettings
from edge.config.shapes import find_floor
from edge.geometry.ground_plane import Floor
from edge.pose import KEYPOINT_NAMES, Person
from edge.report.analytics.body.body import Body
from edge.report.analytics.detectors.floor_position import REGISTRATION, FloorPosition
from edge.tools.simulate.gait import STEP_TIME_S
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import scene
from tests.support.jumpy_people import FILMS
from tests.support.scene_player import SIZE, act, filmed, floor_of, on_floor, play, standing, without

ANKLES = [KEYPOINT_NAMES.index(name) for name in ("leftAnkle", "rightAnkle")]


def marked_floor(camera: Camera) -> Floor:
    """The same floor, of four marks on it."""
    spots = ((-1.0, 2.5), (1.0, 2.5), (1.0, 5.0), (-1.0, 5.0))
    floor = find_floor(FloorSettings(marks=tuple((*on_floor(camera, *spot), *spot) for spot in spots)))
    assert floor
    return floor


@pytest.mark.parametrize("camera", [CORNER, SHELF])
@pytest.mark.parametrize(
    ("name", "noise", "seed", "usual"),
    [
        ("stand-still", EXACT, 0, 0.05),
        ("squats", EXACT, 0, 0.05),
        ("sit", EXACT, 0, 0.07),
        ("two-cross", EXACT, 0, 0.15),
        ("stand-still", Noise(), 1, 0.15),
        ("stand-still", Noise(), 2, 0.15),
        ("sit", Noise(), 1, 0.15),
    ],
)
def test_feet_come_back_in_metres(name: str, noise: Noise, seed: int, usual: float, camera: Camera) -> None:
    """Half of them within ``usual`` m, and nine of ten within twice that: a foot in the air is not where it seems."""
    played = scene(name, camera)
    for floor in (floor_of(camera), marked_floor(camera)):
        off = []
        for t, persons in filmed(name, camera, 5.0, noise, seed):
            bodies = played.bodies(t)
            for person in persons:
                position = Body.of(person, SIZE, floor).position
                if position:
                    off.append(np.linalg.norm(bodies[person.id - 1][ANKLES, :2].mean(axis=0) - position))
        assert np.quantile(off, 0.5) < usual
        assert np.quantile(off, 0.9) < 2 * usual


def test_the_state_has_metres_to_a_tenth_of_everybody_whose_feet_are_seen() -> None:
    positions = FloorPosition()
    assert positions.state["positions"] is None
    seen = [standing(0.52, 3.52, 3), without(standing(1.0, 4.0, 4), "Ankle")]
    (said, empty) = play(positions, [(0.0, seen), (1.0, [])], floor_of(CORNER))
    assert said.state["positions"] == {"3": [0.5, 3.5]}
    assert empty.state["positions"] == {}


def test_without_a_floor_nobody_is_anywhere() -> None:
    assert Body.of(standing(0.0, 4.0), SIZE).position is None
    assert Body.of(standing(0.0, 4.0), SIZE).nearness is None


@pytest.mark.parametrize("noise", [EXACT, Noise()], ids=["exact", "noisy"])
@pytest.mark.parametrize("rate", [5.0, 15.0])
@pytest.mark.parametrize("camera", [CORNER, SHELF])
def test_distance_and_speed_are_those_of_the_scene(camera: Camera, rate: float, noise: Noise) -> None:
    """Somebody stands 6 m away for a second, then walks 4.5 m towards the camera in 8 steps."""
    played = scene("approach", camera)
    said = act(FloorPosition(), "approach", camera, rate, noise, seed=1, floor=floor_of(camera))
    off, speeds = [], []
    for each in said:
        where = played.bodies(each.time)[0][ANKLES, :2].mean(axis=0)
        if each.state["distance"] is not None and each.time > 1.0:
            off.append(abs(each.state["distance"] - np.linalg.norm(where)))
        # From the third step to the last but two, with half a window before that.
        if 2.5 < each.time < 4.2 and each.state["speed"] is not None:
            speeds.append(each.state["speed"])
    walking = 4.5 / 8 / STEP_TIME_S
    # Eight tenths of a step of 0.5 m, by how far the median of the last half second lies behind, and how far the feet
    # are off, as above of people who walk.
    assert np.quantile(off, 0.9) < 0.8 * 0.5 + 0.25 * walking + 0.3
    assert np.median(speeds) == pytest.approx(walking, abs=0.3)


@pytest.mark.parametrize("noise", [EXACT, Noise()], ids=["exact", "noisy"])
def test_who_stands_still_has_no_speed_and_one_distance(noise: Noise) -> None:
    said = act(FloorPosition(), "stand-still", noise=noise, seed=1, floor=floor_of(CORNER))
    later = [each.state for each in said if each.time > 2.0]
    assert {state["speed"] for state in later} <= {0.0, 0.2}
    assert {state["distance"] for state in later} <= {3.5, 4.0}


def test_the_nearest_counts_and_without_feet_nothing_is_known() -> None:
    detector = FloorPosition()
    assert detector.state == {"positions": None, "distance": None, "speed": None}
    both = [(number / 10, [standing(0.0, 5.0, 1), standing(0.0, 3.0, 2)]) for number in range(20)]
    near_only = [(2.0 + number / 10, [standing(0.0, 3.0, 2)]) for number in range(20)]
    none = [(4.0 + number / 10, [without(standing(0.0, 3.0, 2), "Ankle")]) for number in range(20)]
    said = play(detector, [*both, *near_only, *none], floor_of(CORNER))
    assert {each.state["distance"] for each in said[:40]} == {3.0}
    assert said[0].state["speed"] is None
    assert said[39].state["speed"] == 0.0
    assert (said[-1].state["distance"], said[-1].state["speed"]) == (None, None)


@given(FILMS)
def test_the_values_stay_within_their_bounds(film: list[tuple[float, tuple[Person, ...]]]) -> None:
    for each in play(FloorPosition(), film, floor_of(CORNER)):
        for key in ("distance", "speed"):
            field = REGISTRATION.state[key]
            field.read(key, field.quantize(each.state[key]))
