"""Publish the messages of one sensor: non-retained ones, and retained ones that are republished on every connect.

A message that cannot be sent at once is dropped and counted: an old pose is of no use. Who must not lose a message asks
for a ``Receipt``, and keeps the message until that says that the broker has it.
"""

import logging
import math
import time
from collections import deque
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import paho.mqtt.client as paho
from paho.mqtt.client import MQTTMessageInfo
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config.settings import MqttSettings
from edge.mqtt.client import Client, Message
from edge.mqtt.connection import PROTOCOL_ERROR
from edge.mqtt.limits import Limits, in_words
from edge.runtime import incidents
from edge.runtime.backoff import Backoff
from edge.runtime.log_once import LogOnce

log = logging.getLogger(__name__)

_FAREWELL_WITHIN_S = 0.5
RETAINED = ("availability", "health", "places", "state")
"""Topics of a sensor on which something is retained, and which it hears back."""
_SAY_AGAIN_S = 5.0
"""Seconds between two times of saying something again because somebody else spoiled it."""
_OVERHEAD = 64
"""Bytes of a message besides topic and payload: headers and properties."""
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
        self._will = Limits()
        """Limits that the last will keeps, as the broker refused it before."""
        self._below: float = math.inf
        """Size of a payload that the broker is thought not to take, bytes."""
        super().__init__(settings, client_id, backoff)
        self._topic = topic
        self._schema_version = schema_version
        self._retained = {f"{topic}/availability": (b"online", 0)}
        """Payloads by topic, each with the seconds after which it expires."""
        self._in_flight = InFlight()
        self._unanswered: dict[int, Receipt] = {}
        """Messages of QoS 1 of this connection, by id; paho itself reports those of QoS 0 as published."""
        self._refusals: dict[str, str] = {}
        """Why the broker does not take what is published, by topic; only MQTT 5 says that."""
        self._refusal_log = LogOnce(log)
        self.twin = False
        """Another sensor has the id of this one; set by whoever watches for that."""
        self._said: dict[str, deque[int]] = {}
        """Hashes of what was said lately, by topic."""
        self._spoiled: set[str] = set()
        """Topics on which somebody else said something, or took away what is retained."""
        self._said_again_at: dict[str, float] = {}
        for name in RETAINED:
            self.subscribe(f"{topic}/{name}", self.hear_back)
        self.messages_sent = self.messages_dropped = 0
        """Non-retained messages given to the network, and those that could not be."""

    @property
    def refusal(self) -> str:
        """Why the broker does not take something that is published; empty: it takes everything, or does not say."""
        return next(iter(self._refusals.values()), "")

    def fits(self, topic: str, size: int) -> bool:
        """Tell whether the broker takes a payload of this size, in bytes, as far as it has said what it takes."""
        packet = _OVERHEAD + len(topic.encode()) + size
        return size < self._below and (not self.limits.packet or packet <= self.limits.packet)

    @property
    def has_room(self) -> bool:
        """True if a message could be sent now: connected, and few messages wait for the network."""
        return self.connected and not self._in_flight.full

    def publish(self, name: str, payload: bytes, expires: int = 0) -> bool:
        """Publish a non-retained message of QoS 0 on ``<topic>/name``.

        Args:
            name: Last part of the topic.
            payload: JSON.
            expires: Seconds after which a broker of MQTT 5 no longer delivers it; 0: never.

        Returns:
            False if it could not be sent now; then it is dropped and counted.
        """
        with self._lock:
            client = self._paho_client
            topic = f"{self._topic}/{name}"
            if client and not self._in_flight.full and self._takes(topic, payload):
                properties = _properties(client.protocol, name, self._schema_version, expires)
                if self._in_flight.add(client.publish(topic, payload, properties=properties)):
                    self.messages_sent += 1
                    return True
        self.messages_dropped += 1
        return False

    def publish_acknowledged(self, name: str, payload: bytes, expires: int = 0) -> "Receipt | None":
        """Publish a non-retained message of QoS 1 on ``<topic>/name``, however many poses wait for the network.

        Args:
            name: Last part of the topic.
            payload: JSON.
            expires: As for ``publish``.

        Returns:
            What becomes of it; None while there is no connection.
        """
        with self._lock:
            if not (client := self._paho_client):
                return None
            topic = f"{self._topic}/{name}"
            receipt = Receipt(topic, len(payload))
            if not self._takes(topic, payload):
                receipt.answer = "refused"
                return receipt
            properties = _properties(client.protocol, name, self._schema_version, expires)
            sent = client.publish(topic, payload, min(1, self.limits.qos), properties=properties)
            if self.limits.qos:
                self._unanswered[sent.mid] = receipt
            else:
                # A broker that takes QoS 0 only never answers.
                receipt.answer = "acknowledged"
            self.messages_sent += 1
            return receipt

    def publish_retained(self, name: str, payload: bytes, expires: int = 0) -> None:
        """Publish a retained message (QoS 1) on ``<topic>/name``, now and on every connect; ``expires`` as above."""
        self._retain(f"{self._topic}/{name}", payload, expires)

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
            self._said.pop(topic, None)

    def republish(self) -> None:
        """Publish every retained message again."""
        with self._lock:
            if self._paho_client:
                for topic in self._retained:
                    self._send(self._paho_client, topic)

    def dispatch(self, timeout: float = 0.0) -> None:
        """Pass the received messages to their handlers; say again what others spoiled, each topic now and then."""
        super().dispatch(timeout)
        now = time.monotonic()
        for topic in list(self._spoiled):
            # Two sensors with one id must not answer each other without end.
            if now - self._said_again_at.get(topic, -math.inf) >= _SAY_AGAIN_S:
                self._spoiled.remove(topic)
                self._said_again_at[topic] = now
                with self._lock:
                    if self._paho_client and topic in self._retained:
                        self._send(self._paho_client, topic)

    def hear_back(self, message: Message) -> None:
        """Compare what was published on a topic with what this sensor said there, to say that again if need be."""
        if not message.retained and hash(message.payload) not in self._said.get(message.topic, ()):
            self._spoiled.add(message.topic)

    def _retain(self, topic: str, payload: bytes, expires: int = 0) -> None:
        with self._lock:
            self._retained[topic] = payload, expires
            if self._paho_client:
                self._send(self._paho_client, topic)

    def _send(self, client: paho.Client, topic: str) -> None:
        payload, expires = self._retained[topic]
        if not self._takes(topic, payload):
            return
        self._note_said(topic, payload)
        own = topic.startswith(f"{self._topic}/")
        name = topic.removeprefix(f"{self._topic}/") if own else ""
        properties = _properties(client.protocol, name, self._schema_version, expires)
        qos = min(int(own), self.limits.qos)
        sent = client.publish(topic, payload, qos, retain=self.limits.retains, properties=properties)
        if qos:
            self._unanswered[sent.mid] = Receipt(topic, len(payload))

    def _note_said(self, topic: str, payload: bytes) -> None:
        """Remember what this sensor says: heard back, it is nothing that somebody else said."""
        self._said.setdefault(topic, deque(maxlen=8)).append(hash(payload))

    def _takes(self, topic: str, payload: bytes) -> bool:
        """Tell whether the broker takes a message of this size, and say which one it does not take."""
        if self.fits(topic, len(payload)):
            self._taken(topic)
            return True
        most = self.limits.packet or f"less than {self._below}"
        found = f"{topic} has {len(payload)} bytes, and the broker takes {most}"
        self._refusals[topic] = found
        remedy = "it is left out; let the broker take larger ones (mosquitto: max_packet_size, message_size_limit)"
        # Poses of as many people differ by some bytes, and are no news.
        self._refusal_log.log(logging.WARNING, f"broker {self.address}: {found}; {remedy}", f"{topic} is too large")
        return False

    def _taken(self, topic: str) -> None:
        if self._refusals.pop(topic, "") and not self._refusals:
            self._refusal_log.over(logging.INFO, f"broker {self.address} takes what is published")

    def _use(self, number: int) -> bool:
        if changed := super()._use(number):
            self._will, self._below = Limits(), math.inf
        return changed

    def _leave(self) -> None:
        """Publish ``offline``, then disconnect, within about half a second."""
        topic = f"{self._topic}/availability"
        with self._lock:
            self._note_said(topic, b"offline")
            farewell = self._paho_client and self._paho_client.publish(topic, b"offline", qos=1, retain=True)
        deadline = time.monotonic() + _FAREWELL_WITHIN_S
        while farewell and not is_over(farewell) and time.monotonic() < deadline:
            time.sleep(0.01)
        super()._leave()

    def _make_paho_client(self, protocol: MQTTProtocolVersion) -> paho.Client:
        client = super()._make_paho_client(protocol)
        client.will_set(f"{self._topic}/availability", b"offline", min(1, self._will.qos), self._will.retains)
        client.on_publish = self._on_publish
        return client

    def _on_accepted(self, client: paho.Client, limits: Limits) -> None:
        self._in_flight = InFlight()
        for receipt in self._unanswered.values():
            receipt.answer = "lost"
        self._unanswered.clear()
        self._refusals.clear()
        # First the subscriptions: what others, and this sensor before its last end, left behind is heard before
        # anything is published. Then everything retained, because a restarted broker may have forgotten it.
        super()._on_accepted(client, limits)
        self.republish()

    def _gives_in(self, reason: str) -> bool:
        before = self._will
        if reason == "Retain not supported":
            self._will = replace(before, retains=False)
        elif reason == "QoS not supported":
            self._will = replace(before, qos=0)
        elif reason == PROTOCOL_ERROR:
            # mosquitto answers what is above its message_size_limit with a reason that MQTT 5 does not have there.
            retained = [each.size for each in self._unanswered.values() if each.topic in self._retained]
            self._below = min(self._below, max(retained, default=math.inf))
        return self._will != before

    def _on_publish(self, _client: Any, _data: Any, mid: int, reason: ReasonCode, properties: Any) -> None:
        receipt = self._unanswered.pop(mid, Receipt("", 0))
        receipt.answer = "refused" if reason.is_failure else "acknowledged"
        if reason.is_failure:
            incidents.count("publish_refused")
            words = in_words(reason, properties)
            remedy = f"let this user write {self._topic}/# in its access list"
            self._refusals[receipt.topic] = words
            self._refusal_log.log(
                logging.WARNING, f"broker {self.address} refuses what is published: {words}; {remedy}"
            )
        elif receipt.topic:
            self._taken(receipt.topic)


@dataclass(slots=True)
class Receipt:
    """Fate of one message of QoS 1.

    Attributes:
        topic: Where it was published.
        size: Of its payload, bytes.
        answer: The broker's; ``lost`` if the connection ended before it came, and None until then.
    """

    topic: str
    size: int
    answer: Literal["acknowledged", "refused", "lost"] | None = None


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
