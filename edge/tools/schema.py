"""``posenet-edge schema``: print the JSON Schemas of published messages."""

import argparse
import json

from edge.report.messages.schema import SCHEMAS
from edge.runtime.command import Command


def show_schema(arguments: argparse.Namespace) -> None:
    """Print one JSON Schema, or all of them by topic."""
    print(json.dumps(SCHEMAS[arguments.name] if arguments.name else SCHEMAS, indent=2))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=tuple(SCHEMAS), help="one topic's (default: all, as one object)")


COMMAND = Command(show_schema, "poses", _add_arguments, takes_settings=False)
