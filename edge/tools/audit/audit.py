"""``posenet-edge audit``: claims about the installed services, each tested while they run."""

import argparse
import os

from edge.errors import UsageError
from edge.report import configuration
from edge.tools.audit import data_sharing
from edge.tools.audit.broker import all_endpoints, find_brokers
from edge.tools.audit.capture import SECONDS, capture
from edge.tools.audit.claims import all_claims
from edge.tools.audit.system import System, find_service
from edge.tools.checks.finding import Level
from edge.tools.checks.output import tell
from edge.tools.checks.runner import Check, run_checks
from edge.tools.progress import Progress
from edge.tools.unit_files import REPORT, SENSE

EXIT_CODES = {Level.UNKNOWN: 1, Level.WARNING: 1, Level.BAD: 1}
"""Exit codes by the worst level; 0 only for a table that is good as a whole, as what was not seen is not claimed."""
_CHECK_WIDTH = 50


def audit(arguments: argparse.Namespace, system: System | None = None) -> None:
    """Print the table.

    Args:
        arguments: ``json``, ``capture``, and the configuration.
        system: The machine; this one, if not given.

    Raises:
        UsageError: Anybody but root runs it.
        NotAllGood: A claim does not hold, or it could not be told.
    """
    if os.geteuid() != 0:
        raise UsageError("audit looks into other users' processes: run it as root (sudo posenet-edge audit)")
    settings = configuration.load_for(arguments)
    system = system or System()
    sense, report = find_service(system, SENSE), find_service(system, REPORT)
    brokers = find_brokers(settings.mqtt)
    claims = list(all_claims(system, sense, report, brokers, settings))
    if arguments.capture:
        claims.append(Check(f"{SECONDS} s of packets to the broker", lambda: capture(all_endpoints(brokers))))
    notes = data_sharing.tell(settings, data_sharing.log_bits(sense.properties, data_sharing.journal_space()))
    notes["broker"] = ", ".join(
        f"{broker.host}:{broker.port}{' (known only by name)' if broker.is_named else ''}" for broker in brokers
    )
    if not arguments.capture:
        notes["packets"] = f"not looked at; --capture takes {SECONDS} s"
    tell(
        run_checks(claims, Progress("posenet-edge audit")),
        as_json=arguments.json,
        exit_codes=EXIT_CODES,
        check_width=_CHECK_WIDTH,
        notes=notes,
    )
