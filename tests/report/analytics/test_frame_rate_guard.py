"""Meanings that need frames enough say nothing while there are fewer."""

from collections.abc import Sequence

import pytest

from edge.report.analytics.base import State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.frame_rate_guard import NEEDED, FrameRateGuard
from tests.support.scene_player import Said, play, standing

SOMEBODY = (standing(0.0, 3.8),)


class Counts:
    """How often it was asked since it began."""

    def __init__(self) -> None:
        self._asked = 0

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        self._asked += 1
        return [Event("arrived")]

    @property
    def state(self) -> State:
        return {"asked": self._asked}

    @property
    def by_person(self) -> dict[int, State]:
        return {1: self.state}


def at(rate: float, seconds: float, start: float = 0.0) -> list[float]:
    return [start + number / rate for number in range(1, int(seconds * rate) + 1)]


def seen(times: list[float]) -> list[Said]:
    return play(FrameRateGuard(Counts), [(t, SOMEBODY) for t in times])


@pytest.mark.parametrize("rate", [NEEDED, 7.0, 15.0, 30.0])
def test_frames_enough_are_all_handed_on(rate: float) -> None:
    times = at(rate, 60.0)
    assert seen(times)[-1].state == {"asked": len(times)}


@pytest.mark.parametrize("dropped", [10, 57, 100])
def test_a_camera_that_drops_a_frame_is_not_slow(dropped: int) -> None:
    times = [t for number, t in enumerate(at(NEEDED, 30.0)) if number != dropped]
    assert seen(times)[-1].state == {"asked": len(times)}


@pytest.mark.parametrize("rate", [0.3, 1.0, 2.0, 4.0])
def test_too_few_are_unknown(rate: float) -> None:
    said = seen(at(rate, 30.0))
    assert {each.state["asked"] for each in said if each.time > 4.0} == {None}
    assert not [each for each in said if each.time > 4.0 and each.events]


def test_what_was_remembered_is_forgotten_when_it_gets_slow() -> None:
    meaning = FrameRateGuard(Counts)
    assert play(meaning, [(t, SOMEBODY) for t in at(10.0, 10.0)])[-1].state == {"asked": 100}
    assert meaning.by_person == {1: {"asked": 100}}
    slow = play(meaning, [(t, SOMEBODY) for t in at(1.0, 10.0, 10.0)])
    assert slow[-1].state == {"asked": None}
    assert meaning.by_person == {}
    again = play(meaning, [(t, SOMEBODY) for t in at(10.0, 10.0, 20.0)])
    assert 0 < again[-1].state["asked"] <= 100


def test_nobody_needs_no_frames() -> None:
    assert play(FrameRateGuard(Counts), [(t, ()) for t in at(1.0, 30.0)])[-1].state == {"asked": 30}
