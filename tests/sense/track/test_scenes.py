"""Who is who when people cross, hide, flicker and are seen by halves."""

import pickle
import random

import pytest

from edge.config.settings import TrackSettings
from edge.pose import Pose
from edge.sense.track import Tracker
from tests.support.stick_people import HEIGHT, UPPER, fallen, id_at, ids, shadow, stick, swapped, tracker, trembling

RATE = 15.0


def watch(follow: Tracker, poses: list[Pose], start: float, seconds: float, rate: float = RATE) -> list[list[int]]:
    """The ids in every picture of people who stand still, from ``start`` (included) on."""
    return [ids(follow.update(poses, start + number / rate)) for number in range(round(seconds * rate))]


def test_whoever_is_there_at_the_start_is_a_person_at_once() -> None:
    assert ids(tracker().update([stick(200), stick(600, score=0.9)], 1000.0)) == [1, 2]


def test_nobody_is_nobody() -> None:
    follow = tracker()
    assert watch(follow, [], 0.0, 1.0) == [[]] * 15
    assert follow.track_count == 0


@pytest.mark.parametrize("rate", [5.0, 10.0, 15.0, 30.0, 60.0])
def test_whoever_comes_is_a_person_after_a_moment(rate: float) -> None:
    follow = tracker(confirm=0.1)
    watch(follow, [], 0.0, 1.0, rate)
    seen = watch(follow, [stick(400)], 1.0, 1.0, rate)
    first = seen.index([1])
    assert 0.1 <= first / rate + 1e-9 < 0.1 + 1 / rate
    assert seen == [[]] * first + [[1]] * (len(seen) - first)


def test_a_flicker_is_no_person_and_costs_no_id() -> None:
    follow = tracker(confirm=0.1)
    watch(follow, [stick(200)], 0.0, 1.0)
    for number in range(15, 60):
        flicker = [stick(700, 300)] if number % 3 < 2 else []
        assert ids(follow.update([stick(200), *flicker], number / RATE)) == [1]
    assert watch(follow, [stick(200), stick(700, 300, score=0.5)], 4.0, 1.0)[-1] == [1, 2]


def test_with_confirm_0_everybody_is_a_person_at_once() -> None:
    follow = tracker(confirm=0.0)
    follow.update([], 0.0)
    assert ids(follow.update([stick(400)], 0.1)) == [1]


def test_a_shadow_is_no_person() -> None:
    follow = tracker(confirm=0.0)
    for number in range(10):
        assert ids(follow.update([shadow(stick(402)), stick(400)], number / RATE)) == [1]


@pytest.mark.parametrize("rate", [2.0, 5.0, 15.0, 30.0])
def test_somebody_hidden_for_less_than_keep_is_the_same(rate: float) -> None:
    follow = tracker(keep=2.0)
    watch(follow, [stick(400)], 0.0, 2.0, rate)
    assert watch(follow, [], 2.0, 1.5, rate) == [[]] * round(1.5 * rate), "nobody is published who is only expected"
    assert watch(follow, [stick(400)], 3.5, 1.0, rate) == [[1]] * round(rate)


@pytest.mark.parametrize("rate", [5.0, 15.0, 30.0])
def test_somebody_gone_for_longer_than_keep_is_somebody_new(rate: float) -> None:
    follow = tracker(keep=2.0)
    watch(follow, [stick(400)], 0.0, 2.0, rate)
    watch(follow, [], 2.0, 2.5, rate)
    assert watch(follow, [stick(400)], 4.5, 1.0, rate)[-1] == [2]


def test_nothing_is_remembered_of_who_has_gone() -> None:
    """Nothing in a tracker tells where somebody was."""
    left, right = tracker(keep=1.0), tracker(keep=1.0)
    for follow, x in ((left, 200), (right, 600)):
        watch(follow, [stick(x)], 0.0, 2.0)
        watch(follow, [], 2.0, 0.5)
        assert follow.track_count == 1
    assert pickle.dumps(left) != pickle.dumps(right)
    for follow in (left, right):
        watch(follow, [], 2.5, 1.0)
        assert follow.track_count == 0
    assert pickle.dumps(left) == pickle.dumps(right)


