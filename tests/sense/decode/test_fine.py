"""Finer decoding: equal to a plain version of the same formula, and where people are known to be."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from edge.config.settings import DecodeSettings
from edge.pose import EDGE_COUNT, KEYPOINT_COUNT, SKELETON, Keypoint, Pose
from edge.sense.decode import decode_fine, decode_multi, make_decoder
from edge.sense.inference.heads import Heads
from tests.sense.decode import oracle, strange, vectors
from tests.sense.decode.crowd import bodies, crowd, heads_of

REFINEMENTS, AGREEMENT_PX = 3, 5.0
SIZES = [(29, 45, 8), (17, 23, 16), (13, 18, 32)]


def plain_fine(heads: Heads, max_poses: int, score_threshold: float, nms_radius: float) -> list[Pose]:
    """The same formula cell by cell: grow, suppress, and vote at last."""
    heads = oracle.without_nonsense(heads)
    grown: list[Pose] = []
    for _, row, column, k in oracle.candidates(heads, score_threshold):
        root = oracle.keypoint_at(heads, row, column, k)
        if len(grown) >= max_poses:
            break
        if oracle.overlaps(root, k, grown, nms_radius):
            continue
        keypoints = plain_body(heads, root, k)
        own = sum(
            each.score for other, each in enumerate(keypoints) if not oracle.overlaps(each, other, grown, nms_radius)
        )
        grown.append(Pose(own / KEYPOINT_COUNT, tuple(keypoints)))
    return [
        Pose(pose.score, tuple(plain_vote(heads, each, k) for k, each in enumerate(pose.keypoints))) for pose in grown
    ]


def plain_body(heads: Heads, root: Keypoint, root_k: int) -> list[Keypoint]:
    found = {root_k: root}
    for displacements, steps in (
        (heads.displacement_bwd, [(e, child, parent) for e, (parent, child) in reversed(list(enumerate(SKELETON)))]),
        (heads.displacement_fwd, [(e, parent, child) for e, (parent, child) in enumerate(SKELETON)]),
    ):
        for edge, source, target in steps:
            if source in found and target not in found:
                start = found[source]
                row, column = oracle.nearest_cell(heads, start.y, start.x)
                y = start.y + float(displacements[row, column, edge])
                x = start.x + float(displacements[row, column, edge + EDGE_COUNT])
                for _ in range(REFINEMENTS):
                    guess = oracle.keypoint_at(heads, *oracle.nearest_cell(heads, y, x), target)
                    y, x = guess.y, guess.x
                score = float(heads.scores[(*oracle.nearest_cell(heads, y, x), target)])
                found[target] = Keypoint(x, y, score)
    return [found[k] for k in range(KEYPOINT_COUNT)]


def plain_vote(heads: Heads, first: Keypoint, k: int) -> Keypoint:
    height, width, _ = heads.scores.shape
    row, column = oracle.nearest_cell(heads, first.y, first.x)
    total = sum_y = sum_x = 0.0
    for near_row in range(max(row - 1, 0), min(row + 2, height)):
        for near_column in range(max(column - 1, 0), min(column + 2, width)):
            vote = oracle.keypoint_at(heads, near_row, near_column, k)
            squared = (vote.y - first.y) ** 2 + (vote.x - first.x) ** 2
            weight = vote.score**2 * math.exp(-squared / (2 * AGREEMENT_PX**2))
            total, sum_y, sum_x = total + weight, sum_y + weight * vote.y, sum_x + weight * vote.x
    return first if total < 1e-12 else Keypoint(sum_x / total, sum_y / total, first.score)


def assert_near(found: list[Pose], expected: list[Pose], px: float = 1e-6) -> None:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.score == pytest.approx(theirs.score, rel=1e-9)
        np.testing.assert_allclose(ours.keypoints, theirs.keypoints, rtol=1e-6, atol=px)


@settings(deadline=None, max_examples=60)
@given(strange.heads(wrong=strange.NOT_NUMBERS), strange.settings())
def test_equals_the_plain_version(heads: Heads, setting: dict[str, float]) -> None:
    assert_near(decode_fine(heads, **setting), plain_fine(heads, **setting))


@pytest.mark.parametrize("name", vectors.NAMES[:4])
def test_equals_the_plain_version_on_photos(name: str) -> None:
    heads = vectors.heads(name)
    assert_near(decode_fine(heads, 10, 0.3, 20.0), plain_fine(heads, 10, 0.3, 20.0))


@settings(deadline=None, max_examples=60)
@given(strange.heads(wrong=(*strange.NOT_NUMBERS, *strange.HUGE)), strange.settings())
def test_poses_are_finite_and_no_more_than_asked_for_or_without_suppression(
    heads: Heads, setting: dict[str, float]
) -> None:
    poses = decode_fine(heads, **setting)
    assert len(poses) <= min(setting["max_poses"], len(decode_fine(heads, **{**setting, "nms_radius": 0.0})))
    for pose in poses:
        for number in (pose.score, *(value for keypoint in pose.keypoints for value in keypoint)):
            assert type(number) is float
            assert math.isfinite(number)


@pytest.mark.parametrize("people", [1, 5, 10])
@pytest.mark.parametrize(("height", "width", "stride"), SIZES)
def test_everybody_is_found_once_and_where_they_are(people: int, height: int, width: int, stride: int) -> None:
    truth = bodies(people, height, width, stride)
    poses = decode_fine(heads_of(truth, height, width, stride))
    found = np.array([[(keypoint.y, keypoint.x) for keypoint in pose.keypoints] for pose in poses])
    distances = np.linalg.norm(found[:, None] - truth, axis=-1).max(axis=-1)  # [poses, people], px
    assert sorted(distances.argmin(axis=1)) == list(range(people))
    # A vote for somebody who stands a stride away counts next to nothing.
    assert distances.min(axis=1).max() < 0.5


def test_votes_cancel_the_errors_of_single_cells() -> None:
    truth = bodies(2, 17, 23, 16)
    exact = heads_of(truth, 17, 23, 16)
    noise = np.random.default_rng(1).normal(0, 2.0, exact.offsets.shape).astype(np.float32)
    noisy = exact._replace(offsets=exact.offsets + noise)

    def error(poses: list[Pose]) -> float:
        found = np.array([[(keypoint.y, keypoint.x) for keypoint in pose.keypoints] for pose in poses])
        return float(np.linalg.norm(found[:, None] - truth, axis=-1).mean(axis=-1).min(axis=1).mean())

    assert error(decode_fine(noisy)) < 0.8 * error(decode_multi(noisy))


def test_a_shift_by_a_cell_shifts_the_poses_by_a_stride() -> None:
    heads = crowd(3)
    empty = [(1, 2), (2, 1), (0, 0)]
    shifted = Heads(*(np.pad(head, empty) for head in heads[:4]), heads.output_stride)
    padded = Heads(*(np.pad(head, [(0, 3), (0, 3), (0, 0)]) for head in heads[:4]), heads.output_stride)
    expected = [
        Pose(pose.score, tuple(Keypoint(each.x + 32, each.y + 16, each.score) for each in pose.keypoints))
        for pose in decode_fine(padded)
    ]
    assert_near(decode_fine(shifted), expected)


def test_a_cell_without_neighbours_decides_alone() -> None:
    heads = crowd(1, 1, 1)
    assert_near(decode_fine(heads, score_threshold=0.0), decode_multi(heads, score_threshold=0.0))


def test_the_setting_chooses_the_decoder() -> None:
    heads = crowd(3)
    asked = DecodeSettings(score_threshold=0.5)
    assert make_decoder(asked)(heads) == decode_multi(heads)
    assert make_decoder(DecodeSettings(score_threshold=0.5, method="fine"))(heads) == decode_fine(heads)
    assert decode_fine(heads) != decode_multi(heads)
