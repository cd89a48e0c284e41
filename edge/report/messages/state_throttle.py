"""When ``state`` is said: on a change, but never in a flood, and again now and then, so that its absence tells."""

from typing import Any

APART = 0.5
"""Seconds between two at least; after a burst of changes the last value still goes out."""
LOOK = 0.1
"""Seconds between two looks at it at least: to find it out takes as long as to hear a frame."""
AGAIN = 30.0
"""Seconds after which it is said again unchanged."""
EXPIRES = 90.0
"""Seconds after which whoever listens should not rely on the last one any more."""


class StateThrottle:
    """``wants``: whether to find a state out; ``due``: whether to publish it. To be asked every quarter of a second."""

    def __init__(self) -> None:
        self._said: Any = None
        self._said_at = self._seen_at = -AGAIN

    def wants(self, now: float) -> bool:
        """Whether a state could go out at ``now`` (monotonic s)."""
        return now - self._said_at >= APART and now - self._seen_at >= LOOK

    def due(self, state: dict[str, Any], now: float) -> bool:
        """Whether ``state`` goes out at ``now``; if so, it counts as said."""
        self._seen_at = now
        waited = now - self._said_at
        if waited < APART or (state == self._said and waited < AGAIN):
            return False
        self._said, self._said_at = state, now
        return True
