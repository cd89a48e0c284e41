"""Run a measuring tool that is a script of its own."""

import sys
from collections.abc import Callable
from typing import NoReturn

from edge.errors import PosenetEdgeError


def run(name: str, main: Callable[[], int]) -> NoReturn:
    """Run ``main`` and exit with what it returns; one of our errors is one line on standard error.

    Args:
        name: Of the tool, before the message.
        main: The tool.
    """
    try:
        code = main()
    except PosenetEdgeError as error:
        print(f"{name}: {error}", file=sys.stderr)
        code = error.exit_code
    sys.exit(code)
