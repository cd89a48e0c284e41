"""What holds of the tracker whatever it is given: properties, not scenes."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from tests.support.stick_people import HEIGHT, ids, stick, tracker, trembling, with_score

PLACE = st.floats(-2000, 3000)


def strange(seed: int) -> Pose:
    """Keypoints anywhere, as sure as can be or not at all."""
    dice = random.Random(seed)
    scores = [dice.choice((0.0, 0.3, dice.random(), 1.0)) for _ in range(KEYPOINT_COUNT)]
    keypoints = (Keypoint(dice.uniform(-2000, 3000), dice.uniform(-2000, 3000), score) for score in scores)
    return Pose(dice.random(), tuple(keypoints))


SEEN = st.sampled_from([range(17), range(11), range(11, 17), range(1, 17, 2), range(3), ()])
BODY = st.builds(stick, PLACE, PLACE, st.floats(0, 900), SEEN, st.floats(0.2, 1))
POSES = st.lists(st.integers(0, 2**32).map(strange) | BODY, max_size=5, unique_by=lambda pose: pose.score)
SETTINGS = st.fixed_dictionaries(
    {
        "keep": st.floats(0.1, 30),
        "confirm": st.just(0.0) | st.floats(0, 1),
        "smoothing": st.sampled_from(["off", "normal", "strong"]),
    }
)
TIMES = st.floats(0, 100) | st.sampled_from([0.0, 1.0, 1e4])
"""Of each picture, on a clock that stands still, jumps and goes backwards."""


@given(st.lists(st.tuples(POSES, TIMES), max_size=8), SETTINGS)
def test_each_pose_is_one_person_at_most_and_each_person_one_pose(
    pictures: list[tuple[list[Pose], float]], chosen: dict[str, object]
) -> None:
    follow = tracker(**chosen)
    known: set[int] = set()
    for poses, now in pictures:
        persons = follow.update(poses, now)
        assert len(set(ids(persons))) == len(persons)
        by_score = {pose.score: pose for pose in poses}
        # Scores are what the tracker leaves as they were, and no two poses of a picture have the same.
        assert len({person.pose.score for person in persons}) == len(persons)
        for person in persons:
            pose = by_score[person.pose.score]
            assert [point.score for point in person.pose.keypoints] == [point.score for point in pose.keypoints]
            assert all(math.isfinite(value) for point in person.pose.keypoints for value in point)
        newcomers = set(ids(persons)) - known
        assert all(number > max(known, default=0) for number in newcomers)
        known |= newcomers


@given(st.lists(st.tuples(POSES, TIMES), max_size=6), SETTINGS, st.randoms())
def test_the_order_of_the_poses_says_nothing(
    pictures: list[tuple[list[Pose], float]], chosen: dict[str, object], dice: random.Random
) -> None:
    one, other = tracker(**chosen), tracker(**chosen)
    for poses, now in pictures:
        assert one.update(dice.sample(poses, len(poses)), now) == other.update(poses, now)


@given(st.lists(st.tuples(POSES, TIMES), max_size=6))
def test_unsmoothed_is_as_decoded(pictures: list[tuple[list[Pose], float]]) -> None:
    follow = tracker(smoothing="off", confirm=0.0)
    for poses, now in pictures:
        rounded = {tuple(p._replace(x=round(p.x, 2), y=round(p.y, 2)) for p in pose.keypoints) for pose in poses}
        for person in follow.update(poses, now):
            found = tuple(p._replace(x=round(p.x, 2), y=round(p.y, 2)) for p in person.pose.keypoints)
            assert any(close(found, each) for each in rounded)


def close(one: tuple[Keypoint, ...], other: tuple[Keypoint, ...]) -> bool:
    """Within the last decimal, as two ways to round a half may differ."""
    return all(abs(a - b) <= 0.011 for p, q in zip(one, other, strict=True) for a, b in zip(p, q, strict=True))


def walk(seed: int, rate: float, seconds: float = 3.0) -> list[tuple[float, list[Pose]]]:
    """Three people who walk, pass each other, and tremble: times and poses."""
    dice = random.Random(seed)
    speeds = [dice.uniform(-0.8, 0.8) * HEIGHT for _ in range(3)]
    tops = [0.0, 250.0, 500.0]
    starts = [dice.uniform(0, 900) for _ in range(3)]
    scores = [0.9, 0.8, 0.7]
    pictures = []
    for number in range(round(seconds * rate)):
        now = number / rate
        poses = [
            stick(start + speed * now, top, score=score)
            for start, speed, top, score in zip(starts, speeds, tops, scores, strict=True)
        ]
        pictures.append((now, [trembling(pose, 2.0, dice) for pose in poses]))
    return pictures


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([30.0, 20.0, 15.0, 10.0, 5.0, 3.0]))
def test_a_lower_frame_rate_gives_the_same_ids(seed: int, rate: float) -> None:
    follow = tracker()
    for now, poses in walk(seed, rate):
        # The surest first, and so they were numbered.
        assert ids(follow.update(poses, now)) == [1, 2, 3]


def moved(pose: Pose, factor: float, x: float, y: float) -> Pose:
    return pose._replace(keypoints=tuple(p._replace(x=factor * p.x + x, y=factor * p.y + y) for p in pose.keypoints))


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.3, 3), st.floats(-500, 500), st.floats(-500, 500))
def test_what_is_moved_or_enlarged_is_followed_alike(seed: int, factor: float, x: float, y: float) -> None:
    one, other = tracker(), tracker()
    for now, poses in walk(seed, 10.0, 1.5):
        expected = one.update(poses, now)
        found = other.update([moved(pose, factor, x, y) for pose in poses], now)
        assert ids(found) == ids(expected)
        for ours, theirs in zip(found, expected, strict=True):
            for p, q in zip(ours.pose.keypoints, moved(theirs.pose, factor, x, y).keypoints, strict=True):
                assert p == pytest.approx(q, abs=0.01 * (1 + factor))


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(-1e6, 1e6))
def test_any_clock_will_do(seed: int, epoch: float) -> None:
    one, other = tracker(), tracker()
    for now, poses in walk(seed, 10.0, 1.0):
        expected, found = one.update(poses, now), other.update(poses, now + epoch)
        assert ids(found) == ids(expected)
        for ours, theirs in zip(found, expected, strict=True):
            assert close(ours.pose.keypoints, theirs.pose.keypoints)


@given(st.lists(st.floats(-50, 29) | st.floats(31, 50), min_size=1, max_size=10))
def test_a_clock_that_goes_wrong_loses_nobody_who_stays(steps: list[float]) -> None:
    """A step backwards, or none, is no time; one forwards longer than anybody is waited for is the only loss."""
    follow = tracker(keep=30.0)
    now, expected = 0.0, 1
    assert ids(follow.update([stick(400)], now)) == [expected]
    for step in steps:
        expected += step > 30.0
        now += step
        assert ids(follow.update([stick(400)], now)) == [expected], step


def test_a_keypoint_that_is_unsure_is_not_smoothed() -> None:
    follow, dice = tracker(), random.Random(5)
    pairs: list[tuple[Pose, Person]] = []
    for number in range(30):
        pose = trembling(stick(400, seen=range(12)), 3.0, dice)
        pairs.append((pose, follow.update([pose], number / 15)[0]))
    for pose, person in pairs[1:]:
        for number, (raw, smooth) in enumerate(zip(pose.keypoints, person.pose.keypoints, strict=True)):
            if number >= 12:
                assert smooth == pytest.approx(raw, abs=0.006)
    sure = [[person.pose.keypoints[3].x for _, person in pairs], [pose.keypoints[3].x for pose, _ in pairs]]
    ways = [sum(abs(b - a) for a, b in pairwise(values)) for values in sure]
    assert ways[0] < 0.5 * ways[1]


def test_a_crowd_is_followed_too() -> None:
    follow = tracker()
    for number in range(5):
        poses = [stick(200.0 * column + 3 * number, score=0.5 + column / 50) for column in range(20)]
        assert ids(follow.update(poses, number / 15)) == list(range(1, 21))


def test_a_flood_of_bodies_is_not_followed_without_end() -> None:
    follow, dice = tracker(keep=30.0, confirm=0.0), random.Random(3)
    for number in range(40):
        poses = [stick(dice.uniform(0, 90_000), score=0.5 + column / 50) for column in range(20)]
        assert len(follow.update(poses, number / 15)) == 20
        assert follow.track_count <= 40


def test_what_numpy_counts_is_published_as_plain_numbers() -> None:
    (person,) = tracker().update([with_score(stick(400.123456).keypoints)], 0.0)
    assert type(person.id) is int
    assert {type(value) for point in person.pose.keypoints for value in point} == {float}
    assert person.pose.keypoints[0].x == 400.12
