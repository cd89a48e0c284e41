"""How tall a person stands in the frame, steadied: what all lengths of gestures are measured by."""

from collections import deque
from statistics import median_high

from edge.report.analytics.body.body import Body

_OVER = 3.0
"""Seconds over which the median is taken: longer than a squat, in which the trunk bends, and than a walk to somewhere
where people look much taller."""
_EVERY = 0.1
"""Seconds between two looks, so that there are never many."""


class BodyHeight:
    """The median of ``Body.height`` lately, px; what one frame says may be a third off."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()
        self._median: float | None = None

    def update(self, body: Body, now: float) -> float | None:
        """None where no length of the body was known lately."""
        if body.known_height and (not self._seen or now - self._seen[-1][0] >= _EVERY):
            self._seen.append((now, body.known_height))
            self._median = None
        while self._seen and now - self._seen[0][0] > _OVER:
            self._seen.popleft()
            self._median = None
        if self._median is None and self._seen:
            self._median = median_high(height for _, height in self._seen)
        return self._median
