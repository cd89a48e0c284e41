"""The last day of one sensor: whether the room was occupied, and the events; in memory, and bounded."""

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

DAY_S = 86400.0
MAX_TURNS = 2000
"""Greatest number of changes between occupied, empty and not known; the oldest are forgotten first."""
MAX_EVENTS = 500
MAX_FALLS = 100
"""Greatest number of events, and of those about falls, which others never displace."""
NO_RECORD = "no record"
"""Of a time in which nothing was listened to."""


class _Mark(NamedTuple):
    at: float
    key: tuple[Any, Any]
    words: str


class History:
    """What was heard of one sensor during the last day. All times are of one clock, s; they never run backwards."""

    def __init__(self, at: float) -> None:
        """Begin to listen."""
        self._began = self._last = at
        self._turns: deque[tuple[float, str]] = deque(maxlen=MAX_TURNS)
        self._events: deque[_Mark] = deque(maxlen=MAX_EVENTS)
        self._falls: deque[_Mark] = deque(maxlen=MAX_FALLS)

    def be(self, word: str, at: float) -> None:
        """Note how the room is from now on: ``occupied``, ``empty``, ``unknown``, ``offline`` or ``NO_RECORD``."""
        self._last = at = max(at, self._last)
        if not self._turns or self._turns[-1][1] != word:
            self._turns.append((at, word))
        while len(self._turns) > 1 and self._turns[1][0] <= at - DAY_S:
            self._turns.popleft()

    def hear(self, event: Mapping[str, Any], at: float) -> None:
        """Note an event that happened at this time; one that was said before is left out."""
        kept = self._falls if str(event["kind"]).startswith("fall_") else self._events
        mark = _Mark(at, (event["run"], event["sequence"]), event["words"])
        if all(mark.key != each.key for each in kept):
            kept.append(mark)

    def tell(self, at: float) -> dict[str, Any]:
        """Tell the day before this time.

        Returns:
            ``length`` of the day and for how long it was ``listened``; ``spans``, each with its begin, end and word;
            ``events``, each with its ``age``, words and whether it is about a fall. All in s before ``at``, in order.
        """
        begins = [begin for begin, _ in self._turns]
        spans = [
            [round(min(at - begin, DAY_S), 1), round(max(at - end, 0.0), 1), word]
            for (begin, word), end in zip(self._turns, [*begins, at][1:], strict=True)
            if at - end < DAY_S
        ]
        marks = [(mark, False) for mark in self._events] + [(mark, True) for mark in self._falls]
        events = [
            {"age": round(max(at - mark.at, 0.0), 1), "words": mark.words, "fall": fall}
            for mark, fall in sorted(marks)
            if at - mark.at < DAY_S
        ]
        return {"length": DAY_S, "listened": round(at - self._began, 1), "spans": spans, "events": events}
