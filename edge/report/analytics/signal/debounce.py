"""Debouncing: a truth changes only after the contrary has lasted for a while."""


class Debounce:
    """A truth that does not flicker; ``value`` is None until it is first certain."""

    def __init__(self, delay_on: float, delay_off: float) -> None:
        """Know nothing yet.

        Args:
            delay_on: Seconds for which true must be seen without a break before the value becomes true.
            delay_off: The same for false.
        """
        self._after = {True: delay_on, False: delay_off}
        self._seen: bool | None = None
        self._since = 0.0
        self.value: bool | None = None

    def resume(self) -> None:
        """Keep the value, and forget for how long the contrary was seen."""
        self._seen = None

    def update(self, seen: bool, now: float) -> bool:
        """Take in a truth at ``now`` s, which must not go backwards; tell whether ``value`` changed."""
        if seen is not self._seen:
            self._seen, self._since = seen, now
        if seen is self.value or now - self._since < self._after[seen]:
            return False
        self.value = seen
        return True
