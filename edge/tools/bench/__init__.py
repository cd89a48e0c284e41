"""``posenet-edge bench``: time and memory of each stage on this machine."""

import argparse

from edge.runtime.command import Command, add_json


def _bench(arguments: argparse.Namespace) -> None:
    from edge.tools.bench.bench import bench

    bench(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--runs", type=int, default=60, metavar="N", help="frames to time (default: 60)")


COMMAND = Command(_bench, "--json --runs 100", _add_arguments)
