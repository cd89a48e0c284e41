"""Says on standard error how far a long walk has come."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

EVERY_S = 2.0


def counted(what: str, items: Sequence[Item]) -> Iterator[Item]:
    """Give the items one by one, with a line such as ``looking at photos: 12 of 70`` every two seconds."""
    said = time.monotonic()
    for number, item in enumerate(items, start=1):
        if time.monotonic() - said >= EVERY_S:
            said = time.monotonic()
            print(f"{what}: {number} of {len(items)}", file=sys.stderr, flush=True)
        yield item
