"""The connection to the MQTT broker: made, lost and made again, while everything else goes on.

paho-mqtt speaks the protocol; when to try again, with which protocol version, and what is said anew on every
connect is decided here. Poses that cannot leave at once are dropped and counted: an old pose helps nobody.
"""

import logging
import ssl
import threading
import time
from collections import deque
from functools import cache
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config.settings import MqttSettings
from edge.mqtt.connection import Connection
from edge.mqtt.in_flight import InFlight, is_over
from edge.mqtt.subscriptions import Message, OnMessage, Subscriptions
from edge.report.messages.payload import VERSION
from edge.runtime.backoff import Backoff
from edge.runtime.log_once import LogOnce

log = logging.getLogger(__name__)

_STABLE_AFTER = 30.0
"""Seconds after which a connection counts as good and the next wait is short again."""
_PROTOCOLS = {"5": [MQTTProtocolVersion.MQTTv5], "3.1.1": [MQTTProtocolVersion.MQTTv311]}
_BOTH = [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311]
_REFUSED_PROTOCOL = "Unsupported protocol version"


class _Retained(NamedTuple):
    """A retained message: under this sensor's topic as ``name``, or elsewhere (name is empty)."""

    payload: bytes
    name: str = ""


class Publisher:
    """Publishes under ``topic``; ``start`` connects in the background and never raises for a broker that is away."""

    def __init__(
        self,
        settings: MqttSettings,
        topic: str,
        client_id: str,
        password: str | None = None,
        tls: ssl.SSLContext | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """topic: ``<prefix>/<device id>``; its ``availability`` is the last will. backoff: between two tries."""
        self._settings = settings
        self._topic = topic
        self._client_id = client_id
        self._password = password
        self._tls = tls
        self._backoff = backoff or Backoff(first=0.5, longest=60.0)
        self.address = f"{settings.host}:{settings.port_in_force}"
        self._stopping = threading.Event()
        self._lock = threading.RLock()
        self._retained = {f"{topic}/availability": _Retained(b"online", "availability")}
        self._subscriptions = Subscriptions()
        self._in_flight = InFlight()
        self._client: mqtt.Client | None = None
        self._log_once = LogOnce(log)
        self._thread = threading.Thread(target=self._stay_connected, name="broker", daemon=True)
        self._asked: deque[int] = deque(maxlen=16)
        """Retained messages on which the broker's word counts; of those of QoS 0 paho says itself that they went."""
        self.sent = self.unsent = 0
        self.refused = False
        """Whether the broker did not take the last retained message; only MQTT 5 says so."""

    @property
    def connected(self) -> bool:
        """Whether a message could leave now."""
        return self._client is not None

    @property
    def has_room(self) -> bool:
        """Whether a message could leave now, and the network keeps up."""
        return self.connected and not self._in_flight.full

    def start(self) -> None:
        """Begins to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Says ``offline`` and hangs up, within about a second."""
        self._stopping.set()
        with self._lock:
            client = self._client
            farewell = client and client.publish(f"{self._topic}/availability", b"offline", qos=1, retain=True)
        if client and farewell:
            deadline = time.monotonic() + 0.5
            while not is_over(farewell) and time.monotonic() < deadline:
                time.sleep(0.01)
            with self._lock:
                client.disconnect()
        self._thread.join(1.0)

    def publish(self, name: str, payload: bytes, qos: int = 0, expires: int = 0) -> bool:
        """One passing message (not retained) on ``<topic>/name``; False if it could not leave now.

        expires: seconds after which a broker of MQTT 5 no longer hands it on; 0: never.
        """
        with self._lock:
            client = self._client
            if client and not self._in_flight.full:
                about = _about(client.protocol, name, expires)
                if self._in_flight.add(client.publish(f"{self._topic}/{name}", payload, qos, properties=about)):
                    self.sent += 1
                    return True
        self.unsent += 1
        return False

    def publish_retained(self, name: str, payload: bytes) -> None:
        """A retained message (QoS 1) on ``<topic>/name``, said again on every connect."""
        self._store_and_publish(f"{self._topic}/{name}", _Retained(payload, name))

    def publish_retained_at(self, topic: str, payload: bytes) -> None:
        """A retained message on a topic that is not this sensor's own, said again on every connect; empty: taken away.

        With QoS 0, which is not answered: an access list that knows only ``<topic>/#`` drops it and nothing else.
        """
        self._store_and_publish(topic, _Retained(payload))
        if not payload:
            self.release(topic)

    def release(self, topic: str) -> None:
        """Say what ``publish_retained_at`` was given for ``topic`` no more, and leave what the broker has there."""
        with self._lock:
            self._retained.pop(topic, None)

    def republish(self) -> None:
        """Says everything retained again."""
        with self._lock:
            if self._client:
                for topic, message in self._retained.items():
                    self._retain(self._client, topic, message)

    def subscribe(self, topic: str, on_message: OnMessage, largest: int = 1024) -> None:
        """From now on and over every connect: ``dispatch`` hands messages on ``topic`` (+, #) to ``on_message``.

        largest: bytes of payload; what is larger is dropped.
        """
        self._subscriptions.add(topic, on_message, largest)
        with self._lock:
            if self._client:
                self._client.subscribe(topic, qos=1)

    def dispatch(self) -> None:
        """Hands over the messages that came since the last time, in the caller's thread."""
        self._subscriptions.dispatch()

    def _store_and_publish(self, topic: str, message: _Retained) -> None:
        with self._lock:
            self._retained[topic] = message
            if self._client:
                self._retain(self._client, topic, message)

    def _retain(self, client: mqtt.Client, topic: str, message: _Retained) -> None:
        about, qos = _about(client.protocol, message.name), 1 if message.name else 0
        asked = client.publish(topic, message.payload, qos, retain=True, properties=about)
        if qos:
            self._asked.append(asked.mid)

    def _stay_connected(self) -> None:
        protocols = deque(_PROTOCOLS.get(self._settings.protocol, _BOTH))
        while not self._stopping.is_set():
            begun = time.monotonic()
            session = Connection(self._make_client(protocols[0]), self._lock, self._begin)
            problem = session.run(self._stopping, *self._host_and_port())
            with self._lock:
                self._client = None
            self._in_flight = InFlight()
            if self._stopping.is_set():
                break
            if not session.accepted and session.reached and session.refusal in ("", _REFUSED_PROTOCOL):
                # It hung up without a word, or said that it speaks another version.
                protocols.rotate()
            self._log_once.log(logging.WARNING, f"broker {self.address}: {problem}; sensing goes on, trying again")
            if session.accepted and time.monotonic() - begun > _STABLE_AFTER:
                self._backoff.reset()
            self._backoff.wait(self._stopping)

    def _host_and_port(self) -> tuple[str, int, int]:
        host, _, port = self.address.rpartition(":")
        return host, int(port), self._settings.keepalive

    def _make_client(self, protocol: MQTTProtocolVersion) -> mqtt.Client:
        # clean_session is for 3.1.1 only; MQTT 5 starts clean by default.
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, self._client_id, protocol=protocol, reconnect_on_failure=False
        )
        client.will_set(f"{self._topic}/availability", b"offline", qos=1, retain=True)
        if self._settings.username or self._password:
            client.username_pw_set(self._settings.username, self._password)
        if self._tls:
            client.tls_set_context(self._tls)
        client.on_publish = self._on_publish
        client.on_message = lambda _client, _data, heard: self._subscriptions.put(
            Message(heard.topic, bytes(heard.payload), heard.retain)
        )
        return client

    def _begin(self, client: mqtt.Client) -> None:
        """The birth: everything retained, said anew, because a restarted broker may have forgotten it."""
        self._client = client
        self.refused = False
        # Before anything is said: what others, and this sensor before its last end, left behind is heard first.
        if topics := self._subscriptions.topics:
            client.subscribe([(topic, 1) for topic in topics])
        self.republish()
        version = "5" if client.protocol == MQTTProtocolVersion.MQTTv5 else "3.1.1"
        self._log_once.log(logging.INFO, f"connected to broker {self.address} (MQTT {version})")

    def _on_publish(self, _client: Any, _data: Any, mid: int, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self.refused = True
            remedy = f"let this user write {self._topic}/# in its access list"
            self._log_once.log(logging.WARNING, f"broker {self.address} refuses what is published: {reason}; {remedy}")
        elif mid in self._asked:
            self.refused = False


class _About(Properties):
    """Packed once: it is the same beside each message of a kind, and packing it takes a third of publishing one."""

    pack = cache(Properties.pack)


@cache
def _about(protocol: int, name: str, expires: int = 0) -> Properties | None:
    """What MQTT 5 says beside a message: that it is JSON, of which schema, and how long it is worth reading."""
    if protocol != MQTTProtocolVersion.MQTTv5:
        return None
    about = _About(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if name != "availability":
        about.ContentType = "application/json"
    if name not in ("", "availability"):
        about.UserProperty = ("schema", f"{name.partition('/')[0]}/{VERSION}")
    if expires:
        about.MessageExpiryInterval = expires
    return about
