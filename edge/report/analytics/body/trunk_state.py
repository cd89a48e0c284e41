"""Whether somebody holds the trunk upright, steadied."""

from collections import deque

from edge.report.analytics.body.body import Body

_OVER = 0.5
"""Seconds of looks that are counted; what one says of who lies, seen along the body, errs now and then."""


class TrunkState:
    """What most of the last looks said."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, bool]] = deque()

    def update(self, body: Body, now: float) -> bool | None:
        """None where shoulders or hips were not seen lately."""
        if body.upright is not None:
            self._seen.append((now, body.upright))
        while self._seen and now - self._seen[0][0] > _OVER:
            self._seen.popleft()
        return sum(upright for _, upright in self._seen) > len(self._seen) / 2 if self._seen else None
