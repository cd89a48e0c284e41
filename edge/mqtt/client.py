"""An MQTT client as configured, for what people do by hand."""

import paho.mqtt.client as mqtt_client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.config.settings import MqttSettings
from edge.mqtt.password import read_password
from edge.mqtt.tls import make_tls


def make_client(
    mqtt: MqttSettings, client_id: str = "", protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
) -> mqtt_client.Client:
    """Not yet connected, of MQTT 3.1.1, which every broker speaks; raises BadSetting for a bad password or TLS file."""
    client = mqtt_client.Client(CallbackAPIVersion.VERSION2, client_id, protocol=protocol)
    if mqtt.username:
        client.username_pw_set(mqtt.username, read_password(mqtt))
    if tls := make_tls(mqtt):
        client.tls_set_context(tls)
    return client


def connect(client: mqtt_client.Client, mqtt: MqttSettings) -> None:
    """Raises OSError or ValueError where the broker cannot be reached."""
    client.connect(mqtt.host, mqtt.port_in_force)
    client.loop_start()
