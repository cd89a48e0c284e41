"""``posenet-edge forget``: takes what the broker keeps of this sensor away, when the sensor is gone for good."""

import argparse

import paho.mqtt.client as mqtt_client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge import config
from edge.errors import Unavailable
from edge.report.device import device_id
from edge.report.homeassistant.discovery import discovery_messages
from edge.report.meaning.watcher import Watcher
from edge.report.password import read_password
from edge.report.tls import make_tls

RETAINED = ("availability", "health", "state")
_ANSWER_WITHIN = 5.0


def forget(arguments: argparse.Namespace) -> None:
    """Publishes an empty retained message on each topic that is retained; raises Unavailable without a broker."""
    settings = config.load(config.config_path(arguments.config), arguments.set)
    mqtt = settings.mqtt
    identity = device_id(settings.device)
    topic = f"{mqtt.topic}/{identity}"
    # Home Assistant first: it takes the entities away before it would read their empty messages.
    retained = [
        *discovery_messages(settings, Watcher(settings).keys, identity),
        *(f"{topic}/{each}" for each in RETAINED),
    ]
    client = mqtt_client.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
    if mqtt.username:
        client.username_pw_set(mqtt.username, read_password(mqtt))
    if tls := make_tls(mqtt):
        client.tls_set_context(tls)
    try:
        client.connect(mqtt.host, mqtt.port or (8883 if mqtt.tls else 1883))
        client.loop_start()
        for name in retained:
            client.publish(name, b"", qos=1, retain=True).wait_for_publish(_ANSWER_WITHIN)
        if not client.is_connected():
            raise ConnectionRefusedError("it refuses this client or does not answer")
    except (OSError, RuntimeError, ValueError) as error:
        raise Unavailable(f"broker {mqtt.host}: {error}; what it retains under {topic} stays there") from error
    finally:
        client.disconnect()
        client.loop_stop()
    print(f"{topic}: nothing is retained any more")
