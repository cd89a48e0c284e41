"""Both decoders give what tfjs PoseNet 2.2.2 gives: the same poses in the same order."""

import numpy as np
import pytest

from edge.pose import Pose
from edge.sense.decode import decode_multi, decode_single
from tests.sense.decode import vectors

PX, SCORE = 1e-3, 1e-5


def test_all_vectors_are_there() -> None:
    assert len(vectors.NAMES) == 13
    assert {vectors.heads(name).output_stride for name in vectors.NAMES} == {8, 16, 32}


@pytest.mark.parametrize("name", vectors.NAMES)
def test_single_equals_tfjs(name: str) -> None:
    assert_same([decode_single(vectors.heads(name))], [vectors.pose(vectors.decoded(name)["single"])])


@pytest.mark.parametrize("name", vectors.NAMES)
def test_multi_equals_tfjs(name: str) -> None:
    heads, settings = vectors.heads(name), vectors.decoded(name)["multi"]
    assert len(settings) >= 3
    for setting in settings:
        expected = [vectors.pose(stored) for stored in setting.pop("poses")]
        assert_same(decode_multi(heads, **setting), expected)


def assert_same(found: list[Pose], expected: list[Pose]) -> None:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.score == pytest.approx(theirs.score, abs=SCORE)
        difference = np.abs(np.array(ours.keypoints) - np.array(theirs.keypoints))
        assert difference[:, :2].max() <= PX
        assert difference[:, 2].max() <= SCORE
