"""Play a scripted scene, published as a sensor of its own."""

import argparse
import itertools
from collections.abc import Iterator
from dataclasses import replace

from edge import wire
from edge.errors import UsageError
from edge.tools.play.playback import play
from edge.tools.simulate.noise import EXACT, Noise
from edge.tools.simulate.pinhole_camera import CORNER, SHELF
from edge.tools.simulate.scenes import SCENES, Scene, frames, scene

_CAMERAS = {"corner": CORNER, "shelf": SHELF}
_PAUSE_S = 8.0
"""Time for which the end of a scene is kept, and again of an empty room before the next round.

It is longer than ``presence.clear``, so that people are reported to have left.
"""


def simulate(arguments: argparse.Namespace) -> None:
    """Play a scene, or list all.

    Raises:
        UsageError: A number is out of range, or the scene is not known.
    """
    if arguments.list:
        for each in SCENES.values():
            print(f"{each.name:<16}{each.duration:3.0f} s  {each.description}: {'; '.join(each.expected)}")
        return
    if not 1 <= arguments.rate <= 120:
        raise UsageError(f"--rate {arguments.rate:g}: expected 1 to 120 frames a second")
    if arguments.seed < 0:
        raise UsageError(f"--seed {arguments.seed}: expected 0 or more")
    chosen = scene(arguments.scene, _CAMERAS[arguments.camera])
    chosen = replace(chosen, duration=chosen.duration + _PAUSE_S)
    noise = Noise() if arguments.noise else EXACT
    rounds = itertools.count() if arguments.loop else range(1)
    play(arguments, scene_lines(chosen, arguments.rate, noise, arguments.seed, rounds), arguments.name, "multi")


def scene_lines(
    chosen: Scene, rate: float, noise: Noise, seed: int, rounds: "range | itertools.count[int]"
) -> Iterator[wire.FrameLine]:
    """Play the scene once in each of ``rounds``, each with other ids and another seed."""
    width, height = chosen.camera.size
    sequence = itertools.count()
    nobody = range(int(_PAUSE_S * rate))
    for turn in rounds:
        for _ in nobody if turn else ():
            number = next(sequence)
            yield wire.FrameLine(number, number / rate, 0.0, width, height, ())
        for _, persons in frames(chosen, rate, (width, height), noise, seed + turn):
            number = next(sequence)
            others = tuple(person._replace(id=person.id + turn * len(chosen.actors)) for person in persons)
            yield wire.FrameLine(number, number / rate, 0.0, width, height, others)
