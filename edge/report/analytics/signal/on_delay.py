"""How long something has been so."""

from edge.report.analytics.signal.kleene import HoldLast, Truth


class OnDelay:
    """Whether something has been so for ``seconds``: false where it was not so meanwhile, else unknown where it was."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lately = HoldLast()
        self._so_since: float | None = None
        self._otherwise_at = float("-inf")

    def update(self, truth: Truth, now: float) -> Truth:
        """One look at ``now`` s."""
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
