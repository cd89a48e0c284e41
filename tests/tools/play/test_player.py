"""Frames played: in order, when they are due, on the scene's own clock; and what is said of them."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import wire
from edge.config.settings import PublishSettings, Settings
from edge.errors import BadRecording, Unavailable
from edge.pose import Person
from edge.report.analytics.engine import Engine
from edge.report.ingress.gate import Gate
from edge.tools.play.playback import events
from edge.tools.play.player import Player
from edge.tools.simulate.pinhole_camera import CORNER
from edge.tools.simulate.scenes import frames, scene
from edge.tools.simulate.simulate import scene_lines

SETTINGS = Settings(publish=PublishSettings(max_rate=1000.0))


class Time(threading.Event):
    """A clock that moves when somebody waits, and now and then further than that; also who may tell it to stop."""

    def __init__(self, *late: float) -> None:
        super().__init__()
        self.now = 1000.0
        self._late = itertools.chain(late, itertools.repeat(0.0))

    def wait(self, timeout: float | None = None) -> bool:
        self.now += (timeout or 0.0) + next(self._late)
        return self.is_set()

    def __call__(self) -> float:
        return self.now


def some(*times: float) -> Iterator[wire.FrameLine]:
    for number, time in enumerate(times):
        yield wire.FrameLine(number, time, 0.0, 640, 480, ())


def play_out(player: Player, time: Time) -> list[tuple[float, wire.FrameLine]]:
    """Each line with the real time at which it came; none is refused at a gate with the player's clock."""
    gate = Gate(SETTINGS, player.clock)
    came = []
    while not time.is_set():
        for line in player.poll(0.25):
            said = gate.admit(line)
            assert isinstance(said, wire.FrameLine), gate.rejected
            assert said.monotonic == player.clock()
            came.append((time.now - 1000.0, said))
    assert gate.rejected == Counter()
    return came


@pytest.mark.parametrize("speed", [0.5, 1.0, 4.0, 100.0])
def test_each_line_comes_when_it_is_due(speed: float) -> None:
    time = Time()
    times = (0.0, 0.1, 0.1, 3.0, 20.0)
    came = play_out(Player(some(*times), speed, time, lambda: True, time), time)
    assert [at for at, _ in came] == pytest.approx([at / speed for at in times])
    assert [line.sequence for _, line in came] == [0, 1, 2, 3, 4]
    assert time.now - 1000.0 == pytest.approx(21.0 / speed), "a second more, for the last state"


@given(st.lists(st.floats(0, 30), max_size=8), st.lists(st.floats(0, 60), max_size=8), st.floats(0.1, 100.0))
def test_a_machine_that_is_late_loses_and_swaps_nothing(gaps: list[float], late: list[float], speed: float) -> None:
    time = Time(*late)
    times = list(itertools.accumulate(gaps, initial=0.0))
    came = play_out(Player(some(*times), speed, time, lambda: True, time), time)
    assert [line.monotonic for _, line in came] == times
    assert all(at >= line.monotonic / speed - 1e-6 for at, line in came)


def test_the_scene_stands_still_while_the_broker_is_away() -> None:
    time = Time()
    away = iter([False] * 50 + [True] * 5 + [False] * 50)
    player = Player(some(0.0, 1.0, 2.0), 1.0, time, lambda: next(away, True), time)
    came = play_out(player, time)
    assert [line.sequence for _, line in came] == [0, 1, 2]
    # Away for 50 turns of 0.02 s; there for five polls, of which four wait for 0.25 s; and away again.
    assert [at for at, _ in came] == pytest.approx([1.0, 2.0, 4.0])


def test_without_a_broker_it_gives_up() -> None:
    time = Time()
    player = Player(some(0.0), 1.0, time, lambda: False, time)
    with pytest.raises(Unavailable, match="broker"):
        play_out(player, time)
    assert 10.0 < time.now - 1000.0 < 11.0


def test_what_is_wrong_with_the_frames_is_kept_for_the_end() -> None:
    def torn() -> Iterator[wire.FrameLine]:
        yield from some(0.0, 0.5)
        raise BadRecording("line 4: cut off")

    time = Time()
    player = Player(torn(), 1.0, time, lambda: True, time)
    assert len(play_out(player, time)) == 2
    assert str(player.problem) == "line 4: cut off"
    assert player.played == 2


def test_events_come_with_the_times_of_the_scene() -> None:
    chosen = scene("leave")
    seen = [
        wire.FrameLine(number, at, 0.0, 640, 480, persons) for number, (at, persons) in enumerate(frames(chosen, 10.0))
    ]
    first = next(frame.monotonic for frame in seen if frame.persons)
    said = list(events(iter(seen), SETTINGS, Engine(SETTINGS)))
    assert [(event.kind, at) for event, at in said if event.kind == "arrived"] == [
        ("arrived", pytest.approx(first + 0.5))
    ]


def test_a_scene_that_is_played_again_is_played_by_others() -> None:
    from edge.tools.simulate.noise import EXACT

    lines = list(scene_lines(scene("two-cross"), 10.0, EXACT, 0, range(2)))
    assert [line.sequence for line in lines] == list(range(len(lines)))
    assert [line.monotonic for line in lines] == pytest.approx([n / 10 for n in range(len(lines))])
    one = len(list(frames(scene("two-cross"), 10.0)))
    assert len(lines) == 2 * one + 80
    first, between, second = lines[:one], lines[one : one + 80], lines[one + 80 :]
    assert not any(line.persons for line in between)

    def bodies(some: list[wire.FrameLine]) -> list[list[tuple[int, object]]]:
        return [[(person.id, person.pose) for person in line.persons] for line in some]

    assert bodies(second) == [[(number + 2, pose) for number, pose in line] for line in bodies(first)]
    assert {person.id for line in lines for person in line.persons} == {1, 2, 3, 4}
    assert isinstance(first[one // 2].persons[0], Person)
    assert (lines[0].width, lines[0].height) == CORNER.size
