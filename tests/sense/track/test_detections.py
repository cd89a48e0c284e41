"""Which poses are bodies, and how large they are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sense.track.detections import find_detections
from tests.support.stick_people import HEIGHT, shadow, stick


def test_four_sure_keypoints_make_a_body() -> None:
    assert len(find_detections([stick(100, seen=range(4))]).poses) == 1
    assert len(find_detections([stick(100, seen=range(3))]).poses) == 0
    assert len(find_detections([stick(100, score=0.29)]).poses) == 0
    assert len(find_detections([]).poses) == 0


def test_the_shadow_of_a_body_is_none() -> None:
    whole = stick(100)
    assert find_detections([shadow(whole), whole]).poses == [whole]


def test_a_body_that_shares_less_than_half_with_another_is_one() -> None:
    behind = stick(150)
    assert len(find_detections([stick(100), behind._replace(score=0.6 * behind.score)]).poses) == 2


@given(st.permutations([stick(100), stick(200, score=0.9), stick(300, score=0.5), stick(400, seen=range(2))]))
def test_the_surest_come_first_in_whichever_order_they_come(poses: list) -> None:
    bodies = find_detections(poses)
    assert [pose.keypoints[0].x for pose in bodies.poses] == [200, 100, 300]
    assert [position.real for position in bodies.positions[:, 0]] == [200, 100, 300]


@pytest.mark.parametrize("seen", [range(17), range(5, 17)])
def test_the_size_is_half_the_diagonal_of_what_is_sure(seen: range) -> None:
    pose = stick(100, seen=seen)
    sure = [pose.keypoints[number] for number in seen]
    across = max(point.x for point in sure) - min(point.x for point in sure)
    down = max(point.y for point in sure) - min(point.y for point in sure)
    assert find_detections([pose]).sizes[0] == pytest.approx(math.hypot(across, down) / 2)
    assert find_detections([pose]).sizes[0] < HEIGHT


def test_a_body_of_no_extent_has_a_size() -> None:
    assert find_detections([stick(100, height=0.0)]).sizes[0] == 1.0
