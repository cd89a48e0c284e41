"""Connection of ``view`` to the broker: receives every sensor's messages, publishes only what the user asks for."""

import logging
import threading
import time
from typing import Protocol, Self

from edge.config.settings import MqttSettings
from edge.mqtt.client import Client, unique_client_id
from edge.mqtt.client import Message as MqttMessage
from edge.tools.view.message import Message, read

log = logging.getLogger(__name__)

_NAMES = ("poses", "state", "event/#", "late/#", "health", "availability", "places")
_TURN_S = 0.25


class Hearer(Protocol):
    """Takes messages in, and looks now and then for what has become too old."""

    def hear(self, message: Message) -> None:
        """Take a message in."""
        ...

    def turn(self) -> None:
        """Do what time demands; called several times a second."""
        ...


class Subscriber:
    """Hand ``hearer`` every message of any sensor under the topic prefix, in a thread between ``with`` and its end."""

    def __init__(self, settings: MqttSettings, hearer: Hearer) -> None:
        """Prepare the client.

        Raises:
            BadSetting: The password or a TLS file cannot be used.
        """
        self._prefix = f"{settings.topic}/"
        self._hearer = hearer
        self._client = Client(settings, unique_client_id("view"), max_waiting=4096)
        for name in _NAMES:
            self._client.subscribe(f"{self._prefix}+/{name}", self._hear)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)

    def __enter__(self) -> Self:
        self._client.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._client.stop()

    def ask(self, device: str, payload: bytes) -> bool:
        """Send the sensor's ``command/places``; False while there is no connection to the broker."""
        sent = self._client.publish_to(f"{self._prefix}{device}/command/places", payload)
        if sent:
            log.info("asked %s for other places", device)
        return sent

    def _run(self) -> None:
        known: bool | None = None
        while not self._stopping.is_set():
            if known != self._client.connected:
                known = self._client.connected
                self._hearer.hear(Message("", "broker", {"connected": known}, time.monotonic()))
            self._client.dispatch(_TURN_S)
            self._hearer.turn()

    def _hear(self, message: MqttMessage) -> None:
        heard = read(message.topic.removeprefix(self._prefix), message.payload, message.retained)
        if heard:
            self._hearer.hear(heard)
