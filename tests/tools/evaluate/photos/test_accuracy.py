"""The figures are COCO's: exact poses score 1, shifted ones what the formula of OKS says, and order does not matter."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.pose import OKS_SIGMAS, Keypoint, Pose
from edge.tools.evaluate.photos.accuracy import Accuracy, CocoEvaluation
from edge.tools.evaluate.photos.annotations import AnnotatedPhoto
from tests.support.annotated_photos import AREA, BOX, body, image, one_each, person, photos_of, shifted, unlabelled

THRESHOLDS = [0.5 + 0.05 * step for step in range(10)]
PLACES = st.tuples(st.floats(0, 60), st.floats(0, 30))


def accuracy(photos: list[AnnotatedPhoto], found: dict[int, list[Pose]]) -> Accuracy:
    return CocoEvaluation(photos, found).accuracy()


def oks(distance: float) -> float:
    """OKS of a pose all of whose joints are off by so much, px; written down from COCO's page."""
    return sum(math.exp(-(distance**2) / (2 * AREA * (2 * sigma) ** 2)) for sigma in OKS_SIGMAS) / len(OKS_SIGMAS)


@given(st.lists(PLACES, min_size=1, max_size=5))
def test_exact_poses_score_one(places: list[tuple[float, float]]) -> None:
    poses = [body(*place) for place in places]
    found = {number: [pose] for number, pose in enumerate(poses, 1)}
    assert accuracy(one_each(poses), found) == pytest.approx((1, 1, 1, 1))


@given(st.floats(0, 40), st.floats(0, math.tau))
def test_a_shifted_pose_scores_what_the_formula_says(distance: float, direction: float) -> None:
    similarity = oks(distance)
    assume(all(abs(similarity - threshold) > 1e-6 for threshold in THRESHOLDS))
    pose = shifted(body(20, 15), distance * math.cos(direction), distance * math.sin(direction))
    share = sum(similarity > threshold for threshold in THRESHOLDS) / len(THRESHOLDS)
    expected = (share, float(similarity > 0.5), float(similarity > 0.75), share)
    assert accuracy(one_each([body(20, 15)]), {1: [pose]}) == pytest.approx(expected)


def test_a_false_pose_with_a_higher_score_halves_the_precision() -> None:
    photos = one_each([body(20, 15)])
    false = shifted(body(20, 15, 0.95), 500)
    assert accuracy(photos, {1: [body(20, 15, 0.9), false]}).ap == pytest.approx(0.5)
    assert accuracy(photos, {1: [body(20, 15, 0.96), false]}).ap == pytest.approx(1.0)


def test_a_second_pose_of_the_same_person_is_false() -> None:
    photos = one_each([body(20, 15)])
    evaluation = CocoEvaluation(photos, {1: [body(20, 15, 0.8), shifted(body(20, 15, 0.9), 1)]})
    assert [(result.pose.score, result.is_somebody) for result in evaluation.poses] == [(0.9, True), (0.8, False)]
    (result,) = evaluation.people
    assert result.pose is not None
    assert result.pose.score == 0.9


def test_nobody_found_is_zero_and_nobody_to_be_found_is_no_figure() -> None:
    photos = one_each([body(20, 15)])
    assert accuracy(photos, {}) == (0, 0, 0, 0)
    assert accuracy(photos, {1: []}) == (0, 0, 0, 0)
    assert accuracy(photos_of([image(1)], []), {1: [body(0, 0)]}) == (None, None, None, None)
    assert CocoEvaluation(photos, {}).accuracy([]) == (None, None, None, None)


def test_crowds_and_unlabelled_people_are_neither_found_nor_false() -> None:
    inside = body(BOX[0] + 5, BOX[1] + 5, 0.95)
    people = [person(1, 1, body(20, 15)), unlabelled(2, 2, iscrowd=1), unlabelled(3, 3)]
    photos = photos_of([image(1), image(2), image(3)], people)
    evaluation = CocoEvaluation(photos, {1: [body(20, 15)], 2: [inside, inside], 3: [inside]})
    assert evaluation.accuracy() == pytest.approx((1, 1, 1, 1))
    assert [(result.photo, result.is_somebody) for result in evaluation.poses] == [(0, True)]
    assert [result.photo for result in evaluation.people] == [0]
    # A crowd has room for any number of poses, one person without labels for one.
    evaluation = CocoEvaluation(photos, {1: [body(20, 15)], 3: [inside, inside]})
    assert evaluation.accuracy().ap == pytest.approx(0.5)


@given(
    st.lists(st.tuples(PLACES, st.floats(0, 30), st.sampled_from([0.5, 0.7, 0.9])), min_size=2, max_size=6), st.data()
)
def test_the_order_of_the_photos_does_not_matter(people: list, data: st.DataObject) -> None:
    photos = one_each([body(*place) for place, _, _ in people])
    found = {number: [shifted(body(*place, score), off)] for number, (place, off, score) in enumerate(people, 1)}
    order = data.draw(st.permutations(range(len(photos))))
    turned = CocoEvaluation([photos[number] for number in order], dict(reversed(found.items())))
    straight = CocoEvaluation(photos, found)
    assert turned.accuracy() == straight.accuracy()
    drawn = data.draw(st.lists(st.sampled_from(range(len(photos))), max_size=8))
    same = [order.index(number) for number in drawn]
    assert turned.accuracy(same) == straight.accuracy(drawn)
    assert {order[result.photo] for result in turned.people} == {result.photo for result in straight.people}


@given(st.lists(st.sampled_from(range(3)), min_size=1, max_size=6))
def test_a_photo_drawn_twice_counts_as_two_such_photos(drawn: list[int]) -> None:
    poses = [body(0, 0, 0.9), body(10, 5, 0.8), body(20, 20, 0.7)]
    guesses = [[poses[0]], [shifted(poses[1], 8), shifted(poses[1], 300)], [shifted(poses[2], 400)]]
    evaluation = CocoEvaluation(one_each(poses), dict(enumerate(guesses, 1)))
    chosen = sorted(drawn)
    copies = CocoEvaluation(
        one_each([poses[number] for number in chosen]), dict(enumerate((guesses[number] for number in chosen), 1))
    )
    assert evaluation.accuracy(np.array(drawn)) == pytest.approx(copies.accuracy())


def test_joints_are_right_within_a_tenth_of_the_longer_side_of_the_box() -> None:
    reach = 0.1 * max(BOX[2:])
    pose = body(20, 15)
    keypoints = list(pose.keypoints)
    keypoints[3] = keypoints[3]._replace(x=keypoints[3].x + reach - 0.01)
    keypoints[4] = keypoints[4]._replace(x=keypoints[4].x + reach + 0.01)
    labels = [value for keypoint in pose.keypoints for value in (keypoint.x, keypoint.y, 2)]
    labels[3 * 5 + 2] = 0
    (photo,) = photos_of([image(1)], [person(1, 1, pose, keypoints=labels, num_keypoints=16)])
    (result,) = CocoEvaluation([photo], {1: [Pose(0.9, tuple(Keypoint(*each) for each in keypoints))]}).people
    assert np.flatnonzero(~result.right).tolist() == [4, 5]
    (missed,) = CocoEvaluation([photo], {}).people
    assert not missed.right.any()
