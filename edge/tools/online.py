"""Tell whether a sensor is online, before a tool takes its name or takes its messages away."""

import time

from edge.config.settings import Settings
from edge.mqtt.client import Client, Message, unique_client_id
from edge.report.device_id import device_id

_WITHIN_S = 1.0
"""Time within which a broker has sent what it retains."""


def is_online(settings: Settings) -> bool:
    """Ask the broker what it retains of the sensor that these settings name.

    Returns:
        True if it says ``online``; it may have ended without a last word.

    Raises:
        BrokerUnavailable: The broker cannot be reached, or refuses this client.
    """
    said: list[bytes] = []

    def hear(message: Message) -> None:
        said.append(message.payload)

    client = Client(settings.mqtt, unique_client_id("online"))
    client.subscribe(f"{settings.mqtt.topic}/{device_id(settings.device)}/availability", hear)
    with client:
        end_by = time.monotonic() + _WITHIN_S
        while not said and client.subscriptions_granted() and time.monotonic() < end_by:
            client.dispatch(0.05)
    return said[-1:] == [b"online"]
