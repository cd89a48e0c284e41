"""A higher least score keeps fewer people and fewer false poses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.pose import Pose
from edge.tools.evaluate.photos.accuracy import CocoEvaluation
from edge.tools.evaluate.photos.thresholds import THRESHOLDS, bodies, threshold_curve
from tests.support.annotated_photos import body, one_each, shifted

SCORES = st.lists(st.floats(0.31, 1), max_size=4)


def at(curve: list, score: float) -> tuple:
    return next(each[1:] for each in curve if each.score == score)


def test_people_and_false_poses_are_counted_from_the_threshold_on() -> None:
    poses = [body(0, 0, 0.4), body(10, 5, 0.6), body(20, 10, 0.8)]
    found = {1: [poses[0]], 2: [poses[1]], 3: [shifted(poses[2], 300)]}
    nobody = [[body(0, 0, 0.35), body(0, 0, 0.5)], [], [], [body(0, 0, 0.5)]]
    curve = threshold_curve(CocoEvaluation(one_each(poses), found), nobody)
    assert at(curve, 0.0) == pytest.approx((2 / 3, 3 / 4, 2 / 4))
    assert at(curve, 0.4) == pytest.approx((2 / 3, 2 / 4, 2 / 4))
    assert at(curve, 0.5) == pytest.approx((1 / 3, 2 / 4, 2 / 4))
    assert at(curve, 0.55) == pytest.approx((1 / 3, 0, 0))
    assert at(curve, 0.65) == pytest.approx((0, 0, 0))


@given(st.lists(SCORES, min_size=1, max_size=4), st.lists(SCORES, max_size=4))
def test_nothing_grows_with_the_threshold_and_each_step_is_as_if_nothing_lower_were_there(
    people: list[list[float]], nobody: list[list[float]]
) -> None:
    photos = one_each([body(20, 15)] * len(people))
    found = {number: [body(20, 15, score) for score in scores] for number, scores in enumerate(people, 1)}
    empty = [[body(0, 0, score) for score in scores] for scores in nobody]
    curve = threshold_curve(CocoEvaluation(photos, found), empty)
    assert [each.score for each in curve] == list(THRESHOLDS)
    for column in range(1, 4):
        values = [each[column] for each in curve if each[column] is not None]
        assert values == sorted(values, reverse=True)
    for each in curve:
        above = {number: [pose for pose in poses if pose.score >= each.score] for number, poses in found.items()}
        kept = CocoEvaluation(photos, above).people
        assert each.recall == sum(result.pose is not None for result in kept) / len(photos)


def test_bodies_are_those_of_the_tracker() -> None:
    unsure = Pose(0.9, tuple(keypoint._replace(score=0.2) for keypoint in body(0, 0).keypoints))
    assert bodies([body(0, 0), unsure]) == [body(0, 0)]
