"""On-delay: true after a truth has lasted."""

from edge.report.analytics.signal.kleene import HoldLast, Truth


class OnDelay:
    """True if the input was true for ``seconds``; false if it was false meanwhile; else unknown."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lately = HoldLast()
        self._so_since: float | None = None
        self._otherwise_at = float("-inf")

    def update(self, truth: Truth, now: float) -> Truth:
        """Take in a truth at ``now`` s, and return the delayed one."""
        truth = self._lately.update(truth, now)
        if truth is False:
            self._otherwise_at = now
        if not truth:
            self._so_since = None
        elif self._so_since is None:
            self._so_since = now
        if self._so_since is not None and now - self._so_since >= self._seconds:
            return True
        return False if now - self._otherwise_at <= self._seconds else None
