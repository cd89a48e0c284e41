"""A rate limit that lets short bursts through."""


class TokenBucket:
    """A store of up to ``burst`` tokens that gains ``rate`` of them a second."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled_at = 0.0

    def take(self, amount: float, now: float) -> bool:
        """Take tokens.

        Args:
            amount: How many.
            now: Monotonic, s.

        Returns:
            False if there are fewer; then none is taken.
        """
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if amount > self._tokens:
            return False
        self._tokens -= amount
        return True
