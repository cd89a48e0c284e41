"""The result of a check."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from edge.errors import PosenetEdgeError

_MOST_NAMED = 6
"""Breaches of one claim that are named."""


class Level(Enum):
    """How bad a finding is, from the best to the worst."""

    GOOD = "good"
    """Nothing is wrong; what is claimed holds."""
    UNKNOWN = "unknown"
    """It could not be told, or does not apply here. Nothing is proved and nobody is blamed."""
    WARNING = "warning"
    """The sensor works, and somebody should look at this."""
    BAD = "bad"
    """The sensor does not do its work, or soon will not; what is claimed does not hold."""


class Answer(NamedTuple):
    """Result of one check without its name, which follows from the question."""

    level: Level
    found: str
    """Observation, in a few words."""
    remedy: str = ""
    """Advice on what to do about it; a hint if the level is good."""


class Finding(NamedTuple):
    """Result of one check with its name."""

    check: str
    level: Level
    found: str
    remedy: str = ""


class CouldNotTell(PosenetEdgeError):
    """A check has nothing to look at; the message says why."""


def good(check: str, found: str, hint: str = "") -> Finding:
    """Make the finding of a check where nothing is wrong."""
    return Finding(check, Level.GOOD, found, hint)


def unknown(check: str, found: str, remedy: str = "") -> Finding:
    """Make the finding of a check that could not look, or does not apply here."""
    return Finding(check, Level.UNKNOWN, found, remedy)


def warning(check: str, found: str, remedy: str) -> Finding:
    """Make the finding of a check where the sensor works, and somebody should look."""
    return Finding(check, Level.WARNING, found, remedy)


def bad(check: str, found: str, remedy: str) -> Finding:
    """Make the finding of a check where the sensor does not do its work, or soon will not."""
    return Finding(check, Level.BAD, found, remedy)


def judge(breaches: Iterable[str], otherwise: str) -> Answer:
    """Answer whether a claim holds.

    Args:
        breaches: Each thing that contradicts the claim. The first six are named.
        otherwise: What was found where nothing does.

    Returns:
        A bad answer if there is a breach, else a good one.
    """
    found = list(dict.fromkeys(breaches))
    if len(found) > _MOST_NAMED:
        found = [*found[:_MOST_NAMED], f"and {len(found) - _MOST_NAMED} more"]
    return Answer(Level.BAD, "; ".join(found)) if found else Answer(Level.GOOD, otherwise)


def worst(findings: Iterable[Finding]) -> Level:
    """Find the worst level of all; ``GOOD`` where there is no finding."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.GOOD)
