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

ANSWER_WITHIN_S = 10.0
"""Time that a broker has for each answer."""
_TURN_S = 0.25
"""Longest wait for the network, so that a partly written message is continued and a stop is noticed soon."""
_FAREWELL_WITHIN_S = 1.0
_ACKNOWLEDGED_WITHIN_S = 10.0
"""Age at which data that the other machine has not acknowledged ends the connection. TCP itself would try again for a
quarter of an hour, with pauses so long that the return of the network is noticed late."""

_LOGIN_REFUSALS = ("Not authorized", "Bad user name or password")
_CHECK_PORT = "check mqtt.port, mqtt.tls and mqtt.protocol, and look into the broker's log"


@dataclass
class Connection:
    """Life of one paho client: ``open`` returns when the broker accepted it, then ``stay`` until the end.

    A message is written to the network by the thread that publishes it, so every use of the client holds ``lock``.

    Attributes:
        client: Not connected yet; its ``on_connect`` and ``on_disconnect`` are set here.
        settings: Where the broker is, and the keepalive time.
        lock: Held for each use of ``client``; reentrant.
        stopping: Ends the connection when set.
        on_accepted: Called once with ``client``, holding ``lock``.
    """

    client: paho.Client
    settings: MqttSettings
    lock: AbstractContextManager[Any]
    stopping: threading.Event
    on_accepted: Callable[[paho.Client], None]

    def __post_init__(self) -> None:
        self._accepted = self._over = False
        self._refusal: ReasonCode | None = None
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
            BrokerUnavailable: The other side sends what is no MQTT.
        """
        end_by = math.inf
        try:
            while not self._over and time.monotonic() < end_by:
                self._turn()
                if self.stopping.is_set():
                    end_by = min(end_by, time.monotonic() + _FAREWELL_WITHIN_S)
        finally:
            self._hang_up()

    def _wait_until_accepted(self) -> None:
        answer_by = time.monotonic() + ANSWER_WITHIN_S
        while not self._accepted:
            self._turn()
            if self._refusal is not None:
                raise self._refused(str(self._refusal))
            if self._over:
                raise self._failure("hung up without an answer", _CHECK_PORT, perhaps_protocol=True)
            if time.monotonic() > answer_by:
                raise self._failure(f"no answer within {ANSWER_WITHIN_S:g} s", _CHECK_PORT, perhaps_protocol=True)
            if self.stopping.is_set():
                raise self._failure("no answer yet", "wait for it")

    def _refused(self, reason: str) -> BrokerUnavailable:
        login = reason in _LOGIN_REFUSALS
        remedy = "check mqtt.username and mqtt.password_file" if login else _CHECK_PORT
        protocol = reason == "Unsupported protocol version"
        return self._failure(f"refused this client: {reason}", remedy, perhaps_protocol=protocol)

    def _failure(self, found: str, remedy: str, perhaps_protocol: bool = False) -> BrokerUnavailable:
        address = f"{self.settings.host}:{self.settings.port_in_force}"
        return BrokerUnavailable(address, found, remedy, perhaps_protocol)

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

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self._refusal = reason
        else:
            self._accepted = True
            self.on_accepted(client)

    def _on_disconnect(self, *_: Any) -> None:
        self._over = True
