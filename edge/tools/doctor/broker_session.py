"""A visit at the broker as a client beside the sensor: is the user let in, and what is there of this sensor?"""

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.config.settings import MqttSettings
from edge.tools.checks.finding import Finding, bad, good

SECONDS = 5.0
"""Within which the broker answers."""
_PROTOCOLS = {"5": [MQTTProtocolVersion.MQTTv5], "3.1.1": [MQTTProtocolVersion.MQTTv311]}
_BOTH = [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311]
_RETAINED_WITHIN = 1.0
"""Seconds within which a broker has sent what it retains."""
_LONGEST = 1 << 16
"""Bytes; a message that is longer is not the sensor's."""


@dataclass(slots=True)
class Visit:
    """What a visit brought: ``messages`` by the last word of their topic, and when poses came (s, monotonic)."""

    accepted: bool = False
    refusal: str = ""
    readable: bool = True
    """Whether the broker let this user subscribe."""
    messages: dict[str, bytes] = field(default_factory=dict)
    poses: int = 0
    waited: float = 0.0
    """Seconds that were listened for poses."""


class _Visitor:
    """One connection, between ``with`` and its end."""

    def __init__(
        self, mqtt: MqttSettings, topic: str, client_id: str, password: str | None, tls: Any, protocol: Any
    ) -> None:
        self.visit = Visit()
        self.answered = threading.Event()
        self.subscribed = threading.Event()
        self._topic = topic
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=protocol, reconnect_on_failure=False)
        client.connect_timeout = SECONDS
        if mqtt.username or password:
            client.username_pw_set(mqtt.username, password)
        if tls:
            client.tls_set_context(tls)
        client.on_connect = self._on_connect
        client.on_disconnect = lambda *_: self.answered.set()
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        self._client = client
        self._address = (mqtt.host, mqtt.port_in_force)

    def __enter__(self) -> Self:
        self._client.connect(*self._address)
        self._client.loop_start()
        if not self.answered.wait(SECONDS):
            self.visit.refusal = f"no answer within {SECONDS:.0f} s"
        elif not self.visit.accepted and not self.visit.refusal:
            self.visit.refusal = "it hung up without a word"
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def listen(self, seconds: float) -> None:
        """Takes what is retained, and waits at most ``seconds`` for a pose (0: does not)."""
        self._client.subscribe([(f"{self._topic}/{name}", 0) for name in ("health", "availability", "poses")])
        self.subscribed.wait(SECONDS)
        begun = time.monotonic()
        while (waited := time.monotonic() - begun) < max(seconds, _RETAINED_WITHIN) and self.visit.readable:
            if len(self.visit.messages) == 2 and (self.visit.poses or not seconds):
                break
            time.sleep(0.02)
        self.visit.waited = waited

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.visit.accepted = not reason.is_failure
        self.visit.refusal = str(reason) if reason.is_failure else ""
        self.answered.set()

    def _on_subscribe(self, _client: Any, _data: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        self.visit.readable = not any(reason.is_failure for reason in reasons)
        self.subscribed.set()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        name = message.topic.rpartition("/")[2]
        if name == "poses":
            self.visit.poses += 1
        elif len(message.payload) <= _LONGEST:
            self.visit.messages[name] = bytes(message.payload)


def visit(mqtt: MqttSettings, topic: str, client_id: str, password: str | None, tls: Any, poses_within: float) -> Visit:
    """Connects, subscribes to the sensor's topics, listens, and goes. poses_within: s to wait for a pose; 0: none."""
    protocols = deque(_PROTOCOLS.get(mqtt.protocol, _BOTH))
    found = Visit()
    while protocols:
        try:
            with _Visitor(mqtt, topic, client_id, password, tls, protocols.popleft()) as visitor:
                found = visitor.visit
                if found.accepted:
                    visitor.listen(poses_within)
                    return found
        except (OSError, ValueError) as error:
            return Visit(refusal=getattr(error, "strerror", None) or str(error))
        if found.refusal not in ("Unsupported protocol version", "it hung up without a word"):
            break
    return found


def check_login(found: Visit, mqtt: MqttSettings) -> Finding:
    """Whether the broker let the user in."""
    who = f"user {mqtt.username}" if mqtt.username else "without a user name"
    if found.accepted:
        return good("broker login", f"accepted, {who}")
    if found.refusal in ("Not authorized", "Bad user name or password"):
        remedy = "check mqtt.username and mqtt.password_file against the broker's (mosquitto_passwd), then apply"
    else:
        remedy = "look into the broker's log; check mqtt.port, mqtt.tls and mqtt.protocol"
    return bad("broker login", f"refused, {who}: {found.refusal}", remedy)
