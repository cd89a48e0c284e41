"""``posenet-edge setup``: ask for camera, broker, name and what is shared, try each, and write the configuration."""

import argparse

from edge.runtime.command import Command


def _setup(arguments: argparse.Namespace) -> None:
    from edge.tools.setup.setup import setup

    setup(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", metavar="FILE", help="the file to write (default: /etc/posenet-edge/config.toml, which needs root)"
    )
    parser.add_argument("--no-camera", action="store_true", help="open no camera; it is asked for all the same")
    parser.add_argument("--plain", action="store_true", help="words only: no skeletons are drawn")
    parser.add_argument(
        "--keep",
        metavar="SECTION.KEY",
        action="append",
        default=[],
        help="a setting that is not asked for; may be given again",
    )
    parser.add_argument("--no-apply", action="store_true", help="do not offer to apply it to the installed services")


COMMAND = Command(
    _setup,
    "--config posenet-edge.toml",
    _add_arguments,
    takes_settings=False,
    details="Nothing is written before the end.",
)
