"""Messages from the broker, waiting in a bounded queue for the thread that handles them."""

import queue
from collections.abc import Callable
from typing import NamedTuple

from paho.mqtt.client import topic_matches_sub

MAX_PAYLOAD_BYTES = 1 << 16
MAX_WAITING = 64


class Message(NamedTuple):
    """Message that matched a subscription."""

    topic: str
    payload: bytes
    retained: bool
    """It was at the broker before this subscription; False for a message that is published now."""


OnMessage = Callable[[Message], None]


class _Subscription(NamedTuple):
    topic: str
    on_message: OnMessage
    max_bytes: int


class Subscriptions:
    """Topics with their handlers: ``put`` is called by the network's thread, ``dispatch`` by the one that handles."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        """Bound the queue to ``max_waiting`` messages."""
        self._subscriptions: list[_Subscription] = []
        self._waiting: queue.Queue[tuple[OnMessage, Message]] = queue.Queue(max_waiting)

    @property
    def topics(self) -> list[str]:
        """Every topic or filter that is subscribed to."""
        return [subscription.topic for subscription in self._subscriptions]

    def add(self, topic: str, on_message: OnMessage, max_bytes: int) -> None:
        """Hand messages on ``topic`` of at most ``max_bytes`` to ``on_message`` from now on."""
        self._subscriptions.append(_Subscription(topic, on_message, max_bytes))

    def put(self, message: Message) -> None:
        """Queue a message for each handler; it is dropped if it is too large or too many wait."""
        for topic, on_message, max_bytes in list(self._subscriptions):
            if len(message.payload) <= max_bytes and topic_matches_sub(topic, message.topic):
                try:
                    self._waiting.put_nowait((on_message, message))
                except queue.Full:
                    return

    def dispatch(self, timeout: float = 0.0) -> None:
        """Hand over the waiting messages in order, waiting up to ``timeout`` s for the first."""
        for _ in range(self._waiting.qsize() or int(timeout > 0)):
            try:
                on_message, message = self._waiting.get(timeout > 0, timeout)
            except queue.Empty:
                return
            on_message(message)
