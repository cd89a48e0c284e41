"""A truth that does not flicker: it changes only after it has been otherwise for a while."""


class Debounce:
    """``value`` is None until it is first certain; ``update`` says whether it changed.

    on, off: seconds for which the contrary must be seen without a break before it becomes true, or false.
    """

    def __init__(self, on: float, off: float) -> None:
        self._after = {True: on, False: off}
        self._seen: bool | None = None
        self._since = 0.0
        self.value: bool | None = None

    def update(self, seen: bool, now: float) -> bool:
        """One look at ``now`` s; times must not go backwards."""
        if seen is not self._seen:
            self._seen, self._since = seen, now
        if seen is self.value or now - self._since < self._after[seen]:
            return False
        self.value = seen
        return True
