"""One connection, to what is perhaps no broker at all."""

import socket
import threading
import time

import paho.mqtt.client as mqtt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.mqtt.connection import Connection
from tests.support.waiting import wait_until

_WELCOME = bytes((0x20, 3, 0, 0, 0))
"""CONNACK of MQTT 5: accepted, without properties."""


def session_to(server: socket.socket) -> tuple[Connection, mqtt.Client, threading.Event, list[str]]:
    """A session that runs, and the list that will hold why it ended."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "hall", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = lambda _client, _data, message: message.topic  # which takes it apart
    session, stopping, why = Connection(client, threading.RLock(), lambda _: None), threading.Event(), list[str]()
    port = server.getsockname()[1]
    threading.Thread(target=lambda: why.append(session.run(stopping, "127.0.0.1", port, 60)), daemon=True).start()
    return session, client, stopping, why


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
        session, _, _, why = session_to(server)
        connection, _ = server.accept()
        with connection:
            connection.sendall((_WELCOME if welcomes else b"") + said)
            connection.shutdown(socket.SHUT_WR)
            wait_until(lambda: why)
        assert why[0]
        assert session.reached


def test_what_another_thread_could_not_write_is_written_later() -> None:
    """The network takes no more in the midst of a message, and nothing else is ever published."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        session, client, stopping, why = session_to(server)
        connection, _ = server.accept()
        with connection:
            connection.sendall(_WELCOME)
            connection.settimeout(10)
            wait_until(lambda: session.accepted)
            large = b"x" * 20_000_000
            message = client.publish("posenet/hall/poses", large)
            assert client.want_write(), "the network took it all at once, so this shows nothing"
            received = b""
            while not received.endswith(large):
                received += connection.recv(1 << 20)
            wait_until(message.is_published)
            stopping.set()
            wait_until(lambda: why)


def test_a_session_that_is_stopped_ends_though_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.mqtt.connection._HANG_UP_WITHIN", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, _, stopping, why = session_to(server)
        connection, _ = server.accept()
        with connection:
            stopping.set()
            wait_until(lambda: why, 5)


def test_an_idle_session_keeps_alive() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, "hall", protocol=MQTTProtocolVersion.MQTTv5)
        session, stopping = Connection(client, threading.RLock(), lambda _: None), threading.Event()
        port = server.getsockname()[1]
        thread = threading.Thread(target=lambda: session.run(stopping, "127.0.0.1", port, 1), daemon=True)
        thread.start()
        connection, _ = server.accept()
        with connection:
            connection.sendall(_WELCOME)
            connection.settimeout(10)
            heard = b""
            begun = time.monotonic()
            while not heard.endswith(b"\xc0\x00"):  # PINGREQ
                heard += connection.recv(100)
                assert time.monotonic() - begun < 10
            stopping.set()
        thread.join(5)
        assert not thread.is_alive()
