"""Read what a broker retains on some topics."""

import uuid
from collections.abc import Iterable

from edge.mqtt.client import Client, Message

_LARGEST = 1 << 18
"""Bytes of a message; one for all entities of Home Assistant may have so many."""


class Retained:
    """Collect it: make one before ``client`` connects, and ask ``heard`` after each ``Client.dispatch``."""

    def __init__(self, client: Client, filters: Iterable[str], echo: str, listens: float = 1.0) -> None:
        """Subscribe.

        Args:
            client: Not connected yet.
            filters: Topics and topic filters.
            echo: Below this topic something is sent that the broker hands back.
            listens: Shortest time to listen, s: some brokers hand out what they keep a little later.
        """
        self.found: dict[str, bytes] = {}
        """Payloads retained before, by topic."""
        self.said: dict[str, bytes] = {}
        """Last payloads published meanwhile, by topic; empty where what was retained was taken away."""
        self._client, self._listens = client, listens
        self._echo = f"{echo}/{uuid.uuid4().hex}"
        self._echoed = False
        self._since: float | None = None
        for topic in (*filters, self._echo):
            client.subscribe(topic, self._hear, _LARGEST)

    def heard(self, now: float) -> bool:
        """Tell whether all of it has arrived, on one connection; now: monotonic s."""
        if not self._client.connected:
            self._since = None
            return False
        if self._since is None:
            # The echo comes back after everything retained, since it is sent after the subscription.
            self._since, self._echoed = now, False
            self._client.publish_to(self._echo, b"")
        return self._echoed and now - self._since >= self._listens

    def _hear(self, message: Message) -> None:
        if message.topic == self._echo:
            self._echoed = True
        elif not message.retained:
            self.said[message.topic] = message.payload
        elif message.payload:
            self.found[message.topic] = message.payload
