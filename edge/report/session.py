"""One connection to the broker, from its beginning to its end."""

import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

_ANSWER_WITHIN = 10.0
"""Seconds that a broker has to answer before it is tried anew."""


def _wake_up_pair() -> tuple[socket.socket, socket.socket]:
    """What wakes paho's thread: two ends of a local socket."""
    pair = socket.socketpair()
    for end in pair:
        end.setblocking(False)
    return pair


# paho makes its own pair over TCP on loopback, for the sake of other systems. A unit that may reach the broker alone
# (IPAddressDeny=any) would wait for that connection for ever.
mqtt._socketpair_compat = _wake_up_pair


class Session:
    """``run`` it once; ``begin`` is called (in paho's thread) when the broker took the client."""

    def __init__(self, client: mqtt.Client, begin: Callable[[mqtt.Client], None]) -> None:
        self._client = client
        self._begin = begin
        self._answered = threading.Event()
        self._over = threading.Event()
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
        self._client.loop_start()
        try:
            if not self._answered.wait(_ANSWER_WITHIN):
                return f"no answer within {_ANSWER_WITHIN:.0f} s"
            while not self._over.wait(0.5) and not stopping.is_set():
                pass
            if stopping.is_set():
                self._over.wait(1.0)
        finally:
            self._client.disconnect()
            self._client.loop_stop()
        if self.accepted:
            return "connection lost"
        return f"refused this client: {self.refusal}" if self.refusal else "hung up without an answer"

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self.refusal = str(reason)
            if self.refusal in ("Not authorized", "Bad user name or password"):
                self.refusal += " (check mqtt.username and mqtt.password_file)"
        else:
            self.accepted = True
            self._begin(client)
        self._answered.set()

    def _on_disconnect(self, *_: Any) -> None:
        self._over.set()
        self._answered.set()
