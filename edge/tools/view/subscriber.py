"""The connection to the broker: it subscribes, and publishes nothing but what somebody asks of a sensor."""

import logging
import secrets
import time
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.config.settings import MqttSettings
from edge.mqtt.client import make_client
from edge.runtime.log_once import LogOnce
from edge.tools.view.hub import Hub
from edge.tools.view.message import Message, read

log = logging.getLogger(__name__)

_NAMES = ("poses", "state", "event/#", "health", "availability", "places")


class Subscriber:
    """Tells ``hub`` all that any sensor under the topic prefix says, between ``with`` and its end."""

    def __init__(self, settings: MqttSettings, hub: Hub) -> None:
        """Raises BadSetting for a password or TLS file that cannot be used."""
        self._settings = settings
        self._prefix = f"{settings.topic}/"
        self._hub = hub
        self._log_once = LogOnce(log)
        self._address = f"{settings.host}:{settings.port_in_force}"
        # Every broker speaks 3.1.1, and a mere listener needs no more.
        protocol = MQTTProtocolVersion.MQTTv5 if settings.protocol == "5" else MQTTProtocolVersion.MQTTv311
        client_id = f"posenet-edge-view-{secrets.token_hex(4)}"
        self._client = make_client(settings, client_id, protocol)
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        self._tell(False)
        self._client.connect_async(self._settings.host, self._settings.port_in_force, self._settings.keepalive)
        self._client.loop_start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def ask(self, device: str, payload: bytes) -> bool:
        """Sends it to the sensor's ``command/places``; False while the broker is away."""
        if not self._client.is_connected():
            return False
        self._client.publish(f"{self._prefix}{device}/command/places", payload, qos=1)
        log.info("asked %s for other places", device)
        return True

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self._log_once.log(logging.WARNING, f"broker {self._address} refuses this client: {reason}; trying again")
            return
        self._log_once.log(logging.INFO, f"connected to broker {self._address}")
        client.subscribe([(f"{self._prefix}+/{name}", 0) for name in _NAMES])
        self._tell(True)

    def _on_connect_fail(self, *_: Any) -> None:
        self._log_once.log(logging.WARNING, f"broker {self._address} is not reachable; trying again")

    def _on_disconnect(self, *_: Any) -> None:
        self._tell(False)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        heard = read(message.topic.removeprefix(self._prefix), bytes(message.payload), message.retain)
        if heard:
            self._hub.hear(heard)

    def _tell(self, connected: bool) -> None:
        self._hub.hear(Message("", "broker", {"connected": connected}, time.monotonic()))
