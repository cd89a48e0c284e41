"""A backoff for tests, which need not wait."""

from edge.runtime.backoff import Backoff


class Hasty(Backoff):
    """Waits next to nothing between two tries, and counts them."""

    def __init__(self) -> None:
        super().__init__(0.02, 0.02)
        self.tries = 0

    def delay(self) -> float:
        self.tries += 1
        return super().delay()
