"""The simulated camera against OpenCV's."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera

CAMERA = st.builds(
    Camera,
    height=st.floats(0.3, 4.0),
    tilt=st.floats(-30.0, 80.0),
    field_of_view=st.floats(30.0, 110.0),
    size=st.tuples(st.integers(64, 4000), st.integers(64, 4000)),
)


@settings(deadline=None)
@given(CAMERA, st.integers(0, 2**32 - 1))
def test_it_projects_as_opencv_does(camera: Camera, seed: int) -> None:
    points = np.random.default_rng(seed).uniform((-3, -2, 0), (3, 8, 2.2), (17, 3))
    turn = np.array((math.radians(90 + camera.tilt), 0.0, 0.0))
    shift = -cv2.Rodrigues(turn)[0] @ (0.0, 0.0, camera.height)
    width, height = camera.size
    focal = width / 2 / math.tan(math.radians(camera.field_of_view / 2))
    matrix = np.array(((focal, 0, width / 2), (0, focal, height / 2), (0, 0, 1.0)))
    wanted, _ = cv2.projectPoints(points, turn, shift, matrix, np.zeros(5))
    depths = (cv2.Rodrigues(turn)[0] @ points.T).T[:, 2] + shift[2]
    pixels, depth = camera.project(points)
    np.testing.assert_allclose(depth, depths, atol=1e-9)
    before = depths > 0.2
    np.testing.assert_allclose(pixels[before], wanted[before, 0], rtol=1e-6, atol=1e-6)


@settings(deadline=None)
@given(CAMERA, st.integers(0, 2**32 - 1))
def test_nothing_is_infinite_and_nothing_behind_is_seen(camera: Camera, seed: int) -> None:
    points = np.random.default_rng(seed).uniform((-3, -3, 0), (3, 3, 2.2), (200, 3))
    pixels, depth = camera.project(points)
    assert np.isfinite(pixels).all()
    assert not camera.sees(pixels, depth)[depth <= 0].any()


@pytest.mark.parametrize("camera", [CORNER, SHELF])
def test_what_each_camera_sees(camera: Camera) -> None:
    floor = np.array([(0.0, y, 0.0) for y in (1.5, 2.4, 4.0, 6.0)])
    assert camera.sees(*camera.project(floor)).tolist() == [False, True, True, True]
    pixels, _ = camera.project(np.array(((0.0, 4.0, 1.7), (0.0, 4.0, 0.0), (1.0, 4.0, 0.0))))
    head, feet, aside = pixels
    assert head[1] < feet[1], "y goes down"
    assert aside[0] > feet[0], "x goes to the right"
