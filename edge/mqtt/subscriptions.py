"""What the broker hands this sensor: a few messages that wait until the loop takes them."""

import queue
from collections.abc import Callable
from typing import NamedTuple

from paho.mqtt.client import topic_matches_sub

_MOST_WAITING = 64


class Message(NamedTuple):
    """retained: it was there before this connection; false for what is said now."""

    topic: str
    payload: bytes
    retained: bool


OnMessage = Callable[[Message], None]


class _Subscription(NamedTuple):
    topic: str
    on_message: OnMessage
    largest: int


class Subscriptions:
    """``put`` by paho's thread, ``dispatch`` by the loop's; what is too large, or too much at once, is dropped."""

    def __init__(self) -> None:
        self._subscriptions: list[_Subscription] = []
        self._waiting: queue.Queue[tuple[OnMessage, Message]] = queue.Queue(_MOST_WAITING)

    @property
    def topics(self) -> list[str]:
        """Every topic (or filter with + and #) that is subscribed to."""
        return [subscription.topic for subscription in self._subscriptions]

    def add(self, topic: str, on_message: OnMessage, largest: int) -> None:
        """From now on, messages on ``topic`` of at most ``largest`` bytes go to ``on_message``."""
        self._subscriptions.append(_Subscription(topic, on_message, largest))

    def put(self, message: Message) -> None:
        """One message from the network."""
        for topic, on_message, largest in list(self._subscriptions):
            if len(message.payload) <= largest and topic_matches_sub(topic, message.topic):
                try:
                    self._waiting.put_nowait((on_message, message))
                except queue.Full:
                    return

    def dispatch(self) -> None:
        """Hands over what waits, in the order in which it came."""
        for _ in range(self._waiting.qsize()):
            on_message, message = self._waiting.get_nowait()
            on_message(message)
