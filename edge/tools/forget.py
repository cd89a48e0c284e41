"""``posenet-edge forget``: takes what the broker keeps of this sensor away, when the sensor is gone for good."""

import argparse
import threading
import time
import uuid
from typing import NamedTuple

import paho.mqtt.client as mqtt_client

from edge.config import loader
from edge.config.settings import Settings
from edge.errors import Unavailable
from edge.mqtt.client import connect, make_client
from edge.report.device_id import device_id
from edge.report.homeassistant.messages import discovery_filters
from edge.report.homeassistant.ownership import is_ours, owner
from edge.runtime.command import Command

RETAINED = ("availability", "health", "state", "places")
_ANSWER_WITHIN = 5.0
_LISTENS = 1.0
"""Seconds at least: some brokers hand out what they keep a little later."""


class Cleared(NamedTuple):
    """Outcome of ``clear``."""

    topic: str
    """The first parts of the sensor's own topics."""
    stays: tuple[str, ...]
    """Sentences about what was found and left where it is."""


def forget(arguments: argparse.Namespace) -> None:
    """Publishes an empty retained message on each topic that is retained; raises Unavailable without a broker."""
    topic, stays = clear(loader.load(loader.config_path(arguments.config), arguments.set))
    print(f"{topic}: nothing is retained any more")
    for each in stays:
        print(each)


def clear(settings: Settings) -> Cleared:
    """Take away what the broker keeps of the sensor that these settings name, and nothing of another device.

    Raises:
        Unavailable: There is no broker, or it refuses this client.
    """
    mqtt = settings.mqtt
    identity = device_id(settings.device)
    topic = f"{mqtt.topic}/{identity}"
    retained = [f"{topic}/{each}" for each in RETAINED]
    stays = []
    client = make_client(mqtt)
    try:
        reader = None if settings.homeassistant.discovery == "off" else _Reader(client, settings, identity)
        connect(client, mqtt)
        if reader:
            if not reader.read():
                where = f"{settings.homeassistant.prefix}/+/{identity}/#"
                stays.append(f"{where}: this user may not read it, so what was announced there stays")
            for name, payload in list(reader.found.items()):
                if is_ours(payload, identity):
                    # Home Assistant first: it takes the entities away before it would read their empty messages.
                    retained.insert(0, name)
                else:
                    stays.append(f"{name}: left alone, it belongs to {owner(payload)}")
        for name in retained:
            client.publish(name, b"", qos=1, retain=True).wait_for_publish(_ANSWER_WITHIN)
        if not client.is_connected():
            raise ConnectionRefusedError("it refuses this client or does not answer")
    except (OSError, RuntimeError, ValueError) as error:
        raise Unavailable(f"broker {mqtt.host}: {error}; what it retains under {topic} stays there") from error
    finally:
        client.disconnect()
        client.loop_stop()
    return Cleared(topic, tuple(stays))


class _Reader:
    """Reads the discovery messages that the broker keeps on the topics of a sensor."""

    def __init__(self, client: mqtt_client.Client, settings: Settings, identity: str) -> None:
        self.found: dict[str, bytes] = {}
        """Payloads by topic."""
        prefix = settings.homeassistant.prefix
        self._filters = discovery_filters(prefix, identity)
        self._echo = f"{prefix}/device/{identity}/echo/{uuid.uuid4().hex}"
        self._client = client
        self._taken, self._heard_all = threading.Event(), threading.Event()
        client.on_connect = self._on_connect
        client.on_message = self._on_message

    def read(self) -> bool:
        """Fill ``found``; False if the broker does not hand out what it keeps there."""
        if not self._taken.wait(_ANSWER_WITHIN):
            return False
        # It comes back after all that is kept, since it was sent after it was asked for.
        self._client.publish(self._echo, b"", qos=1)
        time.sleep(_LISTENS)
        return self._heard_all.wait(_ANSWER_WITHIN)

    def _on_connect(
        self, client: mqtt_client.Client, _data: object, _flags: object, reason: object, _properties: object
    ) -> None:
        if not getattr(reason, "is_failure", True):
            client.subscribe([(topic, 1) for topic in (*self._filters, self._echo)])
            self._taken.set()

    def _on_message(self, _client: object, _data: object, message: mqtt_client.MQTTMessage) -> None:
        if message.topic == self._echo:
            self._heard_all.set()
        elif message.retain and message.payload:
            self.found[message.topic] = bytes(message.payload)


COMMAND = Command(forget, "")
