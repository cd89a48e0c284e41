"""What decoding means, by pictures whose answer is known: people put there, mirrored, turned and enlarged."""

import numpy as np
import pytest

from edge.pose import EDGE_COUNT, KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.decode import decode_multi, decode_single
from edge.sense.inference.heads import Float32, Heads
from tests.sense.decode.crowd import bodies, crowd, heads_of

SIZES = [(29, 45, 8), (17, 23, 16), (13, 18, 32)]


@pytest.mark.parametrize("people", [1, 2, 5, 10])
@pytest.mark.parametrize(("height", "width", "stride"), SIZES)
def test_everybody_is_found_once_and_where_they_are(people: int, height: int, width: int, stride: int) -> None:
    truth = bodies(people, height, width, stride)
    poses = decode_multi(heads_of(truth, height, width, stride))
    assert len(poses) == people
    found = np.array([[(keypoint.y, keypoint.x) for keypoint in pose.keypoints] for pose in poses])
    distances = np.linalg.norm(found[:, None] - truth, axis=-1).max(axis=-1)  # [poses, people], px
    assert sorted(distances.argmin(axis=1)) == list(range(people))
    assert distances.min(axis=1).max() < 0.01


@pytest.mark.parametrize(("height", "width", "stride"), SIZES)
def test_one_person_is_the_same_to_both(height: int, width: int, stride: int) -> None:
    heads = crowd(1, height, width, stride)
    single, (only,) = decode_single(heads), decode_multi(heads)
    np.testing.assert_allclose(np.array(single.keypoints)[:, :2], np.array(only.keypoints)[:, :2], atol=0.01)


def test_fewer_poses_are_the_first_ones_of_more() -> None:
    heads = crowd(10)
    everybody = decode_multi(heads, max_poses=10)
    for count in range(11):
        assert decode_multi(heads, max_poses=count) == everybody[:count]


def test_a_mirrored_room_has_mirrored_people() -> None:
    heads = crowd(5)
    width = heads.scores.shape[1]
    signs = [1, *(np.repeat([1, -1], count).astype(np.float32) for count in (KEYPOINT_COUNT, EDGE_COUNT, EDGE_COUNT))]
    mirrored = Heads(
        *(np.ascontiguousarray(head[:, ::-1] * sign) for head, sign in zip(heads[:4], signs, strict=True)),
        heads.output_stride,
    )
    last = (width - 1) * heads.output_stride
    expected = [by_keypoint(pose, lambda k: Keypoint(last - k.x, k.y, k.score)) for pose in decode_multi(heads)]
    assert_near(decode_multi(mirrored), expected)
    assert_near([decode_single(mirrored)], [by_keypoint(decode_single(heads), lambda k: k._replace(x=last - k.x))])


def test_a_room_turned_over_its_diagonal_swaps_x_and_y() -> None:
    heads = crowd(5)
    turned = Heads(
        heads.scores.swapaxes(0, 1),
        *(swap_y_and_x(head.swapaxes(0, 1)) for head in heads[1:4]),
        heads.output_stride,
    )
    expected = [by_keypoint(pose, lambda k: Keypoint(k.y, k.x, k.score)) for pose in decode_multi(heads)]
    assert_near(decode_multi(turned), expected)
    assert_near([decode_single(turned)], [by_keypoint(decode_single(heads), lambda k: Keypoint(k.y, k.x, k.score))])


def test_twice_the_stride_and_all_vectors_is_twice_the_size() -> None:
    heads = crowd(5)
    twice = Heads(heads.scores, *(2 * head for head in heads[1:4]), 2 * heads.output_stride)
    expected = [by_keypoint(pose, lambda k: Keypoint(2 * k.x, 2 * k.y, k.score)) for pose in decode_multi(heads)]
    assert decode_multi(twice, nms_radius=40.0) == expected


def test_heads_need_not_be_contiguous() -> None:
    heads = crowd(3)
    joined = np.concatenate(heads[:4], axis=-1)
    apart = Heads(*np.split(joined, np.cumsum([head.shape[-1] for head in heads[:3]]), axis=-1), heads.output_stride)
    assert not apart.offsets.flags.c_contiguous
    assert decode_multi(apart) == decode_multi(heads)
    assert decode_single(apart) == decode_single(heads)


def swap_y_and_x(head: Float32) -> Float32:
    y, x = np.split(head, 2, axis=-1)
    return np.concatenate([x, y], axis=-1)


def by_keypoint(pose: Pose, change) -> Pose:
    return Pose(pose.score, tuple(change(keypoint) for keypoint in pose.keypoints))


def assert_near(found: list[Pose], expected: list[Pose]) -> None:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.score == pytest.approx(theirs.score)
        np.testing.assert_allclose(ours.keypoints, theirs.keypoints, atol=1e-4)
