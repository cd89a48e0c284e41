"""A slot for the latest item: a newer one replaces it, so that no queue of old frames builds up."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Passes the latest item from one thread to another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self.dropped = 0
        """Items that were replaced before they were taken."""

    def put(self, item: T, patiently: bool = False) -> None:
        """Place an item; the last one, if it was not taken yet, is waited for or else dropped and counted."""
        with self._changed:
            if patiently:
                self._changed.wait_for(lambda: self._item is None or self._closed)
            if not self._closed:
                self.dropped += self._item is not None
                self._item = item
                self._changed.notify_all()

    def take(self, timeout: float) -> T | None:
        """Take the item, waiting up to ``timeout`` s for one; None if none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to take."""
        with self._changed:
            return self._item is None

    def close(self) -> None:
        """End all waiting, now and later; what was placed already can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
