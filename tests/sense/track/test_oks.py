"""Object keypoint similarity against a count made one keypoint at a time."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.pose import KEYPOINT_NAMES, Pose
from edge.sense.track.detections import Detections, find_detections
from edge.sense.track.oks import similarity
from tests.support.stick_people import HEIGHT, UPPER, stick, swapped

SIGMAS = {
    "nose": 0.026,
    "Eye": 0.025,
    "Ear": 0.035,
    "Shoulder": 0.079,
    "Elbow": 0.072,
    "Wrist": 0.062,
    "Hip": 0.107,
    "Knee": 0.087,
    "Ankle": 0.089,
}
PLACES = st.floats(-500, 1500)


def alike(one: Pose, other: Pose, slack: float = 0.0) -> float:
    expected, seen = find_detections([one]), find_detections([other])
    return float(compare(expected, seen, slack)[0, 0])


def compare(expected: Detections, seen: Detections, slack: float = 0.0) -> np.ndarray:
    return similarity(expected.positions, expected.sure, expected.sizes, np.full(len(expected.poses), slack), seen)


def by_hand(one: Pose, other: Pose, slack: float) -> float:
    """COCO's formula for two bodies that are seen whole, without exchanging sides."""

    def size(pose: Pose) -> float:
        xs, ys = [point.x for point in pose.keypoints], [point.y for point in pose.keypoints]
        return math.hypot(max(xs) - min(xs), max(ys) - min(ys)) / 2

    scale = max(size(one), size(other), 1.0)
    total = 0.0
    for name, a, b in zip(KEYPOINT_NAMES, one.keypoints, other.keypoints, strict=True):
        k = 2 * SIGMAS[name.removeprefix("left").removeprefix("right")]
        distance = math.dist(a[:2], b[:2])
        total += math.exp(-(distance**2) / (2 * scale**2 * (k**2 + slack**2)))
    return total / 17


@given(PLACES, PLACES, st.floats(50, 600), st.floats(0, 2))
def test_it_is_cocos(x: float, y: float, height: float, slack: float) -> None:
    one, other = stick(400), stick(x, y, height)
    straight, crosswise = by_hand(one, other, slack), by_hand(one, swapped(other), slack)
    assert alike(one, other, slack) == pytest.approx(max(straight, crosswise), abs=1e-9)


@given(PLACES, PLACES)
def test_it_is_the_same_either_way_and_one_with_itself(x: float, y: float) -> None:
    one, other = stick(400), stick(x, y, 250)
    assert alike(one, other) == pytest.approx(alike(other, one))
    assert alike(one, one) == alike(one, swapped(one)) == pytest.approx(1.0)


def test_half_a_body_is_like_the_whole_of_it() -> None:
    half = stick(400, seen=UPPER)
    assert alike(stick(400), half) == pytest.approx(1.0)
    # The size of the whole body counts, so that the same way is less of it.
    assert alike(stick(400), stick(410, seen=UPPER)) > alike(stick(400, seen=UPPER), stick(410, seen=UPPER))


def test_few_common_keypoints_say_little() -> None:
    """Two hips that agree are no person that agrees."""
    legs = stick(400, seen={11, 12, 13, 14})
    trunk = stick(400, seen={5, 6, 11, 12})
    assert alike(legs, trunk) == pytest.approx(0.5)
    assert alike(stick(400, seen={1, 2, 3, 4}), legs) == 0.0


def test_who_may_have_roamed_is_alike_from_farther_away() -> None:
    values = [alike(stick(400), stick(400 + HEIGHT / 2), slack) for slack in (0.0, 0.3, 1.0)]
    assert values[0] < 0.05 < values[1] < 0.5 < values[2]


def test_everybody_is_compared_with_everybody() -> None:
    table = compare(
        find_detections([stick(100, score=0.9), stick(500)]), find_detections([stick(110), stick(505, score=0.9)])
    )
    assert table.shape == (2, 2)
    # The surest come first: 100 and 500 against 505 and 110.
    assert table[0, 1] > 0.5 > table[0, 0]
    assert table[1, 0] > 0.5 > table[1, 1]
