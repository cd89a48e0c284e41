"""``posenet-edge explain``: how the pixels of one photo become poses, in pictures and figures of this code."""

import argparse

from edge.runtime.command import Command, add_setting


def _explain(arguments: argparse.Namespace) -> None:
    from edge.tools.explain.explain import explain

    explain(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", help="a photo; no camera, clip or folder")
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        required=True,
        help="folder for explain.md and the pictures: a new or empty one, or that of an earlier explain",
    )
    add_setting(parser, "--model", "model.file", "fast, default, accurate, auto or a .tflite file")


COMMAND = Command(
    _explain,
    "photo.jpg -o explained --set decode.method=fine",
    _add_arguments,
    details="What it writes shows the photo. It is a tool for photos that you choose, and no part of the services: the "
    "sensor itself never writes a picture.",
)
