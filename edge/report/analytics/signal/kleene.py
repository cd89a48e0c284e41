"""True, false, and None for unknown: Kleene's three-valued logic, in which unknown is never taken for either."""

from collections.abc import Iterable

Truth = bool | None


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return true if one is, else unknown if one is; false for none."""
    found = set(truths)
    return True if True in found else None if None in found else False


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return false if one is, else unknown if one is; true for none."""
    found = set(truths)
    return False if False in found else None if None in found else True


def opposite(truth: Truth) -> Truth:
    """Negate a truth; unknown stays unknown."""
    return None if truth is None else not truth


class HoldLast:
    """The last known truth, until it is ``keep`` s old: a joint that is unsure for a moment has not moved."""

    def __init__(self, keep: float = 0.5) -> None:
        self._keep = keep
        self._known: Truth = None
        self._at = 0.0

    def update(self, truth: Truth, now: float) -> Truth:
        """Take in a truth at ``now`` s, and return what is known."""
        if truth is not None:
            self._known, self._at = truth, now
        elif now - self._at > self._keep:
            self._known = None
        return self._known
