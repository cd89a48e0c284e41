"""What one check found, and what the worst of many means for the exit status."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad it is; ``unknown`` could not be looked at here, and blames nobody."""

    GOOD = "good"
    UNKNOWN = "unknown"
    WARNING = "warning"
    BAD = "bad"


_EXIT = {Level.GOOD: 0, Level.UNKNOWN: 0, Level.WARNING: 1, Level.BAD: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. remedy: what to do about it; below something good it is a hint."""

    check: str
    level: Level
    found: str
    remedy: str = ""


def good(check: str, found: str, hint: str = "") -> Finding:
    """Nothing is wrong."""
    return Finding(check, Level.GOOD, found, hint)


def unknown(check: str, found: str, remedy: str = "") -> Finding:
    """It could not be looked at, or does not apply here."""
    return Finding(check, Level.UNKNOWN, found, remedy)


def warning(check: str, found: str, remedy: str) -> Finding:
    """The sensor works, and somebody should look at this."""
    return Finding(check, Level.WARNING, found, remedy)


def bad(check: str, found: str, remedy: str) -> Finding:
    """The sensor does not do its work, or soon will not."""
    return Finding(check, Level.BAD, found, remedy)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level of all; ``good`` where there is nothing."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.GOOD)


def exit_status(findings: Iterable[Finding]) -> int:
    """0 good or unknown, 1 with warnings, 2 where something is bad."""
    return _EXIT[worst(findings)]
