"""``posenet-edge report``: lines in, MQTT messages out."""

import argparse
import os
import pwd
from pathlib import Path

from edge.errors import UsageError
from edge.runtime.command import Command, add_socket
from edge.runtime.service import begin


def report(arguments: argparse.Namespace) -> None:
    """Runs the reporting room until a signal stops it."""
    service = begin("report", arguments)
    from edge.report.ingress.line_server import LineServer
    from edge.report.ingress.listen_socket import listening
    from edge.report.loop import Report

    with listening(Path(arguments.socket)) as listener:
        inlet = LineServer(listener, _uid_of(arguments.sender))
        try:
            Report(service, inlet).run()
        finally:
            inlet.close()


def _uid_of(user: str | None) -> int:
    """The user that ``sense`` runs as: one's own, unless it is named."""
    if user is None:
        return os.geteuid()
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise UsageError(f"--sender {user}: no such user on this machine; expected who sense runs as") from None


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_socket(parser)
    parser.add_argument("--sender", metavar="USER", help="who alone may send lines (default: the user that runs this)")


COMMAND = Command(report, "--set mqtt.host=broker.local", _add_arguments)
