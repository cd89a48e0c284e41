"""A verb of ``posenet-edge``: its words on the command line, defined beside the function that runs it."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

SOCKET_PATH = "/run/posenet-edge/wall.sock"
"""Default path of the UNIX socket between ``sense`` and ``report``."""


def _no_arguments(_: argparse.ArgumentParser) -> None:
    pass


class Command(NamedTuple):
    """What the command line needs to know of a verb. Its name and its one-line summary are in ``edge.__main__``."""

    run: Callable[[argparse.Namespace], None]
    """Runs the verb; raises a PosenetEdgeError, whose ``exit_code`` is then that of the program."""
    example: str
    """Arguments of an example, which ``--help`` shows below the options."""
    add_arguments: Callable[[argparse.ArgumentParser], None] = _no_arguments
    takes_settings: bool = True
    """Whether the verb has ``--config`` and ``--set``."""
    details: str = ""
    """Further sentences for the verb's own ``--help``."""

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Add the options, the example and the details of this verb to its parser."""
        parser.epilog = f"Example:\n  {parser.prog} {self.example}".rstrip()
        parser.description = f"{parser.description} {self.details}".rstrip()
        parser.set_defaults(run=self.run, set=[], config=None)
        if self.takes_settings:
            parser.add_argument(
                "--config", metavar="FILE", help="configuration file (default: /etc/posenet-edge/config.toml, if there)"
            )
            parser.add_argument(
                "--set",
                metavar="SECTION.KEY=VALUE",
                action="append",
                help="one setting on top of the file; may be given again",
            )
        self.add_arguments(parser)


def add_source(parser: argparse.ArgumentParser, examples: str) -> None:
    """Add ``--source``, which is one more ``--set``: of several the last holds.

    Args:
        parser: Of the verb.
        examples: What a source may look like.
    """
    parser.add_argument(
        "--source",
        dest="set",
        action="append",
        type=partial(_text_setting, "camera.source"),
        metavar="SOURCE",
        help=f"{examples} (camera.source)",
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add ``--model``, which is one more ``--set``: of several the last holds."""
    parser.add_argument(
        "--model",
        dest="set",
        action="append",
        type=partial(_text_setting, "model.file"),
        metavar="MODEL",
        help="fast, default, accurate or a .tflite file (model.file)",
    )


def add_socket(parser: "argparse.ArgumentParser | argparse._MutuallyExclusiveGroup") -> None:
    """Add ``--socket``, the way between ``sense`` and ``report``."""
    parser.add_argument(
        "--socket", metavar="PATH", default=SOCKET_PATH, help="UNIX socket between the two rooms (default: %(default)s)"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="machine-readable")


def _text_setting(key: str, value: str) -> str:
    """Give the ``--set`` of a text, as a TOML string: never read as a number or a truth value."""
    quoted = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value)
    return f'{key}="{quoted}"'
