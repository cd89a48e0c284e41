"""Run checks one after another; none is stopped by another's trouble."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from edge.errors import PosenetEdgeError
from edge.tools.checks.finding import Answer, Finding, unknown
from edge.tools.progress import Progress


class Check(NamedTuple):
    """A name, and what looks: gives findings of names of its own, or one answer for this name."""

    name: str
    look: Callable[[], Answer | Finding | Iterable[Finding]]
    """Whatever it raises means that it could not be told."""


def run_checks(checks: Iterable[Check], progress: Progress) -> Iterator[Finding]:
    """Give every finding as soon as it is made."""
    with progress:
        for check in checks:
            progress.begin(check.name)
            try:
                yield from _findings(check)
            except (OSError, PosenetEdgeError) as error:
                yield unknown(check.name, str(error))
            except Exception as error:
                if os.environ.get("POSENET_EDGE_TRACEBACK"):
                    raise
                yield unknown(
                    check.name,
                    f"a bug in this check: {type(error).__name__}: {error}",
                    "please report it with what POSENET_EDGE_TRACEBACK=1 in the environment shows",
                )


def _findings(check: Check) -> Iterable[Finding]:
    found = check.look()
    if isinstance(found, Answer):
        return [Finding(check.name, *found)]
    return [found] if isinstance(found, Finding) else found
