"""``posenet-edge view``: show what sensors publish, as skeletons, in a browser or in a terminal."""

import argparse

from edge.runtime.command import Command


def _view(arguments: argparse.Namespace) -> None:
    from edge.tools.view.view import view

    view(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--terminal", action="store_true", help="draw in this terminal instead of serving a page")
    parser.add_argument(
        "--listen",
        metavar="ADDRESS:PORT",
        default="127.0.0.1:8470",
        help="where to serve the page (default: %(default)s)",
    )
    parser.add_argument(
        "--host",
        metavar="NAME",
        action="append",
        default=[],
        help="another name by which browsers reach this server; may be given again",
    )
    parser.add_argument(
        "--commands",
        action="store_true",
        help="allow the page to send places to sensors (default: read-only)",
    )
    access = parser.add_mutually_exclusive_group()
    access.add_argument("--token", help="access token, which a browser must present once (default: a new one, printed)")
    access.add_argument(
        "--token-file", metavar="FILE", help="where the token is kept, so that it stays; the first start makes it"
    )
    access.add_argument(
        "--proxy",
        metavar="ADDRESS",
        default="",
        help="answer only this address, a proxy that authenticates users; without a token",
    )
    access.add_argument("--no-token", action="store_true", help="on loopback, behind a proxy that authenticates users")


COMMAND = Command(_view, "--set mqtt.host=broker.lan", _add_arguments)
