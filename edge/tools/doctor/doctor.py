"""``posenet-edge doctor``: walks the round and says what it found, one line a check."""

import argparse
import json
import os
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from edge.config import loader
from edge.errors import PosenetEdgeError
from edge.tools.doctor.checks import walk
from edge.tools.doctor.finding import Finding, Level, exit_status, worst
from edge.tools.doctor.machine import Machine

_QUIET = 2.0
"""Seconds that a check may take before doctor says what it is at."""
_VERSION = 1
"""Of the shape of ``--json``."""


class Unwell(PosenetEdgeError):
    """Something was found, and has been said: only the exit status is left (1 warnings, 2 bad)."""

    def __init__(self, code: int) -> None:
        super().__init__("")
        self.exit_code = code


class Progress:
    """Says on standard error what a check is at, once it has taken two seconds."""

    def __init__(self, seconds: float = _QUIET) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cancel()

    def says(self, check: str) -> None:
        """The next check begins."""
        self._cancel()
        self._timer = threading.Timer(self._seconds, self._tell, [check])
        self._timer.daemon = True
        self._timer.start()

    def _tell(self, check: str) -> None:
        print(f"posenet-edge doctor: looking at {check} ...", file=sys.stderr, flush=True)

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()


def doctor(arguments: argparse.Namespace) -> None:
    """Prints every finding; raises Unwell, which says nothing more, where one is a warning or bad."""
    machine = Machine(admin=os.geteuid() == 0)
    findings = []
    with Progress() as progress:
        for finding in walk(machine, loader.config_path(arguments.config), arguments.set, progress.says):
            findings.append(finding)
            if not arguments.json:
                print(in_words(finding), flush=True)
    print(as_json(findings) if arguments.json else summary(findings), flush=True)
    if code := exit_status(findings):
        raise Unwell(code)


def in_words(finding: Finding) -> str:
    """One line, and the remedy or hint below it."""
    mark = finding.level.value
    mark = mark.upper() if finding.level in (Level.WARNING, Level.BAD) else mark
    text = f"{mark:<8} {finding.check}: {finding.found}"
    if not finding.remedy:
        return text
    return f"{text}\n{'':<8} {'hint' if finding.level is Level.GOOD else 'do'}: {finding.remedy}"


def summary(findings: Iterable[Finding]) -> str:
    """The last line."""
    levels = [finding.level for finding in findings]
    words = {level: level.value for level in Level}
    if levels.count(Level.WARNING) > 1:
        words[Level.WARNING] = "warnings"
    counts = ", ".join(f"{count} {words[level]}" for level in Level if (count := levels.count(level)))
    return f"{len(levels)} checks: {counts}"


def as_json(findings: list[Finding]) -> str:
    """The same for programs."""
    return json.dumps(
        {
            "version": _VERSION,
            "worst": worst(findings).value,
            "findings": [
                {"check": f.check, "level": f.level.value, "found": f.found, "remedy": f.remedy} for f in findings
            ],
        },
        indent=1,
    )
