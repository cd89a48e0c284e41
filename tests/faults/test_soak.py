"""A minute of ``scripts/soak``; and what it measures with would see a loss and a growth."""

import json
import random

import pytest

from edge.report.messages.schema import SCHEMAS
from tests.faults.growth import slope
from tests.faults.soak import account, soak


def test_a_minute_of_faults() -> None:
    assert not soak(60.0, seed=1)


def event(sequence: int, run: str = "aaaaaaaa", kind: str = "event") -> tuple[str, bytes]:
    said = {"version": 2, "time": 1.0, "kind": "arrived", "id": 1, "zone": None, "people": 1, "confidence": 1.0}
    return f"{kind}/arrived", json.dumps(said | {"run": run, "sequence": sequence}).encode()


def test_what_is_missing_is_seen() -> None:
    assert SCHEMAS
    told = account([event(1), event(2), event(2, kind="late"), event(5), event(1, "bbbbbbbb"), event(3, kind="late")])
    assert (told.messages, told.invalid) == (6, 0)
    assert (told.events, told.late, told.repeated) == (5, 1, 1)
    assert (told.missing, told.unaccounted) == (1, 1)


def test_what_breaks_its_schema_is_seen() -> None:
    assert account([event(0), ("availability", b"perhaps"), event(1), ("state", b"\xff")]).invalid == 3


@pytest.mark.parametrize("growth", [0.0, 0.05])
def test_growth_is_told_from_noise_over_restarts(growth: float) -> None:
    chance = random.Random(0)
    pieces = [
        [(begin + at, base + growth * at + chance.gauss(0, 0.5)) for at in range(100)]
        for begin, base in ((0, 100.0), (200, 130.0), (500, 90.0))
    ]
    found = slope(pieces)
    assert abs(found.value - growth) < 4 * found.error
    assert found.seconds == 297
    assert bool(found.grown) == bool(growth)


def test_a_process_that_lived_too_short_says_nothing() -> None:
    assert slope([[(0.0, 1.0), (1.0, 9.0)]]).grown == 0.0
