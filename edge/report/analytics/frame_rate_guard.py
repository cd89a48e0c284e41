"""For meanings that need to see movement: below some frames a second they say that they don't know."""

from collections.abc import Callable, Mapping, Sequence

from edge.report.analytics.base import Detector, State, state_by_person
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.signal.time_window import TimeWindow

NEEDED = 5.0
"""Frames a second."""
_WINDOW_S = 3.0
"""Seconds over which they are counted, so that one which is dropped does not make a camera slow."""
_NEARLY = 0.9
"""Part of them that is enough: what is asked of a camera is never kept exactly."""


class FrameRateGuard:
    """A meaning that is asked only while there are enough frames; otherwise it forgets, and all it says is None."""

    def __init__(self, make: Callable[[], Detector]) -> None:
        self._make = make
        self._meaning = make()
        self._unknown = dict.fromkeys(self._meaning.state)
        self._frames: TimeWindow[None] = TimeWindow(_WINDOW_S, spanning=True)
        self._fast = True

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """As the meaning's own, where there were ``NEEDED`` frames a second lately, or nobody is there."""
        self._frames.add(None, now)
        fast = not people or self._is_fast()
        if self._fast and not fast:
            self._meaning = self._make()
        self._fast = fast
        return self._meaning.update(people, now) if fast else []

    def _is_fast(self) -> bool:
        """Tell whether there are enough frames; where too little time has passed to count, as before."""
        passed = self._frames.span
        return (len(self._frames) - 1) / passed >= _NEARLY * NEEDED if passed >= _WINDOW_S / 2 else self._fast

    @property
    def state(self) -> State:
        """The meaning's own, or None for each."""
        return self._meaning.state if self._fast else dict(self._unknown)

    @property
    def by_person(self) -> Mapping[int, State]:
        """The meaning's own, or nothing."""
        return state_by_person(self._meaning) if self._fast else {}
