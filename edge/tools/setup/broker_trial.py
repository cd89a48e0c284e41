"""Try the broker with what was typed: the way there, the login, and the right to write and read the topics."""

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTProtocolVersion

from edge.config.settings import MqttSettings, Settings
from edge.errors import BrokerUnavailable
from edge.mqtt.client import Client, unique_client_id
from edge.mqtt.credentials import make_tls
from edge.report.device_id import device_id
from edge.tools.checks.finding import Finding, Level, bad, good, warning
from edge.tools.doctor.broker import check_name, check_port, check_tls
from edge.tools.doctor.broker_session import check_limits

LOGIN, OWN_TOPICS = "broker login", "own topics"
"""Names of the checks that an access list or a password decides."""
_REFUSED = ("Not authorized", "Bad user name or password")
_ANSWER_WITHIN_S = 5.0
_TURN_S = 0.02


def try_broker(mqtt: MqttSettings, settings: Settings, now: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Go as far as it goes: each step only if the one before held.

    Args:
        mqtt: The broker, with a password that can be read.
        settings: The sensor's id and topics.
        now: Seconds since 1970.

    Yields:
        One finding for each step.
    """
    yield (finding := check_name(mqtt))
    if finding.level is Level.GOOD:
        yield (finding := check_port(mqtt))
    tls = make_tls(mqtt)
    if finding.level is Level.GOOD and tls:
        finding = check_tls(mqtt, tls, now())
        if finding.level is Level.BAD and _speaks_plainly(mqtt):
            finding = bad(finding.check, "this port is not encrypted", "answer n to TLS, or type the port that is")
        yield finding
    if finding.level is Level.BAD:
        return
    yield from _try_session(mqtt, settings)


def _try_session(mqtt: MqttSettings, settings: Settings) -> Iterator[Finding]:
    name, prefix = device_id(settings.device), settings.homeassistant.prefix
    client = _Asker(mqtt, unique_client_id("setup"))
    try:
        with client:
            yield good(LOGIN, f"{_who(mqtt)} is let in")
            yield check_limits(client.limits)
            topic = f"{mqtt.topic}/{name}"
            if lacks := client.lacks(f"{topic}/setup"):
                yield bad(OWN_TOPICS, f"{_who(mqtt)} may not {lacks} {topic}/#", "let it, in the broker's access list")
                return
            yield good(OWN_TOPICS, f"{topic}/# can be written and read")
            if settings.homeassistant.discovery != "off":
                yield _check_discovery(client, mqtt, prefix, name)
    except BrokerUnavailable as error:
        yield _explain(error, mqtt)


def _check_discovery(client: "_Asker", mqtt: MqttSettings, prefix: str, name: str) -> Finding:
    check = "Home Assistant"
    if lacks := client.lacks(f"{prefix}/device/{name}/echo/{os.urandom(4).hex()}"):
        found = f"{_who(mqtt)} may not {lacks} {prefix}/+/{name}/#, so it will not discover the sensor"
        return warning(check, found, "let it, in the broker's access list; or switch discovery off below")
    return good(check, f"the sensor can be announced on {prefix}/#")


class _Asker(Client):
    """A client that tells what it may not do."""

    def __init__(self, settings: MqttSettings, client_id: str) -> None:
        super().__init__(settings, client_id)
        self._refused = False
        self._acknowledges = True
        """The broker says so where it does not take a message: MQTT 5."""

    def lacks(self, topic: str) -> str:
        """Publish on a topic, without retaining it, and wait until it comes back.

        Returns:
            What this user may not do there: ``write``, ``read``, or one of the two; empty if both are allowed.
        """
        heard: list[bytes] = []
        sent = os.urandom(8).hex().encode()
        self._refused = False
        self.subscribe(topic, lambda message: heard.append(message.payload))
        if not self.subscriptions_granted():
            return "read"
        self.publish_to(topic, sent)
        end_by = time.monotonic() + _ANSWER_WITHIN_S
        # Some brokers hang up on who publishes where it may not.
        while sent not in heard and not self._refused and self.connected and time.monotonic() < end_by:
            self.dispatch(_TURN_S)
        if sent in heard:
            return ""
        if self._refused or not self.connected:
            return "write"
        return "read" if self._acknowledges else "write or read"

    def _make_paho_client(self, protocol: MQTTProtocolVersion) -> paho.Client:
        client = super()._make_paho_client(protocol)
        client.on_publish = self._on_publish
        self._acknowledges = protocol == MQTTProtocolVersion.MQTTv5
        return client

    def _on_publish(self, _client: Any, _data: Any, _mid: int, reason: Any, _properties: Any) -> None:
        self._refused = reason.is_failure


def _explain(error: BrokerUnavailable, mqtt: MqttSettings) -> Finding:
    if error.reason in _REFUSED and not mqtt.username:
        return bad(LOGIN, "nobody is let in without a user name", "type the user and password of this sensor there")
    if error.reason in _REFUSED:
        found = f"{_who(mqtt)} was refused: there is no such user, or the password is another ({error.reason})"
        return bad(LOGIN, found, "type both again, or make this user at the broker")
    if not mqtt.tls and _speaks_tls(mqtt):
        return bad(LOGIN, "this port is encrypted", "answer y to TLS, or type the port without, mostly 1883")
    return bad(LOGIN, error.found, error.remedy)


def _who(mqtt: MqttSettings) -> str:
    return f"user {mqtt.username}" if mqtt.username else "a client without a user name"


def _speaks_tls(mqtt: MqttSettings) -> bool:
    """Tell whether the port answers with TLS, whosever certificate it has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((mqtt.host, mqtt.port_in_force), _ANSWER_WITHIN_S) as connection,
            context.wrap_socket(connection, server_hostname=mqtt.host),
        ):
            return True
    except ssl.SSLError as error:
        # It may ask for a certificate, or speak another version; what is no TLS at all is a wrong version number.
        return error.reason not in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
    except OSError:
        return False


def _speaks_plainly(mqtt: MqttSettings) -> bool:
    """Tell whether the port speaks MQTT without TLS; no password is sent."""
    port = mqtt.port_in_force
    plain = replace(
        mqtt, port=port, tls=False, ca_file=None, certificate_file=None, key_file=None, username="", password_file=None
    )
    try:
        with Client(plain, unique_client_id("setup")):
            return True
    except BrokerUnavailable as error:
        return error.reason in _REFUSED
