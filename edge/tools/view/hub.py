"""Latest messages of all sensors, and the listeners to which new ones are passed on."""

import threading
from collections import deque
from collections.abc import Callable
from itertools import chain

from edge.tools.view.message import Message

Listener = Callable[[Message], None]

_MAX_DEVICES = 64
_EVENTS_KEPT = 50
"""Of each device."""


class Hub:
    """Thread-safe distributor of messages; a listener must return at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._latest: dict[tuple[str, str], Message] = {}
        self._events: dict[str, deque[Message]] = {}
        self._devices: set[str] = set()

    def hear(self, message: Message) -> bool:
        """Store a message and pass it on.

        Args:
            message: ``forgotten`` takes back the latest message of a kind, ``gone`` all of the device.

        Returns:
            False if it was ignored, as there are messages of ``_MAX_DEVICES`` other devices.
        """
        with self._lock:
            if message.device not in self._devices and len(self._devices) > _MAX_DEVICES:
                return False
            self._devices.add(message.device)
            if message.kind == "event":
                self._events.setdefault(message.device, deque(maxlen=_EVENTS_KEPT)).append(message)
            elif message.kind == "forgotten":
                self._latest.pop((message.device, message.data["kind"]), None)
            elif message.kind == "gone":
                self._latest = {key: each for key, each in self._latest.items() if key[0] != message.device}
            elif message.kind != "poses":
                self._latest[message.device, message.kind] = message
            for listener in self._listeners:
                listener(message)
            return True

    def latest(self, device: str, kind: str) -> Message | None:
        """Latest message of a device of one kind, except poses and events."""
        with self._lock:
            return self._latest.get((device, kind))

    def join(self, listener: Listener) -> None:
        """Pass the stored messages to ``listener``, and from now on every new one."""
        with self._lock:
            for message in (*self._latest.values(), *chain(*self._events.values())):
                listener(message)
            self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Remove a listener."""
        with self._lock:
            self._listeners.remove(listener)
