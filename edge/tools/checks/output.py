"""Findings for people and for programs, and the exit status."""

import json
import shutil
import string
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from edge.errors import PosenetEdgeError
from edge.tools.checks.finding import Finding, Level, worst

VERSION = 1
"""Version of the shape of ``--json``."""
_MARK = 9
"""Columns for the level."""
_NARROWEST = 60
"""Columns for what was found."""
_PLURALS = {Level.WARNING: "warnings"}


class NotAllGood(PosenetEdgeError):
    """A finding asks for an exit status. The output has said why, so the message is empty."""

    def __init__(self, code: int) -> None:
        super().__init__("")
        self.exit_code = code


def tell(
    findings: Iterable[Finding],
    *,
    as_json: bool,
    exit_codes: Mapping[Level, int],
    check_width: int,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Print findings as they come, or all at once as JSON.

    Args:
        findings: Made while they are taken.
        as_json: For programs.
        exit_codes: By the worst level of all; 0 where it is not named.
        check_width: Columns for the names of the checks.
        notes: What is told and not judged, by a name.

    Raises:
        NotAllGood: The exit status is not 0.
    """
    told: list[Finding] = []
    for finding in findings:
        told.append(finding)
        if not as_json:
            print(row(finding, check_width), flush=True)
    print(render_json(told, notes or {}) if as_json else "\n".join([*_told(notes or {}), summary(told)]), flush=True)
    if code := exit_codes.get(worst(told), 0):
        raise NotAllGood(code)


def row(finding: Finding, check_width: int) -> str:
    """Render one row of the table: level, check and what was found; the remedy or hint below it."""
    mark = finding.level.value
    mark = mark.upper() if finding.level in (Level.WARNING, Level.BAD) else mark
    width = max(_columns() - _MARK - check_width - 2, _NARROWEST)
    right = _wrap(finding.found, width)
    if finding.remedy:
        right += _wrap(f"{'hint' if finding.level is Level.GOOD else 'do'}: {finding.remedy}", width)
    cells = zip_longest([mark], _wrap(finding.check, check_width), right, fillvalue="")
    return "\n".join(f"{level:<{_MARK}}{check:<{check_width}}  {found}".rstrip() for level, check, found in cells)


def summary(findings: Sequence[Finding]) -> str:
    """Count the findings of each level, in one line."""
    levels = [finding.level for finding in findings]
    counts = {level: levels.count(level) for level in Level}
    words = (
        f"{count} {_PLURALS.get(level, level.value) if count > 1 else level.value}"
        for level, count in counts.items()
        if count
    )
    return f"{len(levels)} checks: {', '.join(words)}"


def render_json(findings: Sequence[Finding], notes: Mapping[str, str]) -> str:
    """Render all of it for programs."""
    return json.dumps(
        {
            "version": VERSION,
            "worst": worst(findings).value,
            "summary": summary(findings),
            "findings": [{**finding._asdict(), "level": finding.level.value} for finding in findings],
            "notes": dict(notes),
        },
        indent=1,
    )


def _told(notes: Mapping[str, str]) -> list[str]:
    if not notes:
        return []
    lines = (_wrap(f"{name}: {text}", _columns(), "  ") for name, text in notes.items())
    return ["", "Told, not judged:", *("\n".join(each) for each in lines), ""]


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    # A name that others chose may hold what a terminal obeys, or what no terminal shows.
    text = "".join(letter if letter.isprintable() or letter in string.whitespace else "?" for letter in text)
    # Commands and paths stay whole, to be copied.
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _columns() -> int:
    return shutil.get_terminal_size((140, 24)).columns
