"""Letterboxing: nothing is distorted, nothing is copied twice, and every position finds its way back."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.inference.letterbox import GREY, Letterbox


def mark_at(rows: int, columns: int, y: int, x: int, radius: int) -> np.ndarray:
    """A black picture with one white square around (y, x)."""
    picture = np.zeros((rows, columns, 3), np.uint8)
    picture[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1] = 255
    return picture


def centre_of_light(tensor: np.ndarray) -> tuple[float, float]:
    """(x, y) of the middle of what is brighter than the border."""
    light = np.clip(tensor[..., 0].astype(np.float64) - GREY, 0, None)
    rows, columns = np.indices(light.shape)
    return (columns * light).sum() / light.sum(), (rows * light).sum() / light.sum()


def pose_at(x: float, y: float) -> Pose:
    return Pose(0.5, (Keypoint(x, y, 0.25),) * KEYPOINT_COUNT)


@pytest.mark.parametrize(("rows", "columns"), [(480, 640), (640, 480), (1080, 1920), (257, 353), (120, 160), (97, 501)])
def test_a_mark_in_the_frame_is_found_where_it_was(rows: int, columns: int) -> None:
    fit = Letterbox(257, 353, "uint8")
    y, x = rows * 2 // 5, columns * 3 // 4
    tensor, undo = fit(mark_at(rows, columns, y, x, radius=max(rows // 20, 4)))
    back = undo(pose_at(*centre_of_light(tensor))).keypoints[0]
    scale = max(rows / 257, columns / 353)
    assert abs(back.x - x) < 0.3 * scale
    assert abs(back.y - y) < 0.3 * scale


@settings(max_examples=50)
@given(st.integers(1, 700), st.integers(1, 700))
def test_any_frame_fits_with_its_aspect(rows: int, columns: int) -> None:
    tensor, undo = Letterbox(193, 257, "uint8")(np.full((rows, columns, 3), 255, np.uint8))
    inside = np.argwhere(tensor[..., 0] == 255)
    (top, left), (bottom, right) = inside.min(axis=0), inside.max(axis=0)
    height, width = bottom - top + 1, right - left + 1
    assert len(inside) == height * width, "one rectangle"
    assert height == 193 or width == 257, "as large as it can be"
    assert abs(height - rows * min(193 / rows, 257 / columns)) <= 1
    assert abs(width - columns * min(193 / rows, 257 / columns)) <= 1
    assert abs((193 - height) - 2 * top) <= 1
    assert abs((257 - width) - 2 * left) <= 1
    assert (tensor[..., 0][tensor[..., 0] != 255] == GREY).all()
    corner = undo(pose_at(left - 0.5, top - 0.5)).keypoints[0]
    far = undo(pose_at(right + 0.5, bottom + 0.5)).keypoints[0]
    assert corner[:2] == pytest.approx((-0.5, -0.5), abs=0.01)
    assert far[:2] == pytest.approx((columns - 0.5, rows - 0.5), abs=0.01)


def test_the_three_types_say_the_same(astronaut: np.ndarray) -> None:
    plain, _ = Letterbox(193, 257, "uint8")(astronaut)
    signed, _ = Letterbox(193, 257, "int8")(astronaut)
    real, _ = Letterbox(193, 257, "float32")(astronaut)
    assert signed.dtype == np.int8
    np.testing.assert_array_equal(signed.astype(int), plain.astype(int) - 128)
    assert real.dtype == np.float32
    np.testing.assert_allclose(real, plain.astype(np.float64) / 127.5 - 1, atol=1e-6)


def test_red_stays_red() -> None:
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[..., 0] = 200
    tensor, _ = Letterbox(193, 257, "uint8")(frame)
    assert tensor[96, 128].tolist() == [200, 0, 0]


def test_scaling_skips_no_pixel() -> None:
    """A fine checkerboard becomes grey, as it does to the eye; a resize that skips pixels leaves black and white."""
    board = (np.indices((1024, 1408)).sum(axis=0) % 2 * 255).astype(np.uint8)
    tensor, _ = Letterbox(257, 353, "uint8")(np.repeat(board[..., None], 3, axis=2))
    assert np.abs(tensor[10:-10, 10:-10].astype(int) - 128).max() <= 2


def test_it_is_close_to_the_exact_average(astronaut: np.ndarray) -> None:
    """Area averaging is the yardstick; bilinear after halving must be near it on a photograph."""
    large = np.tile(astronaut, (2, 2, 1))
    tensor, _ = Letterbox(257, 257, "uint8")(large)
    exact = cv2.resize(large, (257, 257), interpolation=cv2.INTER_AREA)
    assert np.abs(tensor.astype(int) - exact).mean() < 4


def test_buffers_are_reused_and_a_new_size_leaves_no_trace() -> None:
    fit = Letterbox(193, 257, "int8")
    first, _ = fit(np.full((480, 640, 3), 255, np.uint8))
    second, _ = fit(np.full((640, 480, 3), 255, np.uint8))
    assert second is first
    fresh, _ = Letterbox(193, 257, "int8")(np.full((640, 480, 3), 255, np.uint8))
    np.testing.assert_array_equal(second, fresh)


def test_a_frame_of_one_pixel() -> None:
    tensor, undo = Letterbox(257, 353, "uint8")(np.full((1, 1, 3), 9, np.uint8))
    assert tensor[128, 176].tolist() == [9, 9, 9]
    assert undo(pose_at(176, 128)).keypoints[0][:2] == pytest.approx((0, 0), abs=0.01)


def test_positions_and_scores_are_rounded_once() -> None:
    _, undo = Letterbox(257, 353, "uint8")(np.zeros((480, 640, 3), np.uint8))
    pose = undo(Pose(0.123456789, (Keypoint(10.123456, 20.654321, 0.987654321),) * KEYPOINT_COUNT))
    assert pose.score == 0.1235
    assert pose.keypoints[0].score == 0.9877
    assert all(round(value, 2) == value for value in pose.keypoints[0][:2])
