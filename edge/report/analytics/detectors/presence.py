"""Somebody is there, and how many.

Wrong where the model is: a coat on a stand may count, and somebody behind a sofa does not.
"""

from collections.abc import Sequence

from edge.config.analytics_settings import PresenceSettings
from edge.report.analytics.base import State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.signal.debounce import Debounce


class Presence:
    """``occupied`` and ``people``; a person counts once seen for ``enter`` s, the room is empty after ``clear`` s."""

    def __init__(self, settings: PresenceSettings) -> None:
        self._occupied = Debounce(settings.enter, settings.clear)
        self._counts: dict[int, Debounce] = {}
        self._settings = settings

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """``arrived`` when the room becomes occupied, ``left`` when it becomes empty."""
        was = self._occupied.value
        changed = self._occupied.update(bool(people), now)
        self._count(len(people), now)
        if not changed or (was is None and not self._occupied.value):
            return []
        return [Event("arrived" if self._occupied.value else "left")]

    def _count(self, seen: int, now: float) -> None:
        """A hold for "at least so many": a count goes up after ``enter``, and down after ``clear``, one by one."""
        for number in range(1, max(seen, *self._counts, 0) + 1):
            if number not in self._counts:
                self._counts[number] = Debounce(self._settings.enter, self._settings.clear)
            self._counts[number].update(seen >= number, now)

    @property
    def state(self) -> State:
        people = None
        if self._occupied.value is not None:
            people = sum(hold.value is True for hold in self._counts.values())
        return {"occupied": self._occupied.value, "people": people}
