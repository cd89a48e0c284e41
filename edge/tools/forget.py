"""``posenet-edge forget``: takes what the broker keeps of this sensor away, when the sensor is gone for good."""

import argparse

from edge.config import loader
from edge.config.settings import Settings
from edge.errors import Unavailable
from edge.mqtt.client import connect, make_client
from edge.report.analytics.engine import Engine
from edge.report.device_id import device_id
from edge.report.homeassistant.discovery import discovery_messages

RETAINED = ("availability", "health", "state", "places")
_ANSWER_WITHIN = 5.0


def forget(arguments: argparse.Namespace) -> None:
    """Publishes an empty retained message on each topic that is retained; raises Unavailable without a broker."""
    topic = clear(loader.load(loader.config_path(arguments.config), arguments.set))
    print(f"{topic}: nothing is retained any more")


def clear(settings: Settings) -> str:
    """The same for whoever these settings name; returns the first part of its topics."""
    mqtt = settings.mqtt
    identity = device_id(settings.device)
    topic = f"{mqtt.topic}/{identity}"
    # Home Assistant first: it takes the entities away before it would read their empty messages.
    retained = [
        *discovery_messages(settings, Engine(settings).keys, identity),
        *(f"{topic}/{each}" for each in RETAINED),
    ]
    client = make_client(mqtt)
    try:
        connect(client, mqtt)
        for name in retained:
            client.publish(name, b"", qos=1, retain=True).wait_for_publish(_ANSWER_WITHIN)
        if not client.is_connected():
            raise ConnectionRefusedError("it refuses this client or does not answer")
    except (OSError, RuntimeError, ValueError) as error:
        raise Unavailable(f"broker {mqtt.host}: {error}; what it retains under {topic} stays there") from error
    finally:
        client.disconnect()
        client.loop_stop()
    return topic
