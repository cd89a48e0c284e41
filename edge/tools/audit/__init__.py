"""``posenet-edge audit``: claims about the installed services, tested from outside while they run."""

import argparse

from edge.runtime.command import Command, add_json


def _audit(arguments: argparse.Namespace) -> None:
    from edge.tools.audit.audit import audit

    audit(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--capture", action="store_true", help="also watch 20 s of packets to the broker (tcpdump)")


COMMAND = Command(_audit, "", _add_arguments)
