"""One connection to an MQTT broker, from its first byte to its last.

The network loop is driven here instead of by paho: docs/decisions/0003-mqtt-network-loop.md says why.
"""

import contextlib
import math
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode

from edge.config.settings import MqttSettings
from edge.errors import BrokerUnavailable
from edge.mqtt.limits import Limits, in_words

ANSWER_WITHIN_S = 10.0
"""Time that a broker has for each answer."""
_TURN_S = 0.25
"""Longest wait for the network, so that a partly written message is continued and a stop is noticed soon."""
_FAREWELL_WITHIN_S = 1.0
_ACKNOWLEDGED_WITHIN_S = 10.0
"""Age at which data that the other machine has not acknowledged ends the connection. TCP itself would try again for a
quarter of an hour, with pauses so long that the return of the network is noticed late."""

_CHECK_PORT = "check mqtt.port, mqtt.tls and mqtt.protocol, and look into the broker's log"
_CHECK_LOGIN = "check mqtt.username and mqtt.password_file"
TAKEN_OVER = "Session taken over"
"""Name of the reason with which a broker disconnects the older of two clients with one id."""
PROTOCOL_ERROR = "Protocol error"
"""Name of the reason with which paho hangs up by itself."""
_REMEDIES = {
    "Not authorized": _CHECK_LOGIN,
    "Bad user name or password": _CHECK_LOGIN,
    "Packet too large": "let the broker take larger packets (mosquitto: max_packet_size)",
    TAKEN_OVER: "look for another sensor with this device.id",
    "Server shutting down": "wait for it",
}
"""Remedies by the name of the reason that the broker gives."""


@dataclass
class Connection:
    """Life of one paho client: ``open`` returns when the broker accepted it, then ``stay`` until the end.

    A message is written to the network by the thread that publishes it, so every use of the client holds ``lock``.

    Attributes:
        client: Not connected yet; its ``on_connect`` and ``on_disconnect`` are set here.
        settings: Where the broker is, and the keepalive time.
        lock: Held for each use of ``client``; reentrant.
        stopping: Ends the connection when set.
        on_accepted: Called once with ``client`` and what the broker allows, holding ``lock``.
    """

    client: paho.Client
    settings: MqttSettings
    lock: AbstractContextManager[Any]
    stopping: threading.Event
    on_accepted: Callable[[paho.Client, Limits], None]

    def __post_init__(self) -> None:
        self._accepted = self._over = False
        self._refusal = self._farewell = ("", "")
        """Answer of a broker that did not accept, and its last word when it hung up: the reason, and in words."""
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect

    def open(self) -> None:
        """Connect, and wait until the broker accepts the client.

        Raises:
            BrokerUnavailable: It cannot be reached, does not answer, refuses the client, or ``stopping`` was set.
        """
        try:
            self.client.connect(self.settings.host, self.settings.port_in_force, self.settings.keepalive)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or error
            raise self._failure(
                f"no secure connection: {reason}", "check mqtt.tls, mqtt.ca_file and mqtt.host"
            ) from error
        except (OSError, ValueError) as error:
            found = f"not reachable ({getattr(error, 'strerror', None) or error})"
            raise self._failure(found, "check mqtt.host and mqtt.port") from error
        connection = self.client.socket()
        if isinstance(connection, socket.socket):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * _ACKNOWLEDGED_WITHIN_S))
        try:
            self._wait_until_accepted()
        except BrokerUnavailable:
            self._hang_up()
            raise

    def stay(self) -> None:
        """Serve the connection until it is lost, or for a farewell after ``stopping`` was set.

        Raises:
            BrokerUnavailable: The other side hangs up and says why, or sends what is no MQTT.
        """
        end_by = math.inf
        try:
            while not self._over and time.monotonic() < end_by:
                self._turn()
                if self.stopping.is_set():
                    end_by = min(end_by, time.monotonic() + _FAREWELL_WITHIN_S)
        finally:
            self._hang_up()
        if self._farewell[0] and not self.stopping.is_set():
            reason, words = self._farewell
            raise self._failure(f"hung up: {words}", _REMEDIES.get(reason, "look into the broker's log"), reason=reason)

    def _wait_until_accepted(self) -> None:
        answer_by = time.monotonic() + ANSWER_WITHIN_S
        while not self._accepted:
            self._turn()
            if self._refusal[0]:
                reason, words = self._refusal
                protocol = reason == "Unsupported protocol version"
                remedy = _REMEDIES.get(reason, _CHECK_PORT)
                raise self._failure(f"refused this client: {words}", remedy, protocol, reason)
            if self._over:
                raise self._failure("hung up without an answer", _CHECK_PORT, perhaps_protocol=True)
            if time.monotonic() > answer_by:
                raise self._failure(f"no answer within {ANSWER_WITHIN_S:g} s", _CHECK_PORT, perhaps_protocol=True)
            if self.stopping.is_set():
                raise self._failure("no answer yet", "wait for it")

    def _failure(self, found: str, remedy: str, perhaps_protocol: bool = False, reason: str = "") -> BrokerUnavailable:
        address = f"{self.settings.host}:{self.settings.port_in_force}"
        return BrokerUnavailable(address, found, remedy, perhaps_protocol, reason)

    def _turn(self) -> None:
        """Wait for the network at most ``_TURN_S``, then read and write what is possible."""
        with self.lock:
            connection = self.client.socket()
            if not connection:
                self._over = True
                return
            # Bytes that TLS has decrypted already are not announced by the socket again.
            pending = isinstance(connection, ssl.SSLSocket) and connection.pending() > 0
            unwritten = [connection] if self.client.want_write() else []
        # A publishing thread may find the connection broken meanwhile, and close it.
        with contextlib.suppress(OSError, ValueError):
            select.select([connection], unwritten, [], 0 if pending else _TURN_S)
        try:
            with self.lock:
                self.client.loop_read()
                self.client.loop_write()
                self.client.loop_misc()
        except Exception as error:  # paho raises errors of any kind for malformed packets
            found = f"what it says is no MQTT ({error or type(error).__name__})"
            raise self._failure(found, _CHECK_PORT, perhaps_protocol=not self._accepted) from error

    def _hang_up(self) -> None:
        with self.lock:
            self.client.disconnect()

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._refusal = (str(reason), in_words(reason, properties))
        else:
            self._accepted = True
            self.on_accepted(client, Limits.of(client.protocol, properties))

    def _on_disconnect(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        self._over = True
        if flags.is_disconnect_packet_from_server:
            self._farewell = (str(reason), in_words(reason, properties))
        elif str(reason) == PROTOCOL_ERROR:
            self._farewell = PROTOCOL_ERROR, f"what it says is no MQTT {'5' if self.client.protocol == 5 else '3.1.1'}"
