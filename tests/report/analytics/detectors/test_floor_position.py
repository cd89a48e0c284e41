"""Feet on the floor: those of simulated people come back in metres."""

import numpy as np
import pytest

from edge.config.settings import FloorSettings
from edge.config.shapes import find_floor
from edge.geometry.ground_plane import Floor
from edge.pose import KEYPOINT_NAMES
from edge.report.analytics.body.body import Body
from edge.report.analytics.detectors.floor_position import FloorPosition
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import scene
from tests.support.scene_player import SIZE, filmed, floor_of, on_floor, play, standing, without

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
    assert positions.state == {"positions": None}
    seen = [standing(0.52, 3.52, 3), without(standing(1.0, 4.0, 4), "Ankle")]
    (said, empty) = play(positions, [(0.0, seen), (1.0, [])], floor_of(CORNER))
    assert said.state == {"positions": {"3": [0.5, 3.5]}}
    assert empty.state == {"positions": {}}


def test_without_a_floor_nobody_is_anywhere() -> None:
    assert Body.of(standing(0.0, 4.0), SIZE).position is None
    assert Body.of(standing(0.0, 4.0), SIZE).nearness is None
