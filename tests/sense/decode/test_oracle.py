"""The fast decoders equal the plain one on whatever heads hypothesis thinks of."""

import numpy as np
import pytest
from hypothesis import given, settings

from edge.pose import Pose
from edge.sense.decode import decode_multi, decode_single
from edge.sense.decode.peaks import peaks
from edge.sense.inference.heads import Heads
from tests.sense.decode import strange
from tests.sense.decode.crowd import crowd
from tests.sense.decode.oracle import candidates, oracle_multi, oracle_single

often = settings(deadline=None, max_examples=200)


@often
@given(strange.heads())
def test_single_equals_the_oracle(heads: Heads) -> None:
    assert_same([decode_single(heads)], [oracle_single(heads)])


@often
@given(strange.heads(), strange.settings())
def test_multi_equals_the_oracle(heads: Heads, setting: dict[str, float]) -> None:
    assert_same(decode_multi(heads, **setting), oracle_multi(heads, **setting))


@often
@given(strange.heads(wrong=(*strange.NOT_NUMBERS, *strange.HUGE)), strange.settings())
def test_numbers_that_are_none_equal_the_oracle(heads: Heads, setting: dict[str, float]) -> None:
    assert_same([decode_single(heads)], [oracle_single(heads)])
    assert_same(decode_multi(heads, **setting), oracle_multi(heads, **setting))


@often
@given(strange.heads(), strange.settings())
def test_peaks_come_highest_first_and_equal_ones_in_raster_order(heads: Heads, setting: dict[str, float]) -> None:
    threshold = setting["score_threshold"]
    found = np.unravel_index(peaks(heads.scores, threshold), heads.scores.shape)
    assert list(zip(*found, strict=True)) == [tuple(place) for _, *place in candidates(heads, threshold)]


@pytest.mark.parametrize("people", [0, 1, 2, 5, 10, 12])
@pytest.mark.parametrize(("height", "width", "stride"), [(29, 45, 8), (17, 23, 16), (9, 12, 32)])
def test_crowds_equal_the_oracle(people: int, height: int, width: int, stride: int) -> None:
    heads = crowd(people, height, width, stride)
    assert_same([decode_single(heads)], [oracle_single(heads)])
    assert_same(decode_multi(heads), oracle_multi(heads))


def assert_same(found: list[Pose], expected: list[Pose]) -> None:
    """The keypoints exactly, since both calculate with the same doubles; sums may be added up in another way."""
    assert [pose.keypoints for pose in found] == [pose.keypoints for pose in expected]
    assert [pose.score for pose in found] == pytest.approx([pose.score for pose in expected], rel=1e-12)
