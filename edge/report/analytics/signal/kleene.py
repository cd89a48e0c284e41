"""True, false, and None for unknown: Kleene's three-valued logic, in which unknown is never taken for either."""

from collections.abc import Iterable

Truth = bool | None


def any_of(truths: Iterable[Truth]) -> Truth:
    """True where one is, else unknown where one is; of none, false."""
    found = set(truths)
    return True if True in found else None if None in found else False


def all_of(truths: Iterable[Truth]) -> Truth:
    """False where one is, else unknown where one is; of none, true."""
    found = set(truths)
    return False if False in found else None if None in found else True


def opposite(truth: Truth) -> Truth:
    """Unknown stays unknown."""
    return None if truth is None else not truth


class HoldLast:
    """What was last known, until that is ``keep`` s old: a joint that is unsure for a moment has not moved."""

    def __init__(self, keep: float = 0.5) -> None:
        self._keep = keep
        self._known: Truth = None
        self._at = 0.0

    def update(self, truth: Truth, now: float) -> Truth:
        """One look at ``now`` s."""
        if truth is not None:
            self._known, self._at = truth, now
        elif now - self._at > self._keep:
            self._known = None
        return self._known
