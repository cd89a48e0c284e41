"""The wall: each denied thing is tried by the running services themselves, and planted breaches are found."""

import pytest

from tests.rehearsal import units
from tests.rehearsal.broker import BROKER, SOMEBODY_ELSE, Listener
from tests.rehearsal.machine import Machine
from tests.support.waiting import wait_until

SEEING = ("cv2.imdecode", "numpy.zeros", "libcamera.CameraManager", "picamera2.Picamera2")
TOLERATED = {
    "exec from memory",
    "knock /run/systemd/io.systemd.Hostname",
    "use numpy.zeros",
    "write /dev/mqueue",
    "write /run/lock",
}
"""What ``report`` can do and its unit does not promise to prevent."""


def _done(outcomes: dict[str, str]) -> set[str]:
    return {name for name, outcome in outcomes.items() if outcome == "done"}


def test_sense_can_do_nothing_but_see(device: Machine, listener: Listener) -> None:
    listener.wait_for_pose()
    outcomes = units.tries(device, units.SENSE)
    assert _done(outcomes) == {f"use {name}" for name in SEEING}, outcomes


def test_report_can_do_nothing_but_reach_the_broker(device: Machine, listener: Listener) -> None:
    listener.wait_for_pose()
    # Without this the next lines would prove nothing: somebody listens there, and only the kernel is in the way.
    for address in (BROKER, SOMEBODY_ELSE):
        device.run(f"timeout 5 bash -c 'echo > /dev/tcp/{address}/1883'")
    outcomes = units.tries(device, units.REPORT)
    assert _done(outcomes) - TOLERATED == {"socket AF_INET", "socket AF_INET6", "connect broker"}, outcomes


@pytest.mark.parametrize(("unit", "most"), [(units.SENSE, 0.8), (units.REPORT, 1.3)])
def test_systemd_thinks_little_is_exposed(device: Machine, unit: str, most: float) -> None:
    score, rest = units.exposure(device, unit)
    assert score <= most, rest


def test_systemd_finds_nothing_wrong_with_the_units(device: Machine) -> None:
    names = " ".join((*units.SERVICES, units.SOCKET, units.TARGET))
    verified = device.run(f"systemd-analyze verify --man=no {names}")
    assert verified.stdout + verified.stderr == ""


@pytest.mark.parametrize(
    ("breach", "lines"),
    [
        ("namespace", ["PrivateNetwork=no"]),
        ("connect", ["TemporaryFileSystem="]),
        ("capabilities", ["CapabilityBoundingSet=CAP_NET_RAW", "AmbientCapabilities=CAP_NET_RAW", "PrivateUsers=no"]),
        ("descriptor", ["OpenFile=/etc/hostname:leak"]),
    ],
)
def test_sense_notices_a_breach_and_keeps_its_eyes_shut(
    device: Machine, listener: Listener, breach: str, lines: list[str]
) -> None:
    listener.wait_for_pose()
    with units.dropin(device, units.SENSE, *lines):
        wait_until(lambda: breach in _breaches(listener), what=lambda: units.journal(device, units.SENSE))
        seen = len(listener.on("poses"))
        device.run("sleep 2")
        assert len(listener.on("poses")) == seen
    listener.wait_for_pose()


def _breaches(listener: Listener) -> list[str]:
    return (listener.on("health") or [{}])[-1].get("breaches") or []
