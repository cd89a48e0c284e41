"""A raised hand, and both."""

from dataclasses import replace

import pytest

from edge.pose import KEYPOINT_NAMES, Person
from edge.report.analytics.base import State
from edge.report.analytics.detectors.raised_hand import HandsSettings, RaisedHand
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.scene_player import Said, act, filmed, kinds, play

SETTINGS = HandsSettings()
Seen = list[tuple[float, tuple[Person, ...]]]


def played(name: str, rate: float = 10.0) -> Seen:
    return list(filmed(name, rate=rate))


def unsure(seen: Seen, names: tuple[str, ...], start: float = 0.0, end: float = 1e9) -> Seen:
    """The same with some keypoints that nobody is sure of for a while."""
    return [
        (
            t,
            tuple(
                person._replace(
                    pose=person.pose._replace(
                        keypoints=tuple(
                            point._replace(score=0.1) if name in names and start <= t <= end else point
                            for name, point in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
                        )
                    )
                )
                for person in persons
            ),
        )
        for t, persons in seen
    ]


def when(said: list[Said], kind: str) -> float:
    return next(each.time for each in said for event in each.events if event.kind == kind)


def states(said: list[Said], key: str) -> set[object]:
    return {each.state[key] for each in said}


@pytest.mark.parametrize("rate", [2.0, 5.0, 10.0, 15.0])
@pytest.mark.parametrize("camera", [CORNER, SHELF], ids=["corner", "shelf"])
def test_it_takes_the_hold_whatever_the_frame_rate(camera: Camera, rate: float) -> None:
    """The right hand is up from 2.4 s to 6.4 s, and passes the head some 0.4 s before and after that."""
    said = act(RaisedHand(SETTINGS), "raise-hand", camera, rate)
    assert kinds(said) == ["hand_raised", "hand_lowered"]
    (event,) = (event for each in said for event in each.events if event.kind == "hand_raised")
    assert (event.person, event.details) == (1, {"side": "right"})
    assert 2.0 + SETTINGS.hold <= when(said, "hand_raised") < 2.4 + SETTINGS.hold + 2 / rate
    assert 6.4 + 0.5 <= when(said, "hand_lowered") < 6.9 + 0.5 + 2 / rate
    assert said[-1].state == {"hand_raised": False, "both_hands_raised": False}


def test_a_longer_hold_takes_longer() -> None:
    long = act(RaisedHand(replace(SETTINGS, hold=3.0)), "raise-hand")
    assert when(long, "hand_raised") == pytest.approx(
        when(act(RaisedHand(SETTINGS), "raise-hand"), "hand_raised") + 2.0
    )
    assert kinds(act(RaisedHand(replace(SETTINGS, hold=6.0)), "raise-hand")) == []


def test_how_high_is_a_setting() -> None:
    beside = HandsSettings(above=-0.1)
    assert kinds(act(RaisedHand(beside), "wave")) == ["hand_raised", "hand_lowered"]
    assert kinds(act(RaisedHand(HandsSettings(above=0.3)), "raise-hand")) == []


def test_of_both_hands_it_is_only_said_that_both_are_up() -> None:
    said = act(RaisedHand(SETTINGS), "both-hands", noise=Noise(), seed=3)
    assert kinds(said) == ["both_hands_raised", "hand_lowered"]
    up = next(each.state for each in said if any(event.kind == "both_hands_raised" for event in each.events))
    assert up == {"hand_raised": True, "both_hands_raised": True}


def test_one_hand_and_then_the_other() -> None:
    """The right one is up for 3 s before the left one is seen too."""
    seen = unsure(played("both-hands"), ("leftWrist",), end=5.0)
    said = play(RaisedHand(SETTINGS), seen)
    assert kinds(said) == ["hand_raised", "both_hands_raised", "hand_lowered"]
    assert {each.state["both_hands_raised"] for each in said if 3.5 < each.time < 5.0} == {None}


def test_without_a_face_the_shoulders_tell() -> None:
    face = tuple(name for name in KEYPOINT_NAMES if name.endswith(("nose", "Eye", "Ear")))
    for name in ("raise-hand", "wave"):
        assert kinds(play(RaisedHand(SETTINGS), unsure(played(name), face))) == kinds(act(RaisedHand(SETTINGS), name))


def test_a_moment_of_doubt_changes_nothing_and_a_longer_one_is_ignorance() -> None:
    wrists = ("leftWrist", "rightWrist")
    said = play(RaisedHand(SETTINGS), unsure(played("raise-hand"), wrists, 4.0, 4.3))
    assert kinds(said) == ["hand_raised", "hand_lowered"]
    said = play(RaisedHand(SETTINGS), unsure(played("raise-hand"), wrists, 4.0, 5.8))
    assert {each.state["hand_raised"] for each in said if 4.6 < each.time < 5.8} == {None}
    assert kinds(said) == ["hand_raised"]
    assert said[-1].state["hand_raised"] is False


def test_who_leaves_with_a_raised_hand_has_lowered_none() -> None:
    seen = [(t, persons if t < 4.5 else ()) for t, persons in played("raise-hand")]
    said = play(RaisedHand(SETTINGS), seen)
    assert kinds(said) == ["hand_raised"]
    assert {each.state["hand_raised"] for each in said if each.time > 4.4 + 1.1} == {False}


def test_of_who_lies_nothing_is_known() -> None:
    hands = RaisedHand(SETTINGS)
    said = act(hands, "fall-forward")
    assert said[-1].state == {"hand_raised": None, "both_hands_raised": None}
    assert states(said[:20], "hand_raised") >= {None, False}


def test_one_of_two_is_enough() -> None:
    one, two = played("raise-hand"), played("stand-still")
    seen = [
        (t, (*persons, *(person._replace(id=2) for person in others)))
        for (t, persons), (_, others) in zip(one, two, strict=False)
    ]
    hands = RaisedHand(SETTINGS)
    said = play(hands, seen)
    assert kinds(said) == ["hand_raised", "hand_lowered"]
    assert states(said, "hand_raised") == {None, False, True}
    lowered: State = {"hand_raised": False, "both_hands_raised": False}
    assert hands.by_person == {1: lowered, 2: lowered}


def test_hands_that_come_down_before_either_was_told_name_no_side() -> None:
    """The left hand is up from 0 s, the right one from 0.5 s, and both come down just after a second."""
    up, down = (dict(played(name))[5.0][0] for name in ("both-hands", "stand-still"))
    half = up._replace(
        pose=up.pose._replace(
            keypoints=tuple(
                low if name.startswith("right") else high
                for name, high, low in zip(KEYPOINT_NAMES, up.pose.keypoints, down.pose.keypoints, strict=True)
            )
        )
    )
    film = [(n / 20, (half if n < 10 else up if n < 21 else down,)) for n in range(60)]
    assert kinds(play(RaisedHand(SETTINGS), film)) == []
