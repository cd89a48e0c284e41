"""A real MQTT client beside the sensor, for what arrives at the broker."""

from types import TracebackType
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.support.waiting import wait_until


class Subscriber:
    """Collects every message on ``topics`` between ``with`` and its end.

    Attributes:
        messages: What has arrived.
        subscribed: Whether the broker sends what is published now.
    """

    def __init__(
        self,
        port: int,
        topics: str = "posenet/#",
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5,
        host: str = "127.0.0.1",
    ) -> None:
        self.messages: list[mqtt.MQTTMessage] = []
        self._host, self._port = host, port
        self.subscribed = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=protocol)
        self._client.on_connect = lambda client, *_: client.subscribe(topics, qos=1)
        self._client.on_subscribe = lambda *_: setattr(self, "subscribed", True)
        self._client.on_disconnect = lambda *_: setattr(self, "subscribed", False)
        self._client.on_message = lambda _client, _data, message: self.messages.append(message)

    def __enter__(self) -> Self:
        self._client.connect(self._host, self._port)
        self._client.reconnect_delay_set(1, 1)
        self._client.loop_start()
        wait_until(lambda: self.subscribed, what="subscribed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes | str) -> None:
        """Send a message of one's own."""
        self._client.publish(topic, payload)

    def on(self, name: str) -> list[bytes]:
        """Payloads that arrived on topics ending in ``/name``."""
        return [bytes(message.payload) for message in list(self.messages) if message.topic.endswith(f"/{name}")]
