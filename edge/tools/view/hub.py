"""What is known of every sensor now, and who wants to hear what comes next."""

import threading
from collections import deque
from collections.abc import Callable

from edge.tools.view.message import Message

Listener = Callable[[Message], None]

_MOST_DEVICES = 64
_EVENTS_KEPT = 50


class Hub:
    """``hear`` is called by the broker's thread, the rest by any other; a listener must return at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._latest: dict[tuple[str, str], Message] = {}
        self._events: deque[Message] = deque(maxlen=_EVENTS_KEPT)
        self._devices: set[str] = set()

    def hear(self, message: Message) -> None:
        """Remembers it and tells everybody; a device too many is not heard."""
        with self._lock:
            if message.device not in self._devices and len(self._devices) > _MOST_DEVICES:
                return
            self._devices.add(message.device)
            if message.kind == "event":
                self._events.append(message)
            elif message.kind != "poses":
                self._latest[message.device, message.kind] = message
            for listener in self._listeners:
                listener(message)

    def latest(self, device: str, kind: str) -> Message | None:
        """What a device said last of that kind, poses and events aside."""
        with self._lock:
            return self._latest.get((device, kind))

    def join(self, listener: Listener) -> None:
        """Tells ``listener`` what is known, and from now on everything."""
        with self._lock:
            for message in (*self._latest.values(), *self._events):
                listener(message)
            self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tells it nothing more."""
        with self._lock:
            self._listeners.remove(listener)
