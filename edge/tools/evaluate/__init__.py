"""``posenet-edge evaluate``: measure the sensor on real clips."""

import argparse

from edge.runtime.command import Command, add_json, add_setting


def _evaluate(arguments: argparse.Namespace) -> None:
    from edge.tools.evaluate.clips import evaluate

    evaluate(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--clips", required=True, metavar="FILE", help="JSON with the clips and what happens in them (docs/evaluate.md)"
    )
    add_setting(parser, "--model", "model.file", "fast, default, accurate, auto or a .tflite file")
    parser.add_argument("--rate", type=float, metavar="R", help="at most R frames a second (default: all)")
    parser.add_argument(
        "--before",
        type=float,
        default=3.0,
        metavar="S",
        help="seconds for which the beginning is played to and fro first (default: %(default)g)",
    )
    parser.add_argument(
        "--after",
        type=float,
        default=12.0,
        metavar="S",
        help="seconds for which the end is played to and fro afterwards (default: %(default)g)",
    )
    add_json(parser)


COMMAND = Command(_evaluate, "--clips clips.json --rate 5", _add_arguments)
