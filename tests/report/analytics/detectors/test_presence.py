"""Somebody is there, and how many."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import ExitSettings
from edge.pose import Person
from edge.report.analytics.detectors.presence import Presence, PresenceSettings
from edge.report.analytics.signal.debounce import Debounce
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from edge.tools.simulate.scenes import frames, scene
from tests.support.scene_player import Said, act, filmed, kinds, nobody, on_floor, play

SETTINGS = PresenceSettings()
LOST_S = 4.5
"""When somebody stands in the middle of the scene ``sit``."""


def somebody(
    seconds: float, many: int = 1, rate: float = 15.0, start: float = 0.0
) -> list[tuple[float, tuple[Person, ...]]]:
    """That many who stand still."""
    (_, (person,)) = next(frames(scene("stand-still")))
    persons = tuple(person._replace(id=number) for number in range(1, many + 1))
    return [(start + number / rate, persons) for number in range(int(seconds * rate) + 1)]


def test_nothing_is_known_before_somebody_looked_for_long_enough() -> None:
    presence = Presence(SETTINGS)
    assert presence.state == dict.fromkeys(("occupied", "people", "assumed", "assumed_for"))
    said = play(presence, nobody(10))
    assert {each.state["occupied"] for each in said if each.time < SETTINGS.clear} == {None}
    assert {each.state["occupied"] for each in said if each.time > SETTINGS.clear} == {False}
    assert said[-1].state["people"] == 0
    assert kinds(said) == []


def test_somebody_arrives_and_leaves() -> None:
    said = play(Presence(SETTINGS), [*somebody(3), *nobody(10, start=4.0)])
    assert kinds(said) == ["arrived", "left"]
    arrived, left = (each.time for each in said if each.events)
    assert SETTINGS.enter <= arrived < SETTINGS.enter + 0.1
    assert 4.0 + SETTINGS.clear <= left < 4.0 + SETTINGS.clear + 0.1


def head_down(person: Person, score: float = 0.7) -> Person:
    """Turned by a half: somebody whom only a second look shows."""
    points = (point._replace(x=640 - point.x, y=480 - point.y) for point in person.pose.keypoints)
    return person._replace(pose=person.pose._replace(score=score, keypoints=tuple(points)))


def now_and_then(persons: Sequence[tuple[Person, ...]], every: int, seconds: float = 20.0) -> list[Said]:
    """Each of them in turn, in one frame of so many, at 15 frames a second."""
    film = [(k / 15, () if k % every else persons[k // every % len(persons)]) for k in range(int(seconds * 15))]
    return play(Presence(SETTINGS), film)


def test_somebody_whom_only_turned_looks_show_is_there_although_other_looks_come_between() -> None:
    (_, (person,)), *_ = somebody(0)
    said = now_and_then([(head_down(person),)], every=6)
    assert kinds(said) == ["arrived"]
    assert said[-1].state["people"] == 1


def test_what_comes_and_goes_is_nobody() -> None:
    (_, (person,)), *_ = somebody(0)
    for flickering, every in (
        (person._replace(pose=person.pose._replace(score=0.9)), 2),
        (head_down(person, score=0.45), 2),
        (head_down(person), 8),
    ):
        assert kinds(now_and_then([(flickering,)], every)) == []
    once = [(0.0, (head_down(person),)), *nobody(10, start=1 / 15)]
    assert kinds(play(Presence(SETTINGS), once)) == []


def test_one_body_that_is_found_under_two_ids_in_turn_is_one_person() -> None:
    (_, (person,)), *_ = somebody(0)
    said = now_and_then([(head_down(person),), (head_down(person)._replace(id=2),)], every=3)
    assert kinds(said) == ["arrived"]
    assert {each.state["people"] for each in said} <= {None, 0, 1}


def lost(rate: float = 15.0, seconds: float = 100.0, settings: PresenceSettings = SETTINGS) -> list[Said]:
    """Somebody comes in, walks on, and is lost from sight in the middle of the room at ``LOST_S``."""
    film = [frame for frame in filmed("sit", rate=rate, noise=Noise()) if frame[0] <= LOST_S]
    return play(Presence(settings), [*film, *nobody(seconds, rate, LOST_S + 1 / rate)])


def test_who_is_lost_is_assumed_and_it_says_so_until_the_time_is_over() -> None:
    said = lost()
    assert kinds(said) == ["arrived", "assumed_over", "left"]
    (end,) = (each for each in said if len(each.events) == 2)
    assert LOST_S + SETTINGS.assume - 0.2 <= end.time <= LOST_S + SETTINGS.assume + 0.2
    assert end.events[0].details == {"seconds": 60}
    assert end.events[1].details == {"how": "assumed"}
    assert {each.state["occupied"] for each in said if 3.0 < each.time < end.time} == {True}
    assert {each.state["people"] for each in said if 3.0 < each.time < end.time} == {1}
    assert {each.state["assumed"] for each in said if each.time < LOST_S} == {None, 0}
    assert {each.state["assumed"] for each in said if LOST_S + 1.5 < each.time < end.time} == {1}
    assert end.state == {"occupied": False, "people": 0, "assumed": 0, "assumed_for": 0}


def test_the_time_that_remains_is_coarse_and_only_goes_down() -> None:
    for assume in (60.0, 300.0):
        said = lost(5.0, 310.0, PresenceSettings(assume=assume))
        told = [each.state["assumed_for"] for each in said if each.time > LOST_S + 1.5]
        assert told[0] == assume
        assert told == sorted(told, reverse=True)
        assert len(set(told)) <= assume // 60 + 6
        assert all(value % (60 if value > 60 else 10) == 0 for value in told)


def test_it_can_be_switched_off() -> None:
    said = lost(settings=PresenceSettings(assume=0.0, assume_resting=0.0))
    assert kinds(said) == ["arrived", "left"]
    (left,) = (each for each in said for event in each.events if event.kind == "left")
    assert left.time < LOST_S + SETTINGS.clear + 0.2
    assert left.events[0].details == {"how": "lost"}
    assert {each.state["assumed"] for each in said} == {None, 0}


def test_who_walks_out_has_left_after_clear() -> None:
    for name in ("leave", "leave-down", "walk-through"):
        film = filmed(name, noise=Noise())
        last = max(time for time, persons in film if persons)
        said = play(Presence(SETTINGS), [*film, *nobody(8, start=film[-1][0] + 0.1)])
        (left,) = (each for each in said for event in each.events if event.kind == "left")
        assert left.events[0].details == {"how": "edge"}, name
        assert left.time < last + SETTINGS.clear + 0.2
        assert max(each.state["assumed"] or 0 for each in said) == 0


def test_who_is_lost_in_an_exit_has_left_through_it() -> None:
    everywhere = ExitSettings("door", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    film = [frame for frame in filmed("sit", noise=Noise()) if frame[0] <= LOST_S]
    said = play(Presence(SETTINGS, [everywhere]), [*film, *nobody(8, start=LOST_S + 0.1)])
    assert [event.details for each in said for event in each.events if event.kind == "left"] == [{"how": "exit"}]


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
def test_who_lies_down_behind_a_sofa_is_assumed_for_long(camera: Camera) -> None:
    film = filmed("lie-behind-sofa", camera, noise=Noise())
    said = play(Presence(SETTINGS), [*film, *nobody(600, 2.0, start=film[-1][0] + 0.5)])
    assert kinds(said) == ["arrived"]
    assert (said[-1].state["people"], said[-1].state["assumed"]) == (1, 1)


@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
def test_who_walks_out_through_a_door_in_the_picture_has_left_if_it_is_an_exit(camera: Camera) -> None:
    film = filmed("leave-by-door", camera, noise=Noise())
    played = [*film, *nobody(100, 5.0, start=film[-1][0] + 0.1)]
    floor = [on_floor(camera, x, y) for x, y in ((0.1, 4.6), (1.4, 4.6), (1.4, 6.5), (0.1, 6.5))]
    door = ExitSettings("door", tuple(floor))
    assert how_left(play(Presence(SETTINGS, [door]), played)) == ["exit"]
    assert how_left(play(Presence(SETTINGS), played)) == ["assumed"]


def how_left(said: list[Said]) -> list[object]:
    return [event.details["how"] for each in said for event in each.events if event.kind == "left"]


def test_who_has_fallen_and_is_not_found_any_more_is_assumed_for_long() -> None:
    for camera in (CORNER, SHELF):
        film = [frame for frame in filmed("fall", camera, noise=Noise()) if frame[0] <= 8.5]
        said = play(Presence(SETTINGS), [*film, *nobody(600, 2.0, start=9.0)])
        assert kinds(said) == ["arrived"]
        assert (said[-1].state["people"], said[-1].state["assumed"]) == (1, 1)


def test_a_find_now_and_then_does_not_make_the_state_flicker() -> None:
    film = [frame for frame in filmed("sit", noise=Noise()) if frame[0] <= LOST_S]
    person = film[-1][1][0]
    weak = person._replace(id=2, pose=person.pose._replace(score=0.3))
    flicker = [(LOST_S + 0.1 + number / 15, (weak,) if number % 30 < 3 else ()) for number in range(600)]
    told = [(each.state["people"], each.state["assumed"]) for each in play(Presence(SETTINGS), [*film, *flicker])]
    assert told[-1] == (1, 1)
    assert sum(before != after for before, after in pairwise(told)) <= 2


def test_a_flicker_is_nobody_and_a_gap_is_still_somebody() -> None:
    flicker = [*nobody(6), *somebody(0.2, start=6.1), *nobody(6, start=6.4)]
    assert kinds(play(Presence(SETTINGS), flicker)) == []
    gap = [*somebody(3), *nobody(SETTINGS.clear - 0.5, start=3.1), *somebody(3, start=3 + SETTINGS.clear)]
    assert kinds(play(Presence(SETTINGS), gap)) == ["arrived"]


def test_people_are_counted() -> None:
    said = play(Presence(SETTINGS), [*somebody(2), *somebody(2, 3, start=2.1), *somebody(10, 1, start=4.2)])
    assert {each.state["people"] for each in said if 1 < each.time < 2} == {1}
    assert {each.state["people"] for each in said if 3 < each.time < 4} == {3}
    assert said[-1].state["people"] == 1


def test_a_lower_frame_rate_changes_nothing() -> None:
    for rate in (2.0, 5.0, 15.0):
        assert kinds(act(Presence(SETTINGS), "walk-through", rate=rate, noise=Noise())) == ["arrived"]


@given(st.lists(st.tuples(st.floats(0.01, 3.0), st.booleans()), max_size=60), st.floats(0, 5), st.floats(0, 5))
def test_a_hold_changes_exactly_when_the_contrary_lasted(
    looks: list[tuple[float, bool]], on: float, off: float
) -> None:
    hold, now, history = Debounce(on, off), 0.0, []
    for step, seen in looks:
        now += step
        before = hold.value
        changed = hold.update(seen, now)
        history.append((now, seen))
        assert changed == (hold.value is not before)
        if changed:
            lasting = []
            for time, each in reversed(history):
                if each is not hold.value:
                    break
                lasting.append(time)
            assert now - lasting[-1] >= (on if seen else off)
            assert hold.value is seen


def changes(said: list[Said]) -> list[tuple[str, object]]:
    return [(event.kind, event.details.get("before")) for each in said for event in each.events]


def test_another_person_is_a_change_while_somebody_is_there() -> None:
    film = [*somebody(3), *somebody(3, 2, start=3.1), *somebody(10, start=6.2), *nobody(10, start=16.3)]
    said = play(Presence(PresenceSettings(assume=0.0, assume_resting=0.0)), film)
    assert changes(said) == [("arrived", None), ("people_changed", 1), ("people_changed", 2), ("left", None)]
    more, fewer = (each for each in said for event in each.events if event.kind == "people_changed")
    assert (more.state["people"], fewer.state["people"]) == (2, 1)
    assert 3.1 + SETTINGS.enter <= more.time < 3.1 + SETTINGS.enter + 0.1
    assert 6.2 + SETTINGS.clear - 0.1 <= fewer.time < 6.2 + SETTINGS.clear + 0.2


def test_two_who_come_together_arrive_and_change_nothing_afterwards() -> None:
    said = play(Presence(SETTINGS), somebody(3, 2))
    assert changes(said) == [("arrived", None)]
    assert said[-1].state["people"] == 2


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0.1, 7.0)), max_size=6))
def test_each_change_begins_where_the_last_one_ended(stays: list[tuple[int, float]]) -> None:
    """Of the number that ``state`` says, while it is above 0."""
    film: list[tuple[float, tuple[Person, ...]]] = []
    for many, seconds in stays:
        start = film[-1][0] + 0.2 if film else 0.0
        film += somebody(seconds, many, rate=5.0, start=start)
    before = None
    for each in play(Presence(SETTINGS), film):
        people = each.state["people"]
        told = [event.details["before"] for event in each.events if event.kind == "people_changed"]
        assert told == ([before] if before and people and people != before else [])
        before = people
