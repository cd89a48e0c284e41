"""One connection to the broker, from its beginning to its end."""

import contextlib
import math
import select
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

_ANSWER_WITHIN = 10.0
"""Seconds that a broker has to answer before it is tried anew."""
_TURN = 0.25
"""Seconds after which what another thread left unwritten is tried again, and whether to stop is looked up."""
_HANG_UP_WITHIN = 1.0
"""Seconds for the farewell."""


class Connection:
    """``run`` it once, in a thread of its own; ``begin`` is called there when the broker took the client.

    Whoever publishes writes to the network at once, in its own thread: to wake another one for each pose took 6 % of
    all that this process does. So paho's own thread does not run, and every use of ``client`` holds ``lock``.
    """

    def __init__(
        self, client: mqtt.Client, lock: AbstractContextManager[Any], begin: Callable[[mqtt.Client], None]
    ) -> None:
        self._client = client
        self._lock = lock
        self._begin = begin
        self._answered = self._over = False
        self.reached = False
        """The broker's port took the connection."""
        self.accepted = False
        """The broker took the client."""
        self.refusal = ""
        """Why it did not, in the broker's words."""
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect

    def run(self, stopping: threading.Event, host: str, port: int, keepalive: int) -> str:
        """Stays until the connection is over; returns why, for people."""
        try:
            self._client.connect(host, port, keepalive)
        except ssl.SSLError as error:
            return f"no secure connection: {getattr(error, 'verify_message', '') or error.reason or error}"
        except (OSError, ValueError) as error:
            return f"not reachable ({getattr(error, 'strerror', None) or error})"
        self.reached = True
        try:
            return self._stay(stopping)
        finally:
            with self._lock:
                self._client.disconnect()

    def _stay(self, stopping: threading.Event) -> str:
        answer_by, end_by = time.monotonic() + _ANSWER_WITHIN, math.inf
        while not self._over and time.monotonic() < end_by:
            try:
                self._turn()
            except Exception as error:  # paho takes apart whatever comes
                return f"what it says is no MQTT ({error or type(error).__name__})"
            if not self._answered and time.monotonic() > answer_by:
                return f"no answer within {_ANSWER_WITHIN:.0f} s"
            if stopping.is_set():
                end_by = min(end_by, time.monotonic() + _HANG_UP_WITHIN)
        if self.accepted:
            return "connection lost"
        return f"refused this client: {self.refusal}" if self.refusal else "hung up without an answer"

    def _turn(self) -> None:
        """Waits until the network brings something or takes something, at most ``_TURN`` s."""
        with self._lock:
            connection = self._client.socket()
            if not connection:
                self._over = True
                return
            # What TLS has decrypted already, the network does not bring again.
            waiting = isinstance(connection, ssl.SSLSocket) and connection.pending() > 0
            unwritten = [connection] if self._client.want_write() else []
        # Who publishes may find the connection broken meanwhile, and close it.
        with contextlib.suppress(OSError, ValueError):
            select.select([connection], unwritten, [], 0 if waiting else _TURN)
        with self._lock:
            self._client.loop_read()
            self._client.loop_write()
            self._client.loop_misc()

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self.refusal = str(reason)
            if self.refusal in ("Not authorized", "Bad user name or password"):
                self.refusal += " (check mqtt.username and mqtt.password_file)"
        else:
            self.accepted = True
            self._begin(client)
        self._answered = True

    def _on_disconnect(self, *_: Any) -> None:
        self._over = True
        self._answered = True
