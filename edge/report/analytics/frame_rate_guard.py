"""A guard for detectors that have to see movement: with too few frames a second their state is unknown."""

from collections.abc import Callable, Mapping, Sequence

from edge.report.analytics.base import Detector, State, state_by_person
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.runtime.time_window import TimeWindow

NEEDED_PER_S = 5.0
"""Frames a second that are needed."""
_WINDOW_S = 3.0
"""Time over which they are counted, so that a dropped one does not make a camera slow."""
_NEARLY = 0.9
"""Part of them that is enough: no camera keeps its frame rate exactly."""


class FrameRateGuard:
    """A detector that is asked only while there are enough frames; otherwise it forgets, and its state is None."""

    def __init__(self, make: Callable[[], Detector]) -> None:
        self._make = make
        self._detector = make()
        self._unknown = dict.fromkeys(self._detector.state)
        self._frames: TimeWindow[None] = TimeWindow(_WINDOW_S, spanning=True)
        self._fast = True

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Ask the detector if there were ``NEEDED_PER_S`` frames a second of late, or nobody is there."""
        self._frames.add(None, now)
        fast = not people or self._is_fast()
        if self._fast and not fast:
            self._detector = self._make()
        self._fast = fast
        return self._detector.update(people, now) if fast else []

    def _is_fast(self) -> bool:
        """Tell whether there are enough frames; where too little time has passed to count, as before."""
        passed = self._frames.span
        return (len(self._frames) - 1) / passed >= _NEARLY * NEEDED_PER_S if passed >= _WINDOW_S / 2 else self._fast

    @property
    def state(self) -> State:
        """The detector's own, or None for each key."""
        return self._detector.state if self._fast else dict(self._unknown)

    @property
    def by_person(self) -> Mapping[int, State]:
        """The detector's own, or nothing."""
        return state_by_person(self._detector) if self._fast else {}
