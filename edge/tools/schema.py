"""``posenet-edge schema``: the shape of what is published."""

import argparse
import json

from edge.report.messages.schema import SCHEMAS


def show_schema(arguments: argparse.Namespace) -> None:
    """Prints one JSON Schema, or all of them by topic."""
    print(json.dumps(SCHEMAS[arguments.name] if arguments.name else SCHEMAS, indent=2))
