"""When ``state`` is said: on a change, but never in a flood, and again now and then, so that its absence tells."""

from typing import Any

APART = 0.5
"""Seconds between two at least; after a burst of changes the last value still goes out."""
AGAIN = 30.0
"""Seconds after which it is said again unchanged."""
EXPIRES = 90.0
"""Seconds after which whoever listens should not rely on the last one any more."""


class Bulletin:
    """``due`` says whether to publish a state now; whoever asks does so at least every quarter of a second."""

    def __init__(self) -> None:
        self._said: Any = None
        self._said_at = -AGAIN

    def due(self, state: dict[str, Any], now: float) -> bool:
        """Whether ``state`` goes out at ``now`` (monotonic s); if so, it counts as said."""
        waited = now - self._said_at
        if waited < APART or (state == self._said and waited < AGAIN):
            return False
        self._said, self._said_at = state, now
        return True
