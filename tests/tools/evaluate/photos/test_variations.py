"""Rotated photos keep their people in place, dark ones are the same each time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tools.evaluate.photos.variations import VARIATIONS, darken, rotate
from tests.support.annotated_photos import SIZE, body, image, one_each, person, photos_of

WIDTH, HEIGHT = SIZE


def spots(points: list[tuple[int, int]]) -> np.ndarray:
    """A black picture with a white square of 3 px around each point."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for x, y in points:
        pixels[y - 1 : y + 2, x - 1 : x + 2] = 255
    return pixels


@given(st.integers(2, WIDTH - 3), st.integers(2, HEIGHT - 3), st.floats(-180, 180))
def test_a_joint_stays_on_its_spot(x: int, y: int, degrees: float) -> None:
    pose = body(0, 0)
    labels = [x, y, 2] + [0, 0, 0] * 16
    (photo,) = photos_of([image(1)], [person(1, 1, pose, keypoints=labels, num_keypoints=1)])
    shown = rotate(spots([(x, y)]), photo, degrees)
    found_y, found_x = (np.array(each).mean() for each in np.nonzero(shown.pixels[..., 0] > 200))
    expected_x, expected_y, _ = shown.photo.people[0].keypoints[0]
    assert (found_x, found_y) == pytest.approx((expected_x, expected_y), abs=1)
    assert shown.pixels.shape[:2] == (shown.photo.height, shown.photo.width)


def test_clockwise_takes_what_is_above_to_the_right() -> None:
    photo = one_each([body(0, 0)])[0]
    shown = rotate(spots([(WIDTH // 2, 5)]), photo, 90)
    _, columns = np.nonzero(shown.pixels[..., 0] > 200)
    assert columns.mean() > shown.photo.width / 2 + HEIGHT / 2 - 10


def test_all_angles_have_the_same_size_and_nothing_is_cut_off() -> None:
    corners = [(2, 2), (WIDTH - 3, 2), (2, HEIGHT - 3), (WIDTH - 3, HEIGHT - 3)]
    labels = [value for x, y in corners for value in (x, y, 2)] + [0, 0, 0] * 13
    (photo,) = photos_of([image(1)], [person(1, 1, body(0, 0), keypoints=labels, num_keypoints=4)])
    for variation in VARIATIONS:
        if variation.kind == "rotation":
            shown = variation.change(spots(corners), photo)
            assert shown.pixels.shape == (200, 200, 3)  # the diagonal of 160 x 120
            for x, y, _ in shown.photo.people[0].keypoints[:4].round().astype(int):
                assert shown.pixels[y, x, 0] > 150, variation
    upright = rotate(spots(corners), photo, 0).pixels
    assert (upright[40:160, 20:180] == spots(corners)).all()


def test_boxes_keep_their_people_and_size_stays_that_of_the_photo() -> None:
    photo = one_each([body(20, 15)])[0]
    turned = rotate(spots([]), photo, 45).photo.people[0]
    before = photo.people[0]
    assert (turned.size, turned.height_share, turned.area) == (before.size, before.height_share, before.area)
    _, _, width, height = turned.box
    side = (before.box[2] + before.box[3]) / 2**0.5
    assert (width, height) == pytest.approx((side, side))


def test_the_dark_is_the_same_each_time_and_another_for_each_photo() -> None:
    photos = one_each([body(0, 0), body(0, 0)])
    pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    dark = darken(pixels, photos[0], 2.0, 4.0).pixels
    assert (dark == darken(pixels, photos[0], 2.0, 4.0).pixels).all()
    assert (dark != darken(pixels, photos[1], 2.0, 4.0).pixels).any()
    # 255 * (128 / 255) ** 2 = 64.25; the mean of 57600 values with a deviation of 4 is within 0.02 of it.
    assert dark.mean() == pytest.approx(64.25, abs=0.1)
    assert dark.std() == pytest.approx(4, abs=0.2)
