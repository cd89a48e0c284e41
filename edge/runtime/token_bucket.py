"""A bounded rate that still lets a short burst through."""


class TokenBucket:
    """Holds ``burst`` tokens and gains ``rate`` of them a second; whoever finds too few is refused."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled_at = 0.0

    def take(self, amount: float, now: float) -> bool:
        """Takes ``amount`` tokens at ``now`` (monotonic s), or leaves them all and returns False."""
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if amount > self._tokens:
            return False
        self._tokens -= amount
        return True
