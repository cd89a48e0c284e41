"""Faults of the network, with real packets on a cable of the test's own."""

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.cable import BROKER, Cable
from tests.faults.conftest import Fault
from tests.faults.sensor import Sensor, await_news, last_time
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/net/tun").exists() or shutil.which("ip") is None,
    reason="needs root, /dev/net/tun and iproute2, for network namespaces",
)
_PORT = 1883
_NAME = "broker.test"


@contextmanager
def broker_in(cable: Cable, folder: Path) -> Iterator[None]:
    """Run mosquitto at the far end."""
    file = folder / "mosquitto.conf"
    file.write_text(f"listener {_PORT} {BROKER}\nallow_anonymous true\nuser root\n")
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    process = subprocess.Popen(
        [*cable.command("broker"), program or "mosquitto", "-c", str(file)], stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


class NameServer:
    """At the far end; answers every question with ``address``, or nothing while that is empty."""

    def __init__(self, cable: Cable) -> None:
        self.address = BROKER
        self._socket = cable.inside("broker", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._socket.bind((BROKER, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                question, client = self._socket.recvfrom(512)
                if not self.address:
                    continue
                end = question.index(0, 12) + 5
                wants_ipv4 = question[end - 4 : end - 2] == b"\0\1"
                answer = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 0, 4) + socket.inet_aton(self.address)
                header = question[:2] + b"\x81\x80\0\1" + struct.pack(">H", wants_ipv4) + bytes(4)
                self._socket.sendto(header + question[12:end] + answer * wants_ipv4, client)

    def close(self) -> None:
        """End it."""
        self._socket.close()


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable]:
    with Cable() as cable:
        yield cable


@pytest.fixture(scope="module")
def names(cable: Cable) -> Iterator[NameServer]:
    """A name server that knows the broker, and that the sensor asks."""
    folder = Path("/etc/netns") / cable.command("sensor")[-1]
    folder.mkdir(parents=True)
    (folder / "resolv.conf").write_text(f"nameserver {BROKER}\noptions timeout:1 attempts:1\n")
    (folder / "nsswitch.conf").write_text("hosts: dns\n")
    server = NameServer(cable)
    yield server
    server.close()
    shutil.rmtree(folder)
    with suppress(OSError):  # of another test beside this one
        folder.parent.rmdir()


@pytest.fixture(scope="module")
def broker(cable: Cable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with broker_in(cable, tmp_path_factory.mktemp("broker")):
        yield


@pytest.fixture(scope="module")
def sensor(cable: Cable, names: NameServer) -> Sensor:
    return Sensor(_NAME, _PORT, inside=cable.command("sensor"))


@pytest.fixture(scope="module")
def listener(cable: Cable, broker: None, sensor: Sensor) -> Iterator[Subscriber]:
    """Beside the broker, where no fault of the cable is felt; a sensor is at the other end."""
    listener = Subscriber(_PORT, host=BROKER)
    wait_until(lambda: _listens(cable), what="the broker")
    cable.inside("broker", listener.__enter__)
    with sensor:
        wait_until(lambda: listener.on("poses"), what="poses")
        yield listener
    listener.__exit__(None, None, None)


def _listens(cable: Cable) -> bool:
    with suppress(OSError), cable.inside("broker", lambda: socket.create_connection((BROKER, _PORT))):
        return True
    return False


def test_packets_are_lost(cable: Cable, listener: Subscriber, fault: Fault) -> None:
    await_news(listener, time.time())
    with fault("one of ten packets is lost, for 5 s", listener):
        cable.loss = 0.1
        time.sleep(5)
        cable.loss = 0.0


def test_slow(cable: Cable, listener: Subscriber, fault: Fault) -> None:
    await_news(listener, time.time())
    with fault("the network has 64 kbit/s, for 5 s", listener):
        cable.bits_per_s = 64_000.0
        time.sleep(5)
        cable.bits_per_s = float("inf")


def test_cable_out(cable: Cable, listener: Subscriber, fault: Fault) -> None:
    await_news(listener, time.time())
    with fault("cable out for 4 s", listener):
        cable.cut = {"to_broker", "to_sensor"}
        _await_silence(listener)
        cable.cut = set()


def test_cable_out_until_that_is_noticed(cable: Cable, sensor: Sensor, listener: Subscriber, fault: Fault) -> None:
    """Long before the kernel would give up, so that its return is noticed soon."""
    await_news(listener, time.time())
    losses = sensor.log().count("connection lost")
    with fault("cable out until the connection is given up", listener):
        cable.cut = {"to_broker", "to_sensor"}
        wait_until(lambda: sensor.log().count("connection lost") > losses, what="connection lost")
        cable.cut = set()


def test_half_open(cable: Cable, listener: Subscriber, fault: Fault) -> None:
    await_news(listener, time.time())
    with fault("nothing of what the broker says arrives, for 4 s", listener):
        cable.cut = {"to_sensor"}
        time.sleep(4)
        cable.cut = set()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("name server silent and connection lost", ""),
        ("name leads to another address and back", "10.77.0.9"),
    ],
)
def test_names(cable: Cable, listener: Subscriber, names: NameServer, fault: Fault, name: str, address: str) -> None:
    await_news(listener, time.time())
    with fault(name, listener):
        names.address = address
        _cut_connections(cable)
        _await_silence(listener)
        names.address = BROKER


def _await_silence(listener: Subscriber) -> None:
    """Wait until nothing has come for 3 s: the fault is felt."""
    wait_until(lambda: time.time() - last_time(listener) > 3, what="silence")


def _cut_connections(cable: Cable) -> None:
    """End the sensor's connection as a router does that has forgotten it."""
    subprocess.run([*cable.command("broker"), "ss", "-K", "dst", "10.77.0.1"], check=True, capture_output=True)
