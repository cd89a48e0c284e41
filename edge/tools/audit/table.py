"""The findings, for people and for programs."""

import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence

from edge.tools.audit.result import Finding, Verdict

_CLAIM = 50
_VERDICT = 15


def last_line(findings: Sequence[Finding]) -> str:
    """The whole in one line."""
    short = [finding for finding in findings if finding.verdict is not Verdict.HOLDS]
    if not short:
        return f"all {len(findings)} claims hold"
    unknown = sum(finding.verdict is Verdict.UNKNOWN for finding in short)
    parts = []
    if len(short) - unknown:
        parts.append(f"{len(short) - unknown} of {len(findings)} do not hold")
    if unknown:
        parts.append(f"{unknown} of {len(findings)} could not be told")
    return ", ".join(parts)


def render(findings: Sequence[Finding], notes: Mapping[str, object]) -> str:
    """Verdict, claim and what was found, what is told and not judged, and the last line."""
    width = max(shutil.get_terminal_size((140, 24)).columns, 110)
    lines = []
    for finding in findings:
        claim = textwrap.wrap(finding.claim, _CLAIM)
        found = textwrap.wrap(finding.found, width - _VERDICT - _CLAIM - 2) or [""]
        for index in range(max(len(claim), len(found))):
            verdict = finding.verdict if index == 0 else ""
            left = claim[index] if index < len(claim) else ""
            right = found[index] if index < len(found) else ""
            lines.append(f"{verdict:<{_VERDICT}}{left:<{_CLAIM}}  {right}".rstrip())
    lines += ["", "Told, not judged:"]
    for name, text in notes.items():
        lines += textwrap.wrap(f"{name}: {text}", width, subsequent_indent="  ")
    return "\n".join([*lines, "", last_line(findings)])


def as_json(findings: Sequence[Finding], notes: Mapping[str, object]) -> str:
    """The same, machine-readable; ``verdict`` is ``pass``, ``fail`` or ``could not tell``."""
    claims = [
        {"claim": finding.claim, "verdict": finding.verdict.lower(), "found": finding.found} for finding in findings
    ]
    holds = all(finding.verdict is Verdict.HOLDS for finding in findings)
    return json.dumps(
        {"claims": claims, "notes": dict(notes), "holds": holds, "summary": last_line(findings)}, indent=2
    )
