"""``posenet-edge audit``: a table of claims about the installed services, each tested now, while they run."""

import argparse
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from edge.config import loader
from edge.errors import PosenetEdgeError, UsageError
from edge.report import configuration
from edge.tools.audit import data_sharing, table
from edge.tools.audit.broker import find_broker
from edge.tools.audit.capture import SECONDS, capture
from edge.tools.audit.claims import all_claims
from edge.tools.audit.result import Claim, Finding, Verdict, find
from edge.tools.audit.system import REPORT, SENSE, System, find_service

_PATIENCE = 2.0
"""Seconds without a word."""


class DoesNotHold(PosenetEdgeError):
    """Not every claim holds, or could be told to (1); the table has said which."""

    exit_code = 1


def audit(arguments: argparse.Namespace, system: System | None = None) -> None:
    """Prints the table; raises DoesNotHold, without a word, unless all of it holds."""
    if os.geteuid() != 0:
        raise UsageError("audit looks into other users' processes: run it as root (sudo posenet-edge audit)")
    settings = configuration.load(loader.config_path(arguments.config), arguments.set)
    system = system or System()
    sense, report = find_service(system, SENSE), find_service(system, REPORT)
    broker = find_broker(settings.mqtt)
    claims = list(all_claims(system, sense, report, broker, settings))
    if arguments.capture:
        seen = Claim(f"{SECONDS} s of packets to the broker", lambda: capture(sorted(broker.addresses), broker.port))
        claims.append(seen)
    with _progress() as now:
        findings = list(_test(claims, now))
    notes = data_sharing.tell(settings, data_sharing.log_bits(sense.properties, data_sharing.journal_space()))
    notes["broker"] = f"{broker.host}:{broker.port}{' (known only by name)' if broker.is_named else ''}"
    if not arguments.capture:
        notes["packets"] = f"not looked at; --capture takes {SECONDS} s"
    print(table.as_json(findings, notes) if arguments.json else table.render(findings, notes))
    if any(finding.verdict is not Verdict.HOLDS for finding in findings):
        raise DoesNotHold


def _test(claims: Iterable[Claim], now: list[str]) -> Iterator[Finding]:
    for claim in claims:
        now[0] = claim.text
        yield find(claim)


@contextmanager
def _progress() -> Iterator[list[str]]:
    """Says every two seconds what is being tested; the caller writes it into the list."""
    now = [""]

    def say(_number: int, _frame: FrameType | None) -> None:
        print(f"audit: {now[0]} ...", file=sys.stderr)

    # A signal instead of a thread: the tries fork, which is best done by one thread alone.
    before = signal.signal(signal.SIGALRM, say)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE, _PATIENCE)
    try:
        yield now
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
