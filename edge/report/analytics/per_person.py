"""What is remembered of each person, for as long as that person is followed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from edge.report.analytics.body.body import Body

_Memory = TypeVar("_Memory")

UNSEEN = 1.0
"""Seconds after which somebody unseen is forgotten: ``track.keep``, after which the tracker gives no such id again."""


class PerPerson(Generic[_Memory]):
    """A memory for each id, made by ``make`` when it is first seen."""

    def __init__(self, make: Callable[[], _Memory], keep: float = UNSEEN) -> None:
        self._make = make
        self._keep = keep
        self._memories: dict[int, _Memory] = {}
        self._seen: dict[int, float] = {}

    def see(self, people: Sequence[Body], now: float) -> list[tuple[Body, _Memory]]:
        """Each of these people with what is remembered of them."""
        found = []
        for body in people:
            self._seen[body.id] = now
            memory = self._memories.get(body.id)
            if memory is None:
                memory = self._memories[body.id] = self._make()
            found.append((body, memory))
        return found

    def forget(self, now: float) -> list[tuple[int, _Memory]]:
        """Forgets who was not seen for ``keep`` s, and says whom."""
        if not self._seen or now - min(self._seen.values()) <= self._keep:
            return []
        gone = [number for number, seen in self._seen.items() if now - seen > self._keep]
        for number in gone:
            del self._seen[number]
        return [(number, self._memories.pop(number)) for number in gone]

    def values(self) -> Iterator[_Memory]:
        """The memory of everybody who is remembered."""
        yield from self._memories.values()

    def items(self) -> Iterator[tuple[int, _Memory]]:
        """Everybody who is remembered."""
        yield from self._memories.items()
