"""Scenes played to a meaning, and what it said of them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge.pose import Person
from edge.report.meaning.body import Body
from edge.report.meaning.event import Event
from edge.report.meaning.meaning import Meaning, State
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.scenes import frames, scene
from edge.tools.simulate.view import CORNER, Camera

SIZE = (640, 480)


class Said(NamedTuple):
    """What a meaning said at one time, s: what happened, and what is so."""

    time: float
    events: list[Event]
    state: State


def play(meaning: Meaning, seen: Iterable[tuple[float, Iterable[Person]]]) -> list[Said]:
    """Everything that it said, frame by frame."""
    return [
        Said(time, meaning.update([Body(person, SIZE) for person in persons], time), meaning.state)
        for time, persons in seen
    ]


def act(
    meaning: Meaning, name: str, camera: Camera = CORNER, rate: float = 15.0, noise: Noise = EXACT, seed: int = 0
) -> list[Said]:
    """Everything that it said of a scene."""
    return play(meaning, frames(scene(name, camera), rate, SIZE, noise, seed))


def kinds(said: Iterable[Said]) -> list[str]:
    """The kinds of all events, in order."""
    return [event.kind for each in said for event in each.events]


def nobody(seconds: float, rate: float = 15.0, start: float = 0.0) -> Iterator[tuple[float, tuple[Person, ...]]]:
    """An empty room."""
    for number in range(int(seconds * rate) + 1):
        yield start + number / rate, ()
