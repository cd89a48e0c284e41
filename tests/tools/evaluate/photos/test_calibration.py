"""Scores are compared with what is right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.pose import Keypoint, Pose
from edge.tools.evaluate.photos.accuracy import CocoEvaluation
from edge.tools.evaluate.photos.calibration import calibration, joint_calibration, pose_calibration
from tests.support.annotated_photos import body, image, one_each, person, photos_of, shifted


def test_scores_that_are_probabilities_have_no_error() -> None:
    assert calibration([0.25] * 4 + [0.75] * 4, [True] + [False] * 3 + [True] * 3 + [False]).ece == pytest.approx(0)


def test_the_error_is_weighted_by_the_counts() -> None:
    # Three scores of 0.9 that are never right, and one of 0.1 that is: (3 * 0.9 + 1 * 0.9) / 4.
    result = calibration([0.9, 0.9, 0.9, 0.1], [False, False, False, True])
    assert result.ece == pytest.approx(0.9)
    # Two of 0.8 that are right, and two of 0.3 of which one is: (2 * 0.2 + 2 * 0.2) / 4.
    assert calibration([0.8, 0.8, 0.3, 0.3], [True, True, True, False]).ece == pytest.approx(0.2)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans())))
def test_every_score_is_in_one_bin(pairs: list[tuple[float, bool]]) -> None:
    result = calibration([score for score, _ in pairs], [right for _, right in pairs])
    assert sum(each.number for each in result.curve) == result.number == len(pairs)
    assert result.ece is None if not pairs else 0 <= result.ece <= 1
    for each in result.curve:
        assert each.score is None or each.low - 1e-4 <= each.score <= each.high + 1e-4


@pytest.mark.parametrize(("score", "number"), [(0.0, 0), (0.1, 1), (0.3, 3), (0.6, 6), (0.7, 7), (0.9999, 9), (1.0, 9)])
def test_a_score_at_the_lower_end_belongs_to_the_bin(score: float, number: int) -> None:
    assert [each.number for each in calibration([score], [True]).curve].index(1) == number


def test_joints_of_people_who_are_found_and_are_labelled_count() -> None:
    pose = body(20, 15, 0.8)
    wrong = Pose(0.8, (Keypoint(200, 200, 0.35), *pose.keypoints[1:]))
    labels = [value for keypoint in pose.keypoints for value in (keypoint.x, keypoint.y, 2)]
    labels[5] = 0
    people = [person(1, 1, pose, keypoints=labels, num_keypoints=16), person(2, 2, pose)]
    evaluation = CocoEvaluation(photos_of([image(1), image(2)], people), {1: [wrong], 2: [shifted(pose, 400)]})
    joints = joint_calibration(evaluation)
    assert joints.number == 16
    assert (joints.curve[3].number, joints.curve[3].right) == (1, 0)
    assert (joints.curve[8].number, joints.curve[8].right) == (15, 1)
    poses = pose_calibration(evaluation)
    assert (poses.number, poses.curve[8].right) == (2, 0.5)
    assert poses.ece == pytest.approx(0.3)


def test_without_people_there_is_no_error() -> None:
    evaluation = CocoEvaluation(one_each([body(0, 0)]), {})
    assert joint_calibration(evaluation).ece is None
    assert pose_calibration(evaluation).ece is None
