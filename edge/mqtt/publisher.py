"""Publish the messages of one sensor: non-retained ones, and retained ones that are republished on every connect.

A message that cannot be sent at once is dropped and counted: an old pose is of no use.
"""

import logging
import time
from collections import deque
from functools import cache
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.client import MQTTMessageInfo
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config.settings import MqttSettings
from edge.mqtt.client import Client
from edge.runtime import incidents
from edge.runtime.backoff import Backoff

_FAREWELL_WITHIN_S = 0.5
_MAX_IN_FLIGHT = 16
"""Messages that wait in paho for the network at most; its own queue for those of QoS 0 has no bound."""


class Publisher(Client):
    """Client that publishes under ``topic``, with the last will ``offline`` on ``<topic>/availability``."""

    loss_log_suffix = "sensing goes on, trying again"

    def __init__(
        self,
        settings: MqttSettings,
        topic: str,
        client_id: str,
        schema_version: int,
        backoff: Backoff | None = None,
    ) -> None:
        """Read the password and the TLS files.

        Args:
            settings: The broker, and how to reach it.
            topic: ``<prefix>/<device id>``.
            client_id: MQTT client id.
            schema_version: Version of the published JSON; with MQTT 5 each message carries it as a property.
            backoff: Delays between two attempts.

        Raises:
            BadSetting: The password or a TLS file cannot be used.
        """
        super().__init__(settings, client_id, backoff)
        self._topic = topic
        self._schema_version = schema_version
        self._retained = {f"{topic}/availability": b"online"}
        """Payloads by topic."""
        self._in_flight = InFlight()
        self._unanswered: deque[int] = deque(maxlen=16)
        """Message ids of retained messages of QoS 1; paho itself reports those of QoS 0 as published."""
        self.messages_sent = self.messages_dropped = 0
        """Non-retained messages given to the network, and those that could not be."""
        self.refused = False
        """True if the broker refused the last retained message; only MQTT 5 reports that."""

    @property
    def has_room(self) -> bool:
        """True if a message could be sent now: connected, and few messages wait for the network."""
        return self.connected and not self._in_flight.full

    def stop(self) -> None:
        """Publish ``offline`` and disconnect, within about a second."""
        self._stopping.set()
        with self._lock:
            client = self._paho_client
            farewell = client and client.publish(f"{self._topic}/availability", b"offline", qos=1, retain=True)
        deadline = time.monotonic() + _FAREWELL_WITHIN_S
        while farewell and not is_over(farewell) and time.monotonic() < deadline:
            time.sleep(0.01)
        super().stop()

    def publish(self, name: str, payload: bytes, qos: int = 0, expires: int = 0) -> bool:
        """Publish a non-retained message on ``<topic>/name``.

        Args:
            name: Last part of the topic.
            payload: JSON.
            qos: Quality of service, 0 or 1.
            expires: Seconds after which a broker of MQTT 5 no longer delivers it; 0: never.

        Returns:
            False if it could not be sent now; then it is dropped and counted.
        """
        with self._lock:
            client = self._paho_client
            if client and not self._in_flight.full:
                properties = _properties(client.protocol, name, self._schema_version, expires)
                if self._in_flight.add(client.publish(f"{self._topic}/{name}", payload, qos, properties=properties)):
                    self.messages_sent += 1
                    return True
        self.messages_dropped += 1
        return False

    def publish_retained(self, name: str, payload: bytes) -> None:
        """Publish a retained message (QoS 1) on ``<topic>/name``, now and on every connect."""
        self._retain(f"{self._topic}/{name}", payload)

    def publish_retained_at(self, topic: str, payload: bytes) -> None:
        """Publish a retained message on a topic that is not this sensor's own; an empty payload deletes it.

        With QoS 0, which is not answered: an access list that knows only ``<topic>/#`` drops it and nothing else.
        """
        self._retain(topic, payload)
        if not payload:
            self.release(topic)

    def release(self, topic: str) -> None:
        """Stop republishing on ``topic``; the message that the broker retains stays."""
        with self._lock:
            self._retained.pop(topic, None)

    def republish(self) -> None:
        """Publish every retained message again."""
        with self._lock:
            if self._paho_client:
                for topic, payload in self._retained.items():
                    self._send(self._paho_client, topic, payload)

    def _retain(self, topic: str, payload: bytes) -> None:
        with self._lock:
            self._retained[topic] = payload
            if self._paho_client:
                self._send(self._paho_client, topic, payload)

    def _send(self, client: paho.Client, topic: str, payload: bytes) -> None:
        own = topic.startswith(f"{self._topic}/")
        name = topic.removeprefix(f"{self._topic}/") if own else ""
        properties = _properties(client.protocol, name, self._schema_version)
        sent = client.publish(topic, payload, qos=int(own), retain=True, properties=properties)
        if own:
            self._unanswered.append(sent.mid)

    def _make_paho_client(self, protocol: MQTTProtocolVersion) -> paho.Client:
        client = super()._make_paho_client(protocol)
        client.will_set(f"{self._topic}/availability", b"offline", qos=1, retain=True)
        client.on_publish = self._on_publish
        return client

    def _on_accepted(self, client: paho.Client) -> None:
        self._in_flight = InFlight()
        self.refused = False
        # First the subscriptions: what others, and this sensor before its last end, left behind is heard before
        # anything is published. Then everything retained, because a restarted broker may have forgotten it.
        super()._on_accepted(client)
        self.republish()

    def _on_publish(self, _client: Any, _data: Any, mid: int, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self.refused = True
            incidents.count("publish_refused")
            remedy = f"let this user write {self._topic}/# in its access list"
            self._log_once.log(logging.WARNING, f"broker {self.address} refuses what is published: {reason}; {remedy}")
        elif mid in self._unanswered:
            self.refused = False


class InFlight:
    """Messages of one connection that are not written yet: ``add`` each, while it is not ``full``."""

    def __init__(self) -> None:
        self._messages: deque[MQTTMessageInfo] = deque()

    @property
    def full(self) -> bool:
        """No other message should be given to paho now."""
        while self._messages and is_over(self._messages[0]):
            self._messages.popleft()
        return len(self._messages) >= _MAX_IN_FLIGHT

    def add(self, message: MQTTMessageInfo) -> bool:
        """Remember a message; False if it is lost: the connection broke, and that is not noticed yet."""
        if message.rc:
            return False
        self._messages.append(message)
        return True


def is_over(message: MQTTMessageInfo) -> bool:
    """Tell whether a message was written, or never will be: paho raises for one that was lost with its connection."""
    try:
        return message.is_published()
    except (RuntimeError, ValueError):
        return True


class PackedOnce(Properties):
    """Properties that are packed at the first use only, for speed; they must not be changed after that.

    They are the same for each message of a kind. Making and packing them takes 0.18 ms on an x86, for each pose a
    seventh of the processor time of ``report``.
    """

    pack = cache(Properties.pack)


@cache
def _properties(protocol: int, name: str, schema_version: int, expires: int = 0) -> Properties | None:
    """Properties of a message in MQTT 5: it is JSON, its schema, and the seconds after which it expires (0: never)."""
    if protocol != MQTTProtocolVersion.MQTTv5:
        return None
    about = PackedOnce(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if name != "availability":
        about.ContentType = "application/json"
    if name not in ("", "availability"):
        about.UserProperty = ("schema", f"{name.partition('/')[0]}/{schema_version}")
    if expires:
        about.MessageExpiryInterval = expires
    return about
