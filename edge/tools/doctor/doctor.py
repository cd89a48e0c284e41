"""``posenet-edge doctor``: every check of the round, one row each."""

import argparse
import os

from edge.config import loader
from edge.tools.checks.finding import Level
from edge.tools.checks.machine import Machine
from edge.tools.checks.output import tell
from edge.tools.checks.runner import run_checks
from edge.tools.doctor.checks import all_checks
from edge.tools.progress import Progress

EXIT_CODES = {Level.WARNING: 1, Level.BAD: 2}
_CHECK_WIDTH = 22


def doctor(arguments: argparse.Namespace) -> None:
    """Print every finding.

    Args:
        arguments: ``json``, and the configuration.
    """
    checks = all_checks(Machine(admin=os.geteuid() == 0), loader.config_path(arguments.config), arguments.set)
    tell(
        run_checks(checks, Progress("posenet-edge doctor")),
        as_json=arguments.json,
        exit_codes=EXIT_CODES,
        check_width=_CHECK_WIDTH,
    )
