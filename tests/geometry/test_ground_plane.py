"""The floor: what the simulated cameras project comes back in metres, and marks that make no sense are refused."""

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.config.settings import FloorSettings, Marks
from edge.config.shapes import find_floor
from edge.errors import BadSetting
from edge.geometry.ground_plane import FARTHEST, Floor
from edge.geometry.polygon import Corner
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera

CAMERAS = st.builds(
    Camera,
    height=st.floats(0.5, 5.0),
    tilt=st.floats(0.0, 90.0),
    field_of_view=st.floats(30.0, 120.0),
    size=st.sampled_from([(640, 480), (480, 640), (1280, 720)]),
)
ACROSS, AWAY = st.floats(-3.0, 3.0), st.floats(0.0, 8.0)
SPOT = st.tuples(ACROSS, AWAY)


def of_camera(camera: Camera) -> Floor:
    floor = find_floor(FloorSettings(camera.height, camera.tilt, camera.field_of_view))
    assert floor
    return floor


def seen(camera: Camera, spot: Corner) -> tuple[Corner, float]:
    """Where the camera sees a spot of the floor, in fractions of the frame, and how deep in the picture it is, m."""
    pixels, depth = camera.project(np.array((*spot, 0.0)))
    return (float(pixels[0] / camera.size[0]), float(pixels[1] / camera.size[1])), float(depth)


def marked(camera: Camera, spots: tuple[Corner, ...]) -> Marks:
    return tuple((*seen(camera, spot)[0], *spot) for spot in spots)


def aspect(camera: Camera) -> float:
    return camera.size[1] / camera.size[0]


@given(CAMERAS, SPOT, SPOT)
def test_what_a_camera_sees_of_the_floor_comes_back_in_metres(camera: Camera, spot: Corner, other: Corner) -> None:
    floor = of_camera(camera)
    points, depths = zip(*(seen(camera, each) for each in (spot, other)), strict=True)
    assume(min(depths) > 0.2)
    for point, place in zip(points, (spot, other), strict=True):
        assert floor.place(*point, aspect(camera)) == pytest.approx(place, abs=1e-6)
    near, far = (floor.nearness(*point, aspect(camera)) for point in points)
    assert near / far == pytest.approx(depths[1] / depths[0])


ROOM: tuple[Corner, ...] = ((-1.0, 2.5), (1.0, 2.5), (1.0, 5.0), (-1.0, 4.0))


@given(st.sampled_from([CORNER, SHELF]), SPOT, st.permutations(range(4)), st.floats(0, 360), SPOT)
def test_four_marks_say_the_same_wherever_their_metres_begin(
    camera: Camera, spot: Corner, order: list[int], turn: float, origin: Corner
) -> None:
    way = complex(math.cos(math.radians(turn)), math.sin(math.radians(turn)))

    def own(place: Corner) -> Corner:
        turned = complex(*place) * way + complex(*origin)
        return turned.real, turned.imag

    marks = marked(camera, tuple(ROOM[number] for number in order))
    floor = find_floor(FloorSettings(marks=tuple((x, y, *own((right, away))) for x, y, right, away in marks)))
    point, depth = seen(camera, spot)
    assume(depth > 0.2)
    assert floor
    assert floor.place(*point, aspect(camera)) == pytest.approx(own(spot), abs=1e-6)


QUARTER = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(-5.0, 5.0), st.floats(-5.0, 5.0))


@given(st.tuples(QUARTER, QUARTER, QUARTER, QUARTER), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_marks_as_opencv_says_or_refused(marks: Marks, x: float, y: float) -> None:
    try:
        floor = find_floor(FloorSettings(marks=marks))
    except BadSetting:
        return
    points = np.array(marks, np.float64)
    homography, _ = cv2.findHomography(points[:, :2], points[:, 2:])
    right, away, divisor = homography @ (x, y, 1.0)
    at_a_mark = float((homography @ (*marks[0][:2], 1.0))[2])
    assume(abs(divisor / at_a_mark) > 1e-3)
    assert floor
    place = floor.place(x, y, 0.75)
    if divisor / at_a_mark < 0:
        assert place is None
    else:
        expected = (right / divisor, away / divisor)
        assume(abs(max(map(abs, expected)) - FARTHEST) > 1.0)
        far = max(map(abs, expected)) > FARTHEST
        assert place is None if far else place == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("camera", [CORNER, SHELF])
def test_above_the_horizon_is_no_floor(camera: Camera) -> None:
    # The horizon is where a ray is level.
    focal_length = 0.5 / math.tan(math.radians(camera.field_of_view / 2)) / aspect(camera)
    horizon = 0.5 - focal_length * math.tan(math.radians(camera.tilt))
    for floor in (of_camera(camera), find_floor(FloorSettings(marks=marked(camera, ROOM)))):
        assert floor
        for x in (0.0, 0.5, 1.0):
            assert floor.place(x, horizon - 0.01, aspect(camera)) is None
            assert floor.place(x, horizon + 1e-4, aspect(camera)) is None, "further than anybody can be"
            assert floor.place(x, horizon + 0.1, aspect(camera))


def test_marks_that_no_camera_sees_are_refused() -> None:
    good = marked(CORNER, ROOM)
    assert find_floor(FloorSettings(marks=good))
    for one, other in itertools.combinations(range(4), 2):
        exchanged = list(good)
        exchanged[one] = (*good[one][:2], *good[other][2:])
        exchanged[other] = (*good[other][:2], *good[one][2:])
        with pytest.raises(BadSetting, match="exchanged"):
            find_floor(FloorSettings(marks=tuple(exchanged)))
    with pytest.raises(BadSetting, match="left and right"):
        find_floor(FloorSettings(marks=tuple((x, y, -right, away) for x, y, right, away in good)))


@pytest.mark.parametrize("column", [0, 2])
@pytest.mark.parametrize("three", list(itertools.combinations(range(4), 3)))
def test_three_marks_on_one_line_are_refused_by_their_numbers(column: int, three: tuple[int, ...]) -> None:
    marks = [list(mark) for mark in marked(CORNER, ROOM)]
    for number, part in zip(three, (0.2, 0.45, 0.8), strict=True):
        marks[number][column : column + 2] = [part, 0.3 + part / 2 + 0.001 * number]
    names = "marks {}, {} and {} are on one line {}".format(
        *(number + 1 for number in three), "on the floor" if column else "in the frame"
    )
    with pytest.raises(BadSetting, match=names):
        find_floor(FloorSettings(marks=tuple((a, b, c, d) for a, b, c, d in marks)))


def test_one_point_four_times_is_refused() -> None:
    with pytest.raises(BadSetting, match="on one line in the frame"):
        find_floor(FloorSettings(marks=((0.5, 0.5, 1.0, 1.0),) * 4))
