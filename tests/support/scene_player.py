"""Scenes played to a meaning, and what it said of them."""

import math
import os
import pickle
import shutil
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edge import pose
from edge.config.settings import FloorSettings
from edge.config.shapes import find_floor
from edge.geometry.ground_plane import Floor
from edge.pose import KEYPOINT_NAMES, Person
from edge.report.analytics.base import Detector, State
from edge.report.analytics.body.body import People
from edge.report.analytics.event import Event
from edge.tools import simulate
from edge.tools.simulate.body import Points, Stance, skeleton
from edge.tools.simulate.motion import Actor
from edge.tools.simulate.noise import EXACT, Noise, Observer
from edge.tools.simulate.pinhole_camera import CORNER, Camera
from edge.tools.simulate.scenes import Scene, frames, scene
from edge.tools.simulate.stances import STANDING
from tests.support.commands import PROJECT

SIZE = (640, 480)


class Said(NamedTuple):
    """What a meaning said at one time, s: what happened, and what is so."""

    time: float
    events: list[Event]
    state: State


def play(meaning: Detector, seen: Iterable[tuple[float, Iterable[Person]]], floor: Floor | None = None) -> list[Said]:
    """Everything that it said, frame by frame."""
    people = People(floor)
    return [
        Said(time, meaning.update(people.see(tuple(persons), SIZE, time), time), meaning.state)
        for time, persons in seen
    ]


def act(
    meaning: Detector,
    name: str,
    camera: Camera = CORNER,
    rate: float = 15.0,
    noise: Noise = EXACT,
    seed: int = 0,
    floor: Floor | None = None,
) -> list[Said]:
    """Everything that it said of a scene."""
    return play(meaning, filmed(name, camera, rate, noise, seed), floor)


@lru_cache(maxsize=300)
def filmed(
    name: str,
    camera: Camera = CORNER,
    rate: float = 15.0,
    noise: Noise = EXACT,
    seed: int = 0,
    turned: float = 0.0,
) -> tuple[tuple[float, tuple[Person, ...]], ...]:
    """Return who is seen in a scene, at each time in s; ``turned``: all of it, by degrees about the middle.

    Rendered once for all tests and all runs: kept in ``.pytest_cache`` as long as the simulator is the same.
    """
    file = _rendered() / f"{name} {sha256(repr((camera, rate, noise, seed, turned)).encode()).hexdigest()[:16]}"
    if file.exists():
        film: tuple[tuple[float, tuple[Person, ...]], ...] = pickle.loads(file.read_bytes())
        return film
    film = tuple(frames(replace(_acted(name, turned), camera=camera), rate, SIZE, noise, seed))
    # In one step, as another worker may be reading it.
    unfinished = file.with_name(f"{os.getpid()} unfinished")
    unfinished.write_bytes(pickle.dumps(film))
    unfinished.replace(file)
    return film


@cache
def _acted(name: str, turned: float) -> Scene:
    """Return the scene with its bodies worked out once for all cameras and noises."""

    def remembering(actor: Actor) -> Actor:
        remembers = copy(actor)
        remembers.joints = cache(lambda t: (actor.joints(t) - _MIDDLE) @ _about(turned) + _MIDDLE)  # type: ignore[method-assign]
        return remembers

    made = scene(name)
    return replace(made, actors=tuple(map(remembering, made.actors)))


_MIDDLE = np.array((0.0, 3.8, 0.0))
"""Where people stand in most scenes, m."""


def _about(turned: float) -> Points:
    """Matrix ``[3, 3]`` that turns points about the vertical by these degrees."""
    sine, cosine = math.sin(math.radians(turned)), math.cos(math.radians(turned))
    return np.array(((cosine, sine, 0.0), (-sine, cosine, 0.0), (0.0, 0.0, 1.0)))


@cache
def _rendered() -> Path:
    """Return the folder for what the simulator of now renders; those of earlier ones are removed."""
    sources = [Path(pose.__file__), *sorted(Path(simulate.__file__).parent.glob("*.py"))]
    digest = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = PROJECT / ".pytest_cache" / "scenes" / digest
    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def held(stance: Stance, x: float = 0.0, y: float = 3.8, heading: float = 180.0, camera: Camera = CORNER) -> Person:
    """Somebody who holds a stance at (x, y), m; heading 180 faces the camera."""
    (person,) = Observer(camera)([skeleton(stance._replace(x=x, y=y, heading=heading))])
    return person


def standing(x: float, y: float, number: int = 1, camera: Camera = CORNER) -> Person:
    """Somebody who faces the camera at (x, y), m."""
    return held(STANDING, x, y, camera=camera)._replace(id=number)


def without(person: Person, *parts: str) -> Person:
    """The same with these parts (``Ankle``, ``leftHip``) out of sight."""
    points = (
        point._replace(score=0.0) if name.endswith(parts) else point
        for name, point in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
    )
    return person._replace(pose=person.pose._replace(keypoints=tuple(points)))


def on_floor(camera: Camera, x: float, y: float) -> tuple[float, float]:
    """Where a point of the floor (m) is in the frame, in fractions of it."""
    (across, down), _ = camera.project(np.array((x, y, 0.0)))
    return float(across / camera.size[0]), float(down / camera.size[1])


def floor_of(camera: Camera) -> Floor:
    """The floor that this camera sees."""
    floor = find_floor(FloorSettings(camera.height, camera.tilt, camera.field_of_view))
    assert floor
    return floor


def kinds(said: Iterable[Said]) -> list[str]:
    """The kinds of all events, in order."""
    return [event.kind for each in said for event in each.events]


def nobody(seconds: float, rate: float = 15.0, start: float = 0.0) -> Iterator[tuple[float, tuple[Person, ...]]]:
    """An empty room."""
    for number in range(int(seconds * rate) + 1):
        yield start + number / rate, ()
