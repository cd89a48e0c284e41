"""``posenet-edge forget``: take away what the broker retains of this sensor, when the sensor is gone for good."""

import argparse
import time
from typing import NamedTuple

from edge.config.settings import Settings
from edge.errors import BrokerUnavailable, Unavailable, UsageError
from edge.mqtt.client import Client, unique_client_id
from edge.mqtt.connection import ANSWER_WITHIN_S
from edge.mqtt.publisher import RETAINED
from edge.mqtt.retained import Retained
from edge.report import configuration
from edge.report.device_id import device_id
from edge.report.homeassistant.messages import discovery_filters, is_ours, owner
from edge.runtime.command import Command
from edge.tools.online import is_online

_TURN_S = 0.1


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
    prefix = settings.homeassistant.prefix
    client = Client(settings.mqtt, unique_client_id("forget"), max_waiting=4096)
    retained = None
    if settings.homeassistant.discovery != "off":
        retained = Retained(client, discovery_filters(prefix, identity), f"{prefix}/device/{identity}/echo")
    ours: list[str] = []
    stays: list[str] = []
    try:
        with client:
            announced = _announced(client, retained) if retained else {}
            if announced is None:
                where = f"{prefix}/+/{identity}/#"
                stays.append(f"{where}: this user may not read it, so what was announced there stays")
            for name, payload in (announced or {}).items():
                if is_ours(payload, identity):
                    ours.append(name)
                else:
                    stays.append(f"{name}: left alone, it belongs to {owner(payload)}")
            # Home Assistant first: it takes the entities away before it would read their empty messages.
            for name in (*ours, *(f"{topic}/{each}" for each in RETAINED)):
                client.clear_retained(name)
    except BrokerUnavailable as error:
        raise Unavailable(f"{error}; what it retains under {topic} stays there") from error
    return Cleared(topic, tuple(stays))


def _announced(client: Client, retained: Retained) -> dict[str, bytes] | None:
    """Wait for everything that is retained; None if the broker does not hand it out."""
    if not client.subscriptions_granted():
        return None
    begun = time.monotonic()
    while time.monotonic() - begun < ANSWER_WITHIN_S:
        client.dispatch(_TURN_S)
        if retained.heard(time.monotonic()):
            return retained.found
    return None


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="also while the sensor is online")


COMMAND = Command(forget, "", _add_arguments)
