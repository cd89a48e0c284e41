"""``posenet-edge report``: lines of ``sense`` in, MQTT messages out."""

import argparse
import os
import pwd
from pathlib import Path

from edge.errors import UsageError
from edge.report import configuration
from edge.runtime.command import Command, add_log_level, add_socket
from edge.runtime.service import begin


def report(arguments: argparse.Namespace) -> None:
    """Run the service until a signal stops it."""
    with begin("report", arguments, configuration.load, patient=True) as service:
        from edge.report.ingress.line_server import LineServer, listening
        from edge.report.loop import Report

        with listening(Path(arguments.socket)) as listener:
            server = LineServer(listener, _uid_of(arguments.sender))
            try:
                Report(service, server).run()
            finally:
                server.close()


def _uid_of(user: str | None) -> int:
    """User id that ``sense`` runs as: this process's own, unless a user is named."""
    if user is None:
        return os.geteuid()
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise UsageError(
            f"--sender {user}: no such user on this machine; expected the user that sense runs as"
        ) from None


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_log_level(parser)
    add_socket(parser)
    parser.add_argument("--sender", metavar="USER", help="who alone may send lines (default: the user that runs this)")


COMMAND = Command(report, "--set mqtt.host=broker.local", _add_arguments)
