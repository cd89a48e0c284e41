"""``posenet-edge simulate``: scripted people who walk, sit and fall, as a tracker would see them."""

import argparse

from edge.runtime.command import Command
from edge.tools.play import add_events, add_speed


def _simulate(arguments: argparse.Namespace) -> None:
    from edge.tools.simulate.simulate import simulate

    simulate(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--scene", metavar="NAME", help="what happens")
    which.add_argument("--list", action="store_true", help="print the scenes, with what should be said of each")
    parser.add_argument("--camera", choices=("corner", "shelf"), default="corner", help="where it hangs")
    parser.add_argument("--noise", action="store_true", help="poses as wrong as the default model's")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise (default: 0)")
    parser.add_argument("--rate", type=float, default=15.0, metavar="N", help="frames a second (default: 15)")
    parser.add_argument("--name", metavar="ID", default="simulated", help="device id (default: simulated)")
    add_speed(parser)
    once = parser.add_mutually_exclusive_group()
    add_events(once)
    once.add_argument("--loop", action="store_true", help="again and again, until Ctrl-C")


COMMAND = Command(_simulate, "--scene fall --events", _add_arguments)
