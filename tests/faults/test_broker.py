"""The broker's faults, as a sensor on the same machine sees them."""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.tools.mosquitto import Mosquitto
from tests.faults.conftest import Fault
from tests.faults.sensor import CLIENT_ID, TOPIC, Sensor
from tests.support.relay import Relay
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def relay(broker: Mosquitto) -> Iterator[Relay]:
    with Relay(broker.port) as relay:
        yield relay


@pytest.fixture(scope="module")
def sensor(relay: Relay) -> Iterator[Sensor]:
    """A sensor that reaches the broker through the relay."""
    with Sensor("127.0.0.1", relay.port) as running:
        yield running


@contextmanager
def hostile(port: int, says: bytes) -> Iterator[list[bytes]]:
    """A server in the broker's place that says the same to everybody; yields what was said to it."""
    with socket.create_server(("127.0.0.1", port)) as server:
        heard: list[bytes] = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    with client, suppress(OSError):
                        heard.append(client.recv(4096))
                        client.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        yield heard
        # Closed alone, it would go on listening as long as the thread waits for a client.
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_absent_at_the_start(fault: Fault) -> None:
    with Mosquitto() as broker:
        broker.stop()
        with Sensor("127.0.0.1", broker.port) as running:
            wait_until(lambda: running.pid("report"), what="report")
            time.sleep(2)
            broker.start()
            with Subscriber(broker.port) as listener, fault("broker absent at the start", listener):
                pass


def test_killed(broker: Mosquitto, listener: Subscriber, fault: Fault) -> None:
    with fault("broker killed, back after 1 s", listener):
        broker.signal(signal.SIGKILL)
        time.sleep(1)
        broker.stop()
        broker.start()


def test_hung(broker: Mosquitto, listener: Subscriber, fault: Fault) -> None:
    with fault("broker stopped (SIGSTOP) for 3 s", listener):
        broker.signal(signal.SIGSTOP)
        time.sleep(3)
        broker.signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("refuses everybody", bytes((0x20, 3, 0, 0x87, 0))),
        ("is no broker", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("sends malformed packets", bytes((0x20, 3, 0, 0, 0, 0x30, 2, 255, 255))),
        ("announces a packet of 256 MB", bytes((0x20, 3, 0, 0, 0, 0x30, 255, 255, 255, 127)) + bytes(4000)),
    ],
)
def test_another_in_its_place(broker: Mosquitto, listener: Subscriber, fault: Fault, name: str, says: bytes) -> None:
    with fault(f"what answers in the broker's place {name}", listener):
        broker.stop()
        with hostile(broker.port, says) as heard:
            wait_until(lambda: len(heard) >= 2, what="two attempts")
        broker.start()


def test_what_is_too_large(listener: Subscriber, fault: Fault) -> None:
    with fault("a command of 5 MB", listener):
        listener.publish(f"{TOPIC}/command/places", b"x" * 5_000_000)


def test_the_same_id_elsewhere(broker: Mosquitto, listener: Subscriber, fault: Fault) -> None:
    with fault("another client takes its id, twice", listener):
        for _ in range(2):
            wait_until(lambda: listener.on("availability")[-1] == b"online")
            twin = mqtt.Client(CallbackAPIVersion.VERSION2, CLIENT_ID)
            twin.connect("127.0.0.1", broker.port)
            twin.loop_start()
            wait_until(twin.is_connected)
            twin.disconnect()
            twin.loop_stop()


def test_sliced(relay: Relay, listener: Subscriber, fault: Fault) -> None:
    with fault("what it says arrives ten bytes at a time", listener):
        relay.slice_bytes = 10
        relay.hang_up()
        before = len(listener.on("poses"))
        wait_until(lambda: len(listener.on("poses")) > before + 3, what="poses in slices")
        relay.slice_bytes = 0


def test_hung_up_in_the_midst(relay: Relay, listener: Subscriber, fault: Fault) -> None:
    with fault("the connection ends, five times", listener):
        for _ in range(5):
            relay.hang_up()
            time.sleep(0.3)


def test_swallowed(relay: Relay, listener: Subscriber, fault: Fault) -> None:
    with fault("the link is dead for 3 s and nobody knows", listener):
        relay.swallowing = True
        time.sleep(3)
        relay.swallowing = False
