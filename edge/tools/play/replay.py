"""``posenet-edge replay``: play a recording, published as a sensor of its own."""

import argparse
from pathlib import Path

from edge.errors import UsageError
from edge.runtime.command import Command
from edge.tools.play import add_events, add_force, add_speed
from edge.tools.play.playback import play
from edge.tools.play.recording import Recording

_MAX_DEVICE_LENGTH = 64 - len("-replay")


def replay(arguments: argparse.Namespace) -> None:
    """Play a recording to its end, or as far as it can be read.

    Raises:
        UsageError: The name is that of the recorded sensor.
        BadRecording: The recording is damaged.
    """
    recording = Recording(Path(arguments.file))
    device, mode = recording.header
    name = arguments.name or f"{device[:_MAX_DEVICE_LENGTH]}-replay"
    if name == device:
        raise UsageError(
            f"--name {name}: that is the recorded sensor; expected another name, as its topics are cleared"
        )
    play(arguments, recording.frames(), name, mode)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording of posenet-edge record")
    parser.add_argument(
        "--name", metavar="ID", help="device id to publish under (default: the recorded one's, -replay)"
    )
    add_force(parser)
    add_speed(parser)
    add_events(parser)


COMMAND = Command(replay, "hall.gz --speed 4", _add_arguments)
