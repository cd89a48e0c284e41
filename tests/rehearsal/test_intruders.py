"""Strangers and hostile senders at the wall, and settings that change while it runs."""

import textwrap
from collections.abc import Iterator

import pytest

from tests.rehearsal import units
from tests.rehearsal.broker import Listener
from tests.rehearsal.machine import Machine
from tests.rehearsal.units import REPORT, SENSE, pid
from tests.support.waiting import wait_until

CONFIG = "/etc/posenet-edge/config.toml"


@pytest.fixture(autouse=True)
def flowing(device: Machine, listener: Listener) -> Iterator[None]:
    """Each test begins and ends with poses at the broker; nothing but its own fault stands between."""
    listener.wait_for_pose()
    yield
    listener.wait_for_pose()


def test_a_live_setting_is_taken_over_without_a_restart(device: Machine, listener: Listener) -> None:
    good = device.say(f"cat {CONFIG}") + "\n"
    before = {unit: pid(device, unit) for unit in units.SERVICES}
    device.write(CONFIG, good + '[publish]\nshare = "body"\n')
    device.run("posenet-edge apply")

    def parts() -> int:
        return len(listener.wait_for_pose()["poses"][0]["keypoints"])

    wait_until(lambda: parts() == 12, what="no face")
    device.write(CONFIG, good)
    device.run("posenet-edge apply")
    wait_until(lambda: parts() == 17, what="a face again")
    assert {unit: pid(device, unit) for unit in units.SERVICES} == before


def test_an_unreadable_configuration_waits_to_be_mended(device: Machine) -> None:
    device.run(f"chmod 600 {CONFIG}; systemctl restart --no-block posenet-sense")
    wait_until(lambda: "cannot be read (Permission denied)" in units.journal(device, SENSE), what="said")
    device.run(f"chmod 644 {CONFIG}")
    wait_until(lambda: "sealed" in units.status(device, SENSE), what="it starts again")


STRANGER = """
import socket
wall = socket.socket(socket.AF_UNIX)
try:
    wall.connect('/run/posenet-edge/wall.sock')
    wall.settimeout(10)
    print('got', wall.recv(10))
except OSError as error:
    print(type(error).__name__)
"""


def test_strangers_are_not_let_in(device: Machine) -> None:
    device.write("/root/stranger.py", STRANGER)
    device.run("install -m755 /root/stranger.py /tmp/stranger.py")
    assert device.say("runuser -u nobody -- python3 /tmp/stranger.py") == "PermissionError"
    said = device.say("python3 /root/stranger.py")
    assert said in ("got b''", "ConnectionResetError")
    wait_until(lambda: "a process of user 0 was not let in" in units.journal(device, REPORT), what="said")


HOSTILE = """
import socket, time
def wall():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect('/run/posenet-edge/wall.sock')
    return connection
first = wall()
until = time.monotonic() + 3
while time.monotonic() < until:
    first.sendall(b'garbage\\n' * 1000)
first.sendall(b'{"half')
second = wall()
for _ in range(16384):
    second.sendall(b'x' * 65536)
many = [wall() for _ in range(100)]
print('done')
"""


def test_a_hostile_sender_costs_neither_memory_nor_the_service(device: Machine) -> None:
    device.write("/root/hostile.py", textwrap.dedent(HOSTILE))
    device.run("install -m755 /root/hostile.py /tmp/hostile.py; systemctl stop posenet-sense")
    try:
        before, victim = resident(device), pid(device, REPORT)
        group = device.say("getent group posenet-wall").split(":")[2]
        who = f"setpriv --reuid posenet-sense --regid posenet-sense --groups {group}"
        assert device.say(f"{who} python3 /tmp/hostile.py", timeout=300.0) == "done"
        assert resident(device) - before < 8 * 1024, "KiB"
        assert pid(device, REPORT) == victim
    finally:
        device.run("systemctl start posenet-sense")


def resident(device: Machine) -> int:
    """KiB that report holds."""
    line = device.say(f"grep VmRSS /proc/{pid(device, REPORT)}/status")
    return int(line.split()[1])
