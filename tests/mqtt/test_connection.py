"""One connection, to what is perhaps no broker at all."""

import contextlib
import socket
import threading
import time

import paho.mqtt.client as mqtt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.config.settings import MqttSettings
from edge.errors import BrokerUnavailable
from edge.mqtt.connection import Connection
from edge.mqtt.limits import Limits
from tests.support.waiting import wait_until

_WELCOME = bytes((0x20, 3, 0, 0, 0))
"""CONNACK of MQTT 5: accepted, without properties."""


class Session:
    """A connection to ``server`` in a thread, from ``open`` to the end of ``stay``."""

    def __init__(self, server: socket.socket, keepalive: int = 60) -> None:
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, "hall", protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = lambda _client, _data, message: message.topic  # which takes it apart
        self.accepted = False
        self.ended = ""
        """How it ended: not at all yet, ``lost``, or what was found."""
        self.stopping = threading.Event()
        settings = MqttSettings(port=server.getsockname()[1], keepalive=keepalive)
        self._connection = Connection(self.client, settings, threading.RLock(), self.stopping, self._accept)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _accept(self, _client: mqtt.Client, _limits: Limits) -> None:
        self.accepted = True

    def _run(self) -> None:
        try:
            self._connection.open()
            self._connection.stay()
        except BrokerUnavailable as error:
            assert error.remedy
            self.ended = error.found
        else:
            self.ended = "lost"


def packet(kind: int, body: bytes) -> bytes:
    """Of MQTT, as far as its length tells."""
    return bytes((kind, len(body))) + body


@settings(deadline=None)
@given(st.booleans(), st.binary(max_size=100) | st.builds(packet, st.integers(0, 255), st.binary(max_size=100)))
@example(True, packet(0x30, b"\xff\xff"))  # a message whose topic is longer than all of it
@example(True, packet(0x30, b"\0\1\xd8\0well"))  # one whose topic is no text
@example(True, packet(0x40, b""))  # an answer to nothing
@example(False, b"HTTP/1.1 400 Bad Request\r\n\r\n")
def test_whatever_a_server_says_the_session_ends_with_a_reason(welcomes: bool, said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = Session(server)
        connection, _ = server.accept()
        with connection:
            connection.sendall((_WELCOME if welcomes else b"") + said)
            with contextlib.suppress(OSError):  # it may have hung up already
                connection.shutdown(socket.SHUT_WR)
            wait_until(lambda: session.ended)
        assert not session.ended.startswith("not reachable")


def test_what_another_thread_could_not_write_is_written_later() -> None:
    """The network takes no more in the midst of a message, and nothing else is ever published."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = Session(server)
        connection, _ = server.accept()
        with connection:
            connection.sendall(_WELCOME)
            connection.settimeout(10)
            wait_until(lambda: session.accepted)
            large = b"x" * 20_000_000
            message = session.client.publish("posenet/hall/poses", large)
            # Not at every moment: paho takes a message off its queue while the session's thread tries to write it.
            wait_until(session.client.want_write)
            received = b""
            while not received.endswith(large):
                received += connection.recv(1 << 20)
            wait_until(message.is_published)
            session.stopping.set()
            wait_until(lambda: session.ended)


def test_a_session_that_is_stopped_ends_though_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.mqtt.connection._FAREWELL_WITHIN_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = Session(server)
        connection, _ = server.accept()
        with connection:
            connection.sendall(_WELCOME)
            wait_until(lambda: session.accepted)
            session.stopping.set()
            wait_until(lambda: session.ended)


def test_a_session_that_is_stopped_before_it_is_accepted_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = Session(server)
        connection, _ = server.accept()
        with connection:
            session.stopping.set()
            wait_until(lambda: session.ended)


def test_an_idle_session_keeps_alive() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = Session(server, keepalive=1)
        connection, _ = server.accept()
        with connection:
            connection.sendall(_WELCOME)
            connection.settimeout(10)
            heard = b""
            begun = time.monotonic()
            while not heard.endswith(b"\xc0\x00"):  # PINGREQ
                heard += connection.recv(100)
                assert time.monotonic() - begun < 10
            session.stopping.set()
            wait_until(lambda: session.ended)
