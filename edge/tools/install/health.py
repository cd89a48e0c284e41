"""Is a version as good as the one before it? By what doctor says of either."""

import json
import time
from collections.abc import Callable
from typing import NamedTuple

from edge.errors import Unavailable
from edge.tools.install.commands import Failed, Run

NEEDED = ("posenet-report.service", "posenet-sense.service", "camera", "seal")
"""Checks that must not even be unknown where they were good: the camera is good once its frames come."""
_PAUSE_S = 1.0


class Verdict(NamedTuple):
    """What doctor said of one check."""

    level: str
    text: str


Verdicts = dict[str, Verdict]


def look(python: str, run: Run) -> Verdicts:
    """Ask the doctor of an installed version; nothing where it cannot answer."""
    try:
        try:
            output = run([python, "-P", "-m", "edge", "doctor", "--json"], {})
        except Failed as error:
            # It also ends so where it found something.
            output = error.output
        return {
            row["check"]: Verdict(row["level"], f"{row['check']}: {row['found']}; {row['remedy']}".rstrip("; "))
            for row in json.loads(output)["findings"]
        }
    except (Unavailable, ValueError, KeyError, TypeError):
        return {}


def worse(before: Verdicts, now: Verdicts) -> list[str]:
    """Tell what is worse than before; with nothing before, what is not as it should be."""
    silent = Verdict("unknown", "")
    found = {check for check, verdict in now.items() if verdict.level == "bad"}
    found |= {check for check in NEEDED if now.get(check, silent).level not in ("good", "warning")}
    return sorted(
        now[check].text if check in now else f"{check}: nothing is known of it"
        for check in found
        if check not in before or before[check].level not in ("bad", now.get(check, silent).level)
    )


def wait(
    before: Verdicts, look_now: Callable[[], Verdicts], patience: float, clock: Callable[[], float] = time.monotonic
) -> list[str]:
    """Wait until nothing is worse than before.

    Args:
        before: What was said of the version before; empty: there was none.
        look_now: Asks the doctor of the new one.
        patience: How long, s.
        clock: In seconds.

    Returns:
        What is still worse at the end of the patience; empty: it is healthy.
    """
    until = clock() + patience
    while (found := worse(before, look_now())) and clock() < until:
        time.sleep(_PAUSE_S)
    return found
