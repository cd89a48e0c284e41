"""``posenet-edge forget``: take away what the broker retains of this sensor, when the sensor is gone for good."""

import argparse
import time
import uuid
from typing import NamedTuple

from edge.config.settings import Settings
from edge.errors import BrokerUnavailable, Unavailable, UsageError
from edge.mqtt.client import Client, Message, unique_client_id
from edge.mqtt.connection import ANSWER_WITHIN_S
from edge.report import configuration
from edge.report.device_id import device_id
from edge.report.homeassistant.messages import discovery_filters, is_ours, owner
from edge.runtime.command import Command
from edge.tools.online import is_online

RETAINED = ("availability", "health", "state", "places")
_TURN_S = 0.1
_LISTENS_S = 1.0
"""Shortest time to listen: some brokers hand out what they keep a little later."""


class Cleared(NamedTuple):
    """Outcome of ``clear``."""

    topic: str
    """The first parts of the sensor's own topics."""
    stays: tuple[str, ...]
    """Sentences about what was found and left where it is."""


def forget(arguments: argparse.Namespace) -> None:
    """Publish an empty retained message on each topic that is retained.

    Raises:
        UsageError: The sensor is online.
        Unavailable: The broker cannot be reached, or refuses this client.
    """
    settings = configuration.load_for(arguments)
    if not arguments.force and is_online(settings):
        raise UsageError(
            f"{settings.mqtt.topic}/{device_id(settings.device)} is online, and would say all of it again; expected a "
            "sensor that is stopped: systemctl stop posenet-report.service there, or --force"
        )
    topic, stays = clear(settings)
    print(f"{topic}: nothing is retained any more")
    for each in stays:
        print(each)


def clear(settings: Settings) -> Cleared:
    """Take away what the broker keeps of the sensor that these settings name, and nothing of another device.

    Returns:
        The topics that were cleared, and what stays.

    Raises:
        Unavailable: There is no broker, or it refuses this client.
    """
    identity = device_id(settings.device)
    topic = f"{settings.mqtt.topic}/{identity}"
    retained = [f"{topic}/{each}" for each in RETAINED]
    client = Client(settings.mqtt, unique_client_id("forget"), max_waiting=4096)
    announced = None if settings.homeassistant.discovery == "off" else _Announced(client, settings, identity)
    try:
        with client:
            stays = announced.read() if announced else []
            # Home Assistant first: it takes the entities away before it would read their empty messages.
            for name in (*(announced.ours if announced else ()), *retained):
                client.clear_retained(name)
    except BrokerUnavailable as error:
        raise Unavailable(f"{error}; what it retains under {topic} stays there") from error
    return Cleared(topic, tuple(stays))


class _Announced:
    """Discovery messages that the broker retains on the topics of a sensor."""

    def __init__(self, client: Client, settings: Settings, identity: str) -> None:
        """Subscribe to the topics, before ``client`` connects."""
        prefix = settings.homeassistant.prefix
        self.ours: list[str] = []
        """Topics of messages that were written by a sensor of this id."""
        self._identity = identity
        self._where = f"{prefix}/+/{identity}/#"
        self._echo = f"{prefix}/device/{identity}/echo/{uuid.uuid4().hex}"
        self._echoed = False
        self._found: dict[str, bytes] = {}
        self._client = client
        for topic in (*discovery_filters(prefix, identity), self._echo):
            client.subscribe(topic, self._hear, 1 << 18)

    def read(self) -> list[str]:
        """Fill ``ours``; return sentences about what was found and must stay."""
        if not self._read_all():
            return [f"{self._where}: this user may not read it, so what was announced there stays"]
        self.ours = [topic for topic, payload in self._found.items() if is_ours(payload, self._identity)]
        return [
            f"{topic}: left alone, it belongs to {owner(payload)}"
            for topic, payload in self._found.items()
            if topic not in self.ours
        ]

    def _read_all(self) -> bool:
        """Wait for everything that is retained; False if the broker does not hand it out."""
        # The echo comes back after everything retained, since it is sent after the subscription.
        if not self._client.subscriptions_granted() or not self._client.publish_to(self._echo, b""):
            return False
        begun = time.monotonic()
        while (waited := time.monotonic() - begun) < ANSWER_WITHIN_S:
            self._client.dispatch(_TURN_S)
            if self._echoed and waited >= _LISTENS_S:
                return True
        return False

    def _hear(self, message: Message) -> None:
        if message.topic == self._echo:
            self._echoed = True
        elif message.retained and message.payload:
            self._found[message.topic] = message.payload


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="also while the sensor is online")


COMMAND = Command(forget, "", _add_arguments)
