"""``posenet-edge replay``: a recording, published as a sensor of its own."""

import argparse
from pathlib import Path

from edge.errors import UsageError
from edge.runtime.command import Command
from edge.tools.play import add_events, add_speed
from edge.tools.play.playback import play
from edge.tools.play.recording import Recording

_LONGEST = 64 - len("-replay")


def replay(arguments: argparse.Namespace) -> None:
    """Plays it to its end, or as far as it can be read; raises BadRecording."""
    recording = Recording(Path(arguments.file))
    device, mode = recording.header
    name = arguments.name or f"{device[:_LONGEST]}-replay"
    if name == device:
        raise UsageError(f"--name {name}: that is who was recorded; expected another name, as its topics are cleared")
    play(arguments, recording.frames(), name, mode)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="what posenet-edge record wrote")
    parser.add_argument(
        "--name", metavar="ID", help="device id to publish under (default: the recorded one's, -replay)"
    )
    add_speed(parser)
    add_events(parser)


COMMAND = Command(replay, "hall.gz --speed 4", _add_arguments)