def test_who_leaps_farther_than_anybody_can_is_somebody_else() -> None:
    """Six tenths of a body's height in a fifteenth of a second would be fifteen metres a second."""
    follow = tracker()
    watch(follow, [stick(400)], 0.0, 1.0)
    assert watch(follow, [stick(400 + 0.6 * HEIGHT)], 1.0, 1.0)[-1] == [2]


def test_who_comes_elsewhere_while_somebody_is_waited_for_is_somebody_else() -> None:
    follow = tracker(keep=20.0)
    for number in range(15):
        follow.update([stick(400 + 16 * number)], number / RATE)
    watch(follow, [], 1.0, 10.0)
    assert watch(follow, [stick(400 + 4 * HEIGHT)], 11.0, 1.0)[-1] == [2]
    assert watch(follow, [stick(400 + 2 * HEIGHT)], 12.0, 1.0)[-1] == [1], "whoever went on as before is the same"


@pytest.mark.parametrize("rate", [3.0, 5.0, 10.0, 15.0, 30.0])
def test_who_runs_into_view_is_a_person_and_one(rate: float) -> None:
    """Two heights a second are 3.4 m/s."""
    follow = tracker()
    follow.update([], 0.0)
    times = [number / rate for number in range(1, round(2 * rate))]
    seen = [ids(follow.update([stick(2 * HEIGHT * now)], now)) for now in times]
    first = seen.index([1])
    assert first / rate <= 0.1 + 1 / rate
    assert seen[first:] == [[1]] * (len(seen) - first)


@pytest.mark.parametrize("rate", [3.0, 5.0, 10.0, 15.0, 30.0])
def test_who_falls_is_still_the_same(rate: float) -> None:
    """To the side, about the feet, in 0.6 s."""
    follow, dice = tracker(), random.Random(1)
    for number in range(round(4 * rate)):
        now = number / rate
        pose = fallen(stick(400), 88 * min(max(0.0, now - 1) / 0.6, 1.0) ** 2)
        assert ids(follow.update([trembling(pose, 2, dice)], now)) == [1], now


def test_who_comes_near_where_somebody_was_hidden_is_somebody_else() -> None:
    follow = tracker()
    watch(follow, [stick(400)], 0.0, 1.0)
    watch(follow, [], 1.0, 0.5)
    assert watch(follow, [stick(400 + 1.2 * HEIGHT)], 1.5, 0.5)[-1] == [2]


@pytest.mark.parametrize("rate", [3.0, 5.0, 10.0, 15.0, 30.0])
@pytest.mark.parametrize("speed", [0.5, 0.8])
def test_two_who_cross_keep_their_ids(rate: float, speed: float) -> None:
    """The one behind cannot be seen while they are less than a fifth of their height apart."""
    follow, dice = tracker(), random.Random(7)
    for number in range(round(4 * rate)):
        now = number / rate
        ways = speed * HEIGHT * now
        front, back = 100 + ways, 100 + 3.2 * speed * HEIGHT - ways
        poses = [trembling(stick(front, score=0.9), 2, dice)]
        if abs(front - back) > 0.2 * HEIGHT:
            poses.append(trembling(stick(back, 90, 0.9 * HEIGHT, score=0.7), 2, dice))
        seen = follow.update(poses, now)
        if len(poses) == 2:
            assert ids(seen) == [1, 2], now
        else:
            assert ids(seen) == [1], now


def test_somebody_hidden_does_not_take_the_pose_of_who_stands_in_front() -> None:
    follow, dice = tracker(keep=3.0), random.Random(11)
    both = [stick(400, score=0.9), stick(440, 95, score=0.7)]
    watch(follow, both, 0.0, 1.0)
    for number in range(15, 50):
        assert ids(follow.update([trembling(both[0], 3, dice)], number / RATE)) == [1]
    assert ids(follow.update(both, 50 / RATE)) == [1, 2]


def test_persons_come_before_what_is_none_yet() -> None:
    """For a moment the decoder makes two bodies of one, and the new one looks more like what follows."""
    follow = tracker(confirm=0.2)
    whole = stick(400)
    left, right = stick(400, seen=range(1, 17, 2)), stick(425, seen=range(0, 17, 2))
    watch(follow, [whole], 0.0, 1.0)
    assert ids(follow.update([left, right], 1.0)) == [1]
    assert ids(follow.update([left, right], 1.07)) == [1]
    assert watch(follow, [stick(425)], 1.14, 1.0) == [[1]] * 15


