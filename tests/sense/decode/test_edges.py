"""The cases at the edge: nothing there, one cell, exactly at a limit, and heads of a model gone wrong."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from edge.pose import EDGE_COUNT, KEYPOINT_COUNT, KEYPOINT_NAMES, Pose
from edge.sense.decode import decode_multi, decode_single
from edge.sense.inference.heads import Heads
from tests.sense.decode import strange
from tests.sense.decode.crowd import crowd

NOSE, LEFT_EYE = KEYPOINT_NAMES.index("nose"), KEYPOINT_NAMES.index("leftEye")


def still(height: int, width: int, stride: int = 16) -> Heads:
    """Heads that see nothing, and whose vectors are all 0."""
    return Heads(*(np.zeros((height, width, channels), np.float32) for channels in strange.CHANNELS), stride)


def test_nothing_to_see_is_no_pose() -> None:
    assert decode_multi(still(5, 4)) == []
    assert decode_single(still(5, 4)).score == 0


def test_no_poses_wanted_is_no_pose() -> None:
    assert decode_multi(crowd(2), max_poses=0) == []


def test_a_single_cell_is_a_grid() -> None:
    heads = still(1, 1)
    heads.scores[0, 0] = np.linspace(0.25, 0.75, KEYPOINT_COUNT)
    heads.offsets[0, 0, NOSE], heads.offsets[0, 0, NOSE + KEYPOINT_COUNT] = 3, -5
    for pose in (decode_single(heads), *decode_multi(heads)):
        assert (pose.keypoints[NOSE].y, pose.keypoints[NOSE].x) == (3, -5)
        assert all((keypoint.y, keypoint.x) == (0, 0) for keypoint in pose.keypoints[1:])
        assert pose.score == pytest.approx(0.5)
    assert len(decode_multi(heads)) == 1


def test_threshold_zero_takes_every_peak() -> None:
    poses = decode_multi(still(3, 4), max_poses=100, score_threshold=0.0, nms_radius=0.0)
    assert [pose.score for pose in poses] == [0.0] * 12
    assert [(k.y, k.x) for k in (pose.keypoints[NOSE] for pose in poses)] == [
        (16 * row, 16 * column) for row in range(3) for column in range(4)
    ]


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_score_equal_to_the_threshold_is_enough(threshold: float) -> None:
    heads = still(3, 3)
    score = np.float32(threshold)
    heads.scores[1, 1, NOSE] = score
    assert len(decode_multi(heads, score_threshold=float(score))) == 1
    assert decode_multi(heads, score_threshold=math.nextafter(float(score), 1)) == []


def test_two_noses_exactly_a_radius_apart_are_one() -> None:
    heads = still(1, 5)
    heads.scores[0, [1, 3], NOSE] = 0.9, 0.8
    assert len(decode_multi(heads, nms_radius=32)) == 1
    assert len(decode_multi(heads, nms_radius=math.nextafter(32, 0))) == 2


def test_a_keypoint_exactly_a_radius_from_another_poses_adds_no_score() -> None:
    heads = still(1, 9)
    heads.scores[0, [1, 7], NOSE] = 0.9, 0.8
    eye = 0  # the left eyes of both lie next to each other, between the noses
    heads.displacement_fwd[0, 1, eye + EDGE_COUNT], heads.displacement_fwd[0, 7, eye + EDGE_COUNT] = 32, -32
    heads.scores[0, [3, 5], LEFT_EYE] = 0.4, 0.3
    _, near = decode_multi(heads, nms_radius=32)
    _, apart = decode_multi(heads, nms_radius=math.nextafter(32, 0))
    assert near.score == pytest.approx(0.8 / 17)
    assert apart.score == pytest.approx((0.8 + 0.3) / 17)


def test_of_equal_neighbours_all_are_peaks_and_of_unequal_ones_only_the_highest() -> None:
    heads = still(1, 4)
    heads.scores[0, :, NOSE] = 0.6, 0.6, 0.7, 0.6
    assert [pose.keypoints[NOSE].x for pose in decode_multi(heads, nms_radius=1)] == [32, 0]


def test_a_cell_that_cannot_say_where_scores_nothing() -> None:
    heads = still(1, 5)
    heads.scores[0, [1, 3], NOSE] = 0.9, 0.8
    heads.offsets[0, 1, NOSE + KEYPOINT_COUNT] = np.nan
    assert decode_single(heads).keypoints[NOSE] == (48, 0, np.float32(0.8))
    (pose,) = decode_multi(heads)
    assert pose.keypoints[NOSE] == (48, 0, np.float32(0.8))


@pytest.mark.parametrize("value", [*strange.NOT_NUMBERS, *strange.HUGE])
def test_heads_full_of_one_wrong_number(value: float) -> None:
    size, stride = crowd(2).scores.shape, 16
    full = Heads(*(np.full((*size[:2], channels), value, np.float32) for channels in strange.CHANNELS), stride)
    assert_usable([decode_single(full), *decode_multi(full, score_threshold=0.0)])
    for number in range(4):
        heads = list(crowd(2))
        heads[number] = full[number]
        assert_usable([decode_single(Heads(*heads)), *decode_multi(Heads(*heads), score_threshold=0.0)])


@settings(deadline=None)
@given(strange.heads(wrong=(*strange.NOT_NUMBERS, *strange.HUGE)), strange.settings())
def test_poses_are_always_finite_plain_numbers(heads: Heads, setting: dict[str, float]) -> None:
    poses = decode_multi(heads, **setting)
    assert len(poses) <= setting["max_poses"]
    assert_usable([decode_single(heads), *poses])


def assert_usable(poses: list[Pose]) -> None:
    for pose in poses:
        assert len(pose.keypoints) == KEYPOINT_COUNT
        for number in (pose.score, *(value for keypoint in pose.keypoints for value in keypoint)):
            assert type(number) is float
            assert math.isfinite(number)
