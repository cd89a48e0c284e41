"""A subcommand of ``posenet-edge`` and its options, defined beside the function that runs it."""

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, NoReturn

SOCKET_PATH = "/run/posenet-edge/wall.sock"
"""Default path of the UNIX socket between ``sense`` and ``report``."""


class Parser(argparse.ArgumentParser):
    """A parser that ends with EX_USAGE where argparse ends with 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end."""
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"{self.prog}: {message}\n")


class Command(NamedTuple):
    """A subcommand and its options. Its name and its one-line summary are in ``edge.__main__``."""

    run: Callable[[argparse.Namespace], None]
    """Runs the subcommand; raises a PosenetEdgeError, whose ``exit_code`` is then that of the program."""
    example: str
    """Arguments of an example, which ``--help`` shows below the options."""
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None
    takes_settings: bool = True
    """True: the subcommand has ``--config`` and ``--set``."""
    details: str = ""
    """Further sentences for the subcommand's own ``--help``."""

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Add the options, the example and the details of this subcommand to its parser."""
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
                help="one setting that overrides the file; may be given again, the last one wins",
            )
        self.add_arguments(parser)


def add_setting(parser: argparse.ArgumentParser, option: str, key: str, values: str) -> None:
    """Add an alias for ``--set KEY=TEXT``; the last one wins.

    Args:
        parser: Parser of the subcommand.
        option: The alias, such as ``--source``.
        key: Of the setting, ``section.key``.
        values: What it may be, for the help text.
    """
    parser.add_argument(
        option,
        dest="set",
        action="append",
        type=partial(text_setting, key),
        metavar=option.removeprefix("--").upper(),
        help=f"{values} ({key})",
    )


def add_socket(parser: "argparse.ArgumentParser | argparse._MutuallyExclusiveGroup") -> None:
    """Add ``--socket``, the UNIX socket between sense and report."""
    parser.add_argument(
        "--socket",
        metavar="PATH",
        default=SOCKET_PATH,
        help="UNIX socket between sense and report (default: %(default)s)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="machine-readable")


def add_log_level(parser: argparse.ArgumentParser) -> None:
    """Add ``--verbose`` and ``--quiet``, aliases for ``--set log.level=...``."""
    for option, level, meaning in (
        ("--verbose", "debug", "log more"),
        ("--quiet", "warning", "log only faults"),
    ):
        parser.add_argument(
            option, dest="set", action="append_const", const=f"log.level={level}", help=f"{meaning} (log.level)"
        )


def text_setting(key: str, value: str) -> str:
    """Make a text's assignment, as ``--set`` takes it: quoted, so that it is never read as a number or a boolean."""
    quoted = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value)
    return f'{key}="{quoted}"'