def test_somebody_seen_by_halves_is_the_same() -> None:
    follow = tracker()
    lower = frozenset(range(17)) - frozenset(range(5))
    for number, seen in enumerate([frozenset(range(17)), UPPER, frozenset(range(17)), lower] * 10):
        assert ids(follow.update([stick(100 + 12 * number, seen=seen)], number / RATE)) == [1]


def test_left_and_right_exchanged_is_the_same_person() -> None:
    follow = tracker()
    for number in range(40):
        pose = stick(100 + 12 * number)
        assert ids(follow.update([swapped(pose) if number % 3 == 2 else pose], number / RATE)) == [1]


def test_only_one_side_and_then_only_the_other() -> None:
    """No keypoint is common to both pictures but for exchanged sides, and so there is no velocity to take from them."""
    follow = tracker()
    left, right = range(1, 17, 2), range(2, 17, 2)
    for number in range(10):
        (person,) = follow.update([stick(400, height=50, seen=left if number % 2 else right)], number / RATE)
        assert person.id == 1
        assert all(abs(point.x - 400) < 50 for point in person.pose.keypoints)


@pytest.mark.parametrize(("every", "number"), [(0.5, 1), (1.0, 1), (2.0, 1), (10.0, 2)])
def test_somebody_who_sits_is_the_same_however_rarely_a_picture_comes(every: float, number: int) -> None:
    """Where pictures come more rarely than every three seconds that is learnt first: somebody counts anew, once."""
    follow, dice = tracker(), random.Random(2)
    seen = [ids(follow.update([trembling(stick(400), 2, dice)], every * count)) for count in range(10)]
    assert seen == [[1]] + [[number]] * 9


def test_after_a_gap_nobody_is_known_and_whoever_is_there_counts_at_once() -> None:
    follow = tracker()
    watch(follow, [stick(400)], 0.0, 1.0)
    assert ids(follow.update([stick(400)], 60.0)) == [2]


def test_a_clock_that_is_set_back_harms_nobody() -> None:
    follow = tracker()
    watch(follow, [stick(400)], 1000.0, 1.0)
    assert watch(follow, [stick(400)], 0.0, 1.0) == [[1]] * 15
    assert watch(follow, [], 1.0, 1.5)[-1] == []
    assert follow.track_count == 0, "and is forgotten as soon as ever"


@pytest.mark.parametrize("apart", [0.0, 1e-320, 1e-12])
def test_pictures_of_the_same_moment_are_as_decoded(apart: float) -> None:
    follow = tracker()
    for number, x in enumerate((400, 404, 397)):
        (person,) = follow.update([stick(x)], number * apart)
        assert person.id == 1
        assert person.pose.keypoints[0].x == x


def test_settings_change_while_it_runs() -> None:
    follow = tracker(smoothing="normal")
    watch(follow, [stick(400)], 0.0, 1.0)
    (person,) = follow.update([stick(410)], 1.0)
    assert (person.id, person.pose.keypoints[0].x < 409) == (1, True)
    follow.settings = TrackSettings(smoothing="off", keep=5.0)
    (person,) = follow.update([stick(420)], 1.07)
    assert (person.id, person.pose.keypoints[0].x) == (1, 420)
    watch(follow, [], 1.2, 4.0)
    assert ids(follow.update([stick(420)], 5.3)) == [1]


def test_ids_are_counted_on_until_nobody_came_for_a_day() -> None:
    follow = tracker()
    now = 0.0
    for visit in range(1, 60):
        assert watch(follow, [stick(400)], now, 1.0)[-1] == [visit]
        watch(follow, [], now + 1.0, 2.0)
        now += 1800.0
    assert ids(follow.update([stick(400)], now + 86400.0)) == [1]


def test_the_first_of_two_who_come_together_is_the_surer() -> None:
    follow = tracker()
    follow.update([], 0.0)
    for number in range(1, 10):
        persons = follow.update([stick(700, score=0.6), stick(300, score=0.9)], number / RATE)
    assert (id_at(persons, 300), id_at(persons, 700)) == (1, 2)
