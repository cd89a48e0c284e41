"""What a test of one claim comes to, and the list of claims with their answers."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

_MOST = 6
"""Breaches that are named, of one claim."""


class Verdict(StrEnum):
    """``could not tell`` is no pass: what was not seen is not claimed."""

    HOLDS = "pass"
    FAILS = "FAIL"
    UNKNOWN = "could not tell"


class Answer(NamedTuple):
    """found: what was seen, in a few words."""

    verdict: Verdict
    found: str


class Claim(NamedTuple):
    """text: what is claimed. test: asks the running system, now; an OSError in it means that it could not be told."""

    text: str
    test: Callable[[], Answer]


class Finding(NamedTuple):
    """A claim with its answer."""

    claim: str
    verdict: Verdict
    found: str


def judge(breaches: Iterable[str], otherwise: str) -> Answer:
    """Fails with the breaches named, or holds with what was found otherwise."""
    found = list(dict.fromkeys(breaches))
    if len(found) > _MOST:
        found = [*found[:_MOST], f"and {len(found) - _MOST} more"]
    return Answer(Verdict.FAILS, "; ".join(found)) if found else Answer(Verdict.HOLDS, otherwise)


def unknown(why: str) -> Answer:
    """Nothing was proved, either way."""
    return Answer(Verdict.UNKNOWN, why)


def find(claim: Claim) -> Finding:
    """Tests one claim; what cannot be looked at is told as that."""
    try:
        return Finding(claim.text, *claim.test())
    except (OSError, ValueError) as error:
        return Finding(claim.text, Verdict.UNKNOWN, str(error))
