"""Memories of single people, for as long as they are followed."""

from collections.abc import Callable, Collection, Sequence
from typing import Generic, Protocol, TypeVar

UNSEEN_S = 1.0
"""Time after which somebody unseen is forgotten: ``track.keep``, after which the tracker gives no such id again."""


class _Identified(Protocol):
    @property
    def id(self) -> int: ...


_Memory = TypeVar("_Memory")
_Person = TypeVar("_Person", bound=_Identified)


class PerPerson(Generic[_Memory]):
    """A memory for each id."""

    def __init__(self, make: Callable[[], _Memory], keep: float = UNSEEN_S) -> None:
        """Remember nobody.

        Args:
            make: Makes a memory when an id is first seen.
            keep: Time after which somebody unseen is forgotten, s.
        """
        self._make = make
        self._keep = keep
        self._memories: dict[int, _Memory] = {}
        self._seen: dict[int, float] = {}

    def see(self, people: Sequence[_Person], now: float) -> list[tuple[_Person, _Memory]]:
        """Return these people with what is remembered of each, and forget who was not seen for long."""
        found = []
        for person in people:
            number = person.id
            if number not in self._memories:
                self._memories[number] = self._make()
            self._seen[number] = now
            found.append((person, self._memories[number]))
        if len(self._seen) > len(found):
            self._forget_unseen(now)
        return found

    def _forget_unseen(self, now: float) -> None:
        for number in [number for number, seen in self._seen.items() if now - seen > self._keep]:
            del self._seen[number], self._memories[number]

    def values(self) -> Collection[_Memory]:
        """Return the memories of everybody who is remembered."""
        return self._memories.values()

    def items(self) -> Collection[tuple[int, _Memory]]:
        """Return everybody who is remembered, with ids."""
        return self._memories.items()
