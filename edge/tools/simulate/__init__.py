"""``posenet-edge simulate``: simulated people who walk, sit and fall, as the tracker would report them."""

import argparse

from edge.runtime.command import Command
from edge.tools.play import add_events, add_force, add_speed


def _simulate(arguments: argparse.Namespace) -> None:
    from edge.tools.simulate.simulate import simulate

    simulate(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--scene", metavar="NAME", help="name of a scene, as of --list")
    which.add_argument("--list", action="store_true", help="list the scenes with their expected results")
    parser.add_argument("--camera", choices=("corner", "shelf"), default="corner", help="position of the camera")
    parser.add_argument("--noise", action="store_true", help="simulate the errors of the default model")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise (default: 0)")
    parser.add_argument("--rate", type=float, default=15.0, metavar="N", help="frames a second (default: 15)")
    parser.add_argument("--name", metavar="ID", default="simulated", help="device id (default: simulated)")
    add_force(parser)
    add_speed(parser)
    once = parser.add_mutually_exclusive_group()
    add_events(once)
    once.add_argument("--loop", action="store_true", help="repeat the scene until Ctrl-C")


COMMAND = Command(_simulate, "--scene fall --events", _add_arguments)
