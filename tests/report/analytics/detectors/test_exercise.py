"""Squats, jumping jacks and arm raises, counted."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest

from edge.geometry.anthropometry import FOREARM
from edge.pose import KEYPOINT_NAMES, Keypoint, Person
from edge.report.analytics.detectors.exercise import Exercise, RepetitionsSettings
from edge.report.analytics.event import Event
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.scene_player import Said, filmed, kinds, play, without

SETTINGS = RepetitionsSettings()
HEIGHT_PX = 234.0
"""Height of the person who stands in the middle, px."""
COUNTS = {
    "squats": ("squats", 8, 2.6),
    "jumping-jacks": ("jumping_jacks", 10, 1.1),
    "arm-raises": ("arm_raises", 8, 2.8),
}
"""By scene: what is done, how often, and how long one takes, s."""
Seen = list[tuple[float, tuple[Person, ...]]]


CAMERAS = pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
SIDES = pytest.mark.parametrize("turned", [0.0, 45.0, 90.0], ids=["front", "oblique", "side"])


def seen(name: str, rate: float = 10.0, camera: Camera = CORNER, turned: float = 0.0) -> Seen:
    return list(filmed(name, camera, rate, turned=turned))


def then(first: Seen, second: Seen, pause: float = 0.1) -> Seen:
    """One after the other."""
    return first + [(first[-1][0] + pause + t, persons) for t, persons in second]


def still(seconds: float) -> Seen:
    return [(t, persons) for t, persons in seen("stand-still") if t <= seconds]


def events(said: list[Said]) -> list[Event]:
    return [event for each in said for event in each.events]


@pytest.mark.parametrize("rate", [5.0, 8.0, 10.0, 15.0])
@CAMERAS
@pytest.mark.parametrize("name", COUNTS)
def test_each_is_counted_exactly(name: str, camera: Camera, rate: float) -> None:
    exercise, count, cycle = COUNTS[name]
    said = play(Exercise(SETTINGS), then(seen(name, rate, camera), still(13.0)))
    *repetitions, ended = events(said)
    assert [event.details["count"] for event in repetitions] == list(range(SETTINGS.least, count + 1))
    assert {event.details["exercise"] for event in repetitions} == {exercise}
    assert (ended.kind, ended.details) == ("exercise_ended", {"exercise": exercise, "count": count})
    for event in repetitions[2:]:
        assert event.details["tempo"] == pytest.approx(60 / cycle, rel=0.12)
    times = [each.time for each in said if each.events]
    assert all(after - before == pytest.approx(cycle, abs=2.5 / rate) for before, after in pairwise(times[:-1]))
    assert times[-1] - times[-2] == pytest.approx(SETTINGS.pause, abs=0.3)
    assert said[-1].state == {"exercise": "none", "repetitions": 0, "tempo": 0}


def test_the_state_says_what_is_being_done() -> None:
    said = play(Exercise(SETTINGS), seen("squats"))
    known = [each.state for each in said if each.state["exercise"] != "none"]
    assert {state["exercise"] for state in known} == {"squats"}
    assert [state["repetitions"] for state in known] == sorted(state["repetitions"] for state in known)
    assert known[-1]["repetitions"] == 8
    assert known[-1]["tempo"] == pytest.approx(60 / 2.6, rel=0.1)


@pytest.mark.parametrize("name", ["sit", "pick-up", "tie-shoes", "fall-get-up", "raise-hand", "both-hands", "wave"])
def test_once_is_no_exercise_and_neither_is_twice(name: str) -> None:
    assert kinds(play(Exercise(SETTINGS), then(seen(name), seen(name)))) == []


def test_how_often_is_a_setting() -> None:
    said = play(Exercise(RepetitionsSettings(least=6)), then(seen("squats"), still(13.0)))
    assert [event.details["count"] for event in events(said)] == [6, 7, 8, 8]
    assert kinds(play(Exercise(RepetitionsSettings(least=9)), then(seen("squats"), still(13.0)))) == []


def test_after_a_pause_it_begins_anew() -> None:
    """Between the two times nothing is done for 5.6 s."""
    twice = then(seen("squats"), seen("squats"))
    hasty = play(Exercise(RepetitionsSettings(pause=5.0)), twice)
    assert [event.details["count"] for event in events(hasty)] == [3, 4, 5, 6, 7, 8, 8, 3, 4, 5, 6, 7, 8]
    said = play(Exercise(SETTINGS), twice)
    assert [event.details["count"] for event in events(said)] == list(range(3, 17))


def ended(film: Seen) -> list[tuple[object, object]]:
    """The exercises that ended, each with its count."""
    said = play(Exercise(SETTINGS), then(film, [(t, ()) for t in (0.0, 7.0, 14.0)]))
    return [(each.details["exercise"], each.details["count"]) for each in events(said) if each.kind == "exercise_ended"]


@CAMERAS
@SIDES
def test_squats_are_counted_from_every_side(camera: Camera, turned: float) -> None:
    assert ended(seen("squats", 10.0, camera, turned)) == [("squats", 8)]


@CAMERAS
@SIDES
def test_squats_eight_seconds_apart_count(camera: Camera, turned: float) -> None:
    assert ended(seen("slow-squats", 10.0, camera, turned)) == [("squats", 4)]


@CAMERAS
@SIDES
@pytest.mark.parametrize("name", ["lunges", "lift-bar", "boxing"])
def test_what_is_none_of_the_exercises(name: str, camera: Camera, turned: float) -> None:
    assert ended(seen(name, 10.0, camera, turned)) == []
    assert ended(list(filmed(name, camera, 15.0, Noise(), 1, turned))) == []


@CAMERAS
@SIDES
def test_picking_up_between_squats_does_not_count(camera: Camera, turned: float) -> None:
    """Six times and eight, each within the pause of the other."""
    both = then(seen("squats", 10.0, camera, turned), seen("pick-ups", 10.0, camera, turned))
    assert ended(both) == [("squats", 8)]


def nowhere(t: float) -> float:
    return 0.0


def moved(film: Seen, name: str, up: Callable[[float], float], right: Callable[[float], float] = nowhere) -> Seen:
    """The same with one keypoint moved by what its time says, body heights."""
    number = KEYPOINT_NAMES.index(name)

    def change(person: Person, t: float) -> Person:
        points = list(person.pose.keypoints)
        x, y, score = points[number]
        points[number] = Keypoint(x + right(t) * HEIGHT_PX, y - up(t) * HEIGHT_PX, score)
        return person._replace(pose=person.pose._replace(keypoints=tuple(points)))

    return [(t, tuple(change(person, t) for person in persons)) for t, persons in film]


def test_an_ankle_that_is_always_found_too_high_hides_no_squat() -> None:
    """As where one leg hides the other: only what changes between standing and the bottom tells a lunge."""
    film = seen("squats", camera=SHELF)
    assert ended(moved(film, "leftAnkle", lambda t: 0.15)) == [("squats", 8)]
    # One heel that leaves the floor whenever the hips are down: a lunge from the front.
    assert ended(moved(film, "leftAnkle", while_down)) == []


def while_down(t: float) -> float:
    """0.15 while the hips are well below standing; a squat takes 2.7 s."""
    return 0.15 * (0.5 < (t - 1.5) % 2.7 < 2.0)


@pytest.mark.parametrize("joints", [("leftKnee",), ("leftKnee", "leftAnkle")], ids=["a level shank", "a foot behind"])
def test_legs_that_part_as_the_hips_go_down_lunge(joints: tuple[str, ...]) -> None:
    film = seen("squats", camera=SHELF)
    for joint in joints:
        film = moved(film, joint, while_down)
    assert ended(film) == []


def test_feet_that_are_far_apart_along_the_way_lunge() -> None:
    """From the side, where shoulders are narrow; from the front feet may stand as wide."""
    for turned, expected in ((90.0, []), (0.0, [("squats", 8)])):
        film = seen("squats", camera=SHELF, turned=turned)
        for joint, way in (("leftKnee", 0.13), ("leftAnkle", 0.26)):
            film = moved(film, joint, lambda t: 0.0, lambda t, way=way: way)
        assert ended(film) == expected


@pytest.mark.parametrize("turned", [0.0, 45.0, 90.0, 180.0])
def test_picking_up_is_told_by_the_trunk_where_no_hand_is_seen(turned: float) -> None:
    film = seen("pick-ups", camera=SHELF, turned=turned)
    assert ended([(t, tuple(without(person, "Wrist") for person in persons)) for t, persons in film]) == []


def test_picking_up_is_told_by_a_hand_at_the_floor() -> None:
    """With an upright trunk, and one hand."""

    def low(person: Person) -> Person:
        points = list(person.pose.keypoints)
        ankle = points[KEYPOINT_NAMES.index("rightAnkle")]
        points[KEYPOINT_NAMES.index("rightWrist")] = ankle._replace(x=ankle.x + 20.0)
        return person._replace(pose=person.pose._replace(keypoints=tuple(points)))

    assert ended([(t, tuple(low(person) for person in persons)) for t, persons in seen("squats")]) == []


def test_bouncing_at_the_bottom_is_one_squat() -> None:
    """The hips rise by nearly half of the way, go down again, and then come up."""
    frames = seen("squats", camera=SHELF, turned=180.0)
    order: list[int] = []
    for number in range(len(frames)):
        order.append(number)
        if number >= 28 and (number - 28) % 27 == 0 and number < 28 + 8 * 27:
            order += [*range(number - 1, number - 7, -1), *[number - 6] * 3, *range(number - 5, number + 1)]
    film = [(n / 10, frames[number][1]) for n, number in enumerate(order)]
    assert ended(film) == [("squats", 8)]


def test_a_hip_that_jumps_is_no_squat() -> None:
    """The way down from there only leads to where they were."""
    film = moved(moved(seen("stand-still"), "leftHip", hop), "rightHip", hop)
    assert ended(film) == []


def hop(t: float) -> float:
    return 0.12 * (t % 3.0 < 0.15)


def test_arms_that_swing_while_the_hips_go_up_and_down_are_not_raised() -> None:
    """At another pace than the arms: lunges and squats with whatever the arms do."""

    def dip(t: float) -> float:
        return -0.08 * (1 - math.cos(math.tau * t / 1.9))

    found = ended(moved(moved(seen("arm-raises"), "leftHip", dip), "rightHip", dip))
    assert "arm_raises" not in dict(found)


def test_elbows_that_stay_below_are_not_raised() -> None:
    """They go up by as much, from where a model errs to where curls end."""

    def lower(person: Person) -> Person:
        points = list(person.pose.keypoints)
        for side in ("left", "right"):
            number, shoulder = KEYPOINT_NAMES.index(f"{side}Elbow"), points[KEYPOINT_NAMES.index(f"{side}Shoulder")]
            hanging = (points[number].y - shoulder.y) / (0.186 * HEIGHT_PX)
            points[number] = points[number]._replace(y=shoulder.y + (0.13 + 0.13 * hanging) * HEIGHT_PX)
            wrist = KEYPOINT_NAMES.index(f"{side}Wrist")
            points[wrist] = points[wrist]._replace(y=points[number].y + 0.1 * HEIGHT_PX)
        return person._replace(pose=person.pose._replace(keypoints=tuple(points)))

    assert ended([(t, tuple(lower(person) for person in persons)) for t, persons in seen("arm-raises")]) == []


def test_squats_count_only_where_both_legs_were_seen() -> None:
    hidden = [(t, tuple(without(person, "leftKnee") for person in persons)) for t, persons in seen("squats")]
    assert ended(hidden) == []


def test_who_sits_down_for_long_has_done_no_squat() -> None:
    """The lowest frame is held for 9 s, each time."""
    film = seen("squats")
    slow = [(t + 9.0 * ((t - 0.2) // 2.7), persons) for t, persons in film]
    held = [
        (before + n / 10, persons)
        for (before, persons), (after, _) in pairwise(slow)
        for n in range(round(10 * (after - before)))
    ]
    patient = RepetitionsSettings(pause=30.0)
    assert kinds(play(Exercise(patient), held)) == []
    assert "repetition" in kinds(play(Exercise(patient), film))


def test_squats_while_walking_away_do_not_count() -> None:
    """The feet move by two body heights with each, as they would in a step and not in a squat."""
    film = [
        (t, tuple(across(person, 2.0 * HEIGHT_PX * ((t - 1.5) / 2.7)) for person in persons))
        for t, persons in seen("squats", camera=SHELF)
    ]
    assert ended(film) == []


def across(person: Person, px: float) -> Person:
    points = tuple(point._replace(x=point.x + px) for point in person.pose.keypoints)
    return person._replace(pose=person.pose._replace(keypoints=points))


def test_a_bar_pressed_over_the_head_is_no_arm_raise() -> None:
    """The elbows go as far up and down as in arm raises; the hands are never below them."""
    film = seen("arm-raises")
    assert ended(film) == [("arm_raises", 8)]
    pressed = [(t, tuple(bent(person) for person in persons)) for t, persons in film]
    assert ended(pressed) == []


def bent(person: Person) -> Person:
    """Both forearms upright."""
    points = list(person.pose.keypoints)
    for side in ("left", "right"):
        elbow = points[KEYPOINT_NAMES.index(f"{side}Elbow")]
        points[KEYPOINT_NAMES.index(f"{side}Wrist")] = elbow._replace(y=elbow.y - FOREARM * HEIGHT_PX)
    return person._replace(pose=person.pose._replace(keypoints=tuple(points)))


def test_one_exercise_after_the_other() -> None:
    for first, second in (("squats", "jumping-jacks"), ("jumping-jacks", "arm-raises"), ("arm-raises", "squats")):
        said = play(Exercise(SETTINGS), then(then(seen(first), seen(second)), still(13.0)))
        over = {str(event.details["exercise"]): int(event.details["count"]) for event in events(said)}
        assert set(over) == {COUNTS[first][0], COUNTS[second][0]}
        # Where arms go over from one into the other, it takes one or two to tell.
        assert all(abs(over[exercise] - count) <= 2 for exercise, count, _ in (COUNTS[first], COUNTS[second]))


def test_who_goes_away_has_ended() -> None:
    said = play(Exercise(SETTINGS), [*seen("squats"), *((25.0 + n / 10, ()) for n in range(160))])
    assert kinds(said)[-2:] == ["repetition", "exercise_ended"]
    assert said[-1].state["exercise"] == "none"


def test_two_at_once_are_counted_each() -> None:
    both = [
        (t, (*persons, *(person._replace(id=2) for person in others)))
        for (t, persons), (_, others) in zip(seen("squats"), seen("arm-raises"), strict=False)
    ]
    said = play(Exercise(SETTINGS), both)
    last = {event.person: (event.details["exercise"], event.details["count"]) for event in events(said)}
    assert last[1] == ("squats", 8)
    assert last[2][0] == "arm_raises"
    assert {each.state["exercise"] for each in said} == {"none", "squats", "arm_raises"}
