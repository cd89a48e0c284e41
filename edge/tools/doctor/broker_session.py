"""A session at the broker beside the sensor's own: the login, and what the broker has of this sensor."""

import time
from dataclasses import dataclass, field

from edge.config.settings import MqttSettings
from edge.errors import BrokerUnavailable
from edge.mqtt.client import Client, Message
from edge.mqtt.limits import Limits
from edge.tools.checks.finding import Finding, bad, good, warning

_RETAINED = ("health", "availability")
_RETAINED_WITHIN_S = 1.0
"""Time within which a broker has sent what it retains."""
_TURN_S = 0.02
_ENOUGH_BYTES = 1 << 17
"""Size of a message that leaves room for everything: discovery of 20 zones and 20 lines has 80 kB."""


@dataclass(slots=True)
class Visit:
    """Result of a session."""

    refusal: BrokerUnavailable | None = None
    """Why the broker did not accept this client."""
    limits: Limits = field(default_factory=Limits)
    """Limits that the broker names."""
    readable: bool = True
    """The broker let this user subscribe."""
    messages: dict[str, bytes] = field(default_factory=dict)
    """Retained messages by the last part of their topic."""
    poses: int = 0
    """Pose messages that came."""
    waited: float = 0.0
    """Seconds that were spent waiting for poses."""

    def take(self, message: Message) -> None:
        """Count or keep a message of the sensor."""
        name = message.topic.rpartition("/")[2]
        if name == "poses":
            self.poses += 1
        else:
            self.messages[name] = message.payload


def visit(mqtt: MqttSettings, topic: str, client_id: str, poses_within: float) -> Visit:
    """Connect, listen to the sensor's topics, and disconnect.

    Args:
        mqtt: The broker, and how to reach it.
        topic: ``<prefix>/<device id>`` of the sensor.
        client_id: Must differ from the sensor's, which the broker would disconnect.
        poses_within: Seconds to wait for a pose; 0: do not wait.

    Returns:
        What was there, or why the broker refused.
    """
    found = Visit()
    client = Client(mqtt, client_id)
    for name in (*_RETAINED, "poses"):
        client.subscribe(f"{topic}/{name}", found.take)
    try:
        with client:
            _listen(client, found, poses_within)
    except BrokerUnavailable as error:
        found.refusal = error
    return found


def _listen(client: Client, found: Visit, poses_within: float) -> None:
    found.limits = client.limits
    found.readable = client.subscriptions_granted()
    begun = time.monotonic()
    while found.readable and (waited := time.monotonic() - begun) < max(poses_within, _RETAINED_WITHIN_S):
        found.waited = waited
        if len(found.messages) == len(_RETAINED) and (found.poses or not poses_within):
            break
        client.dispatch(_TURN_S)


def check_login(found: Visit, mqtt: MqttSettings) -> Finding:
    """Check that the broker accepted the user."""
    who = f"user {mqtt.username}" if mqtt.username else "without a user name"
    if found.refusal is None:
        return good("broker login", f"accepted, {who}")
    remedy = f"{found.refusal.remedy}; then sudo posenet-edge apply"
    return bad("broker login", f"{found.refusal.found}, {who}", remedy)


def check_limits(limits: Limits) -> Finding:
    """Check that the broker takes what a sensor publishes."""
    name = "broker limits"
    if not limits.retains:
        lost = "it keeps no retained messages: who connects later hears of this sensor only when it speaks again"
        return warning(name, lost, "allow them (mosquitto: retain_available true)")
    if not limits.qos:
        return warning(name, "it takes QoS 0 only: an event that is lost on the way is not said again", "allow QoS 1")
    if 0 < limits.packet < _ENOUGH_BYTES:
        found = (
            f"it takes at most {limits.packet} bytes a message; what is larger is left out, and named in the journal"
        )
        return warning(name, found, "let it take larger ones (mosquitto: max_packet_size)")
    return good(name, f"at most {limits.packet} bytes a message" if limits.packet else "none named")
