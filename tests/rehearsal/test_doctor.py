"""``posenet-edge doctor`` on the device: each planted fault is found by its check, with what to do about it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.rehearsal import broker, units
from tests.rehearsal.broker import Listener
from tests.rehearsal.machine import Machine
from tests.rehearsal.units import REPORT, SENSE
from tests.support.waiting import wait_until

EXIT = {"good": 0, "unknown": 0, "warning": 1, "bad": 2}
NOT_HERE = {
    "clock": "warning",  # Nobody sets the clock of a container.
    "memory limit": "warning",  # nor gives it the control group that counts memory, ...
    "power": "unknown",  # ... and it has none of a board's own hardware.
    "temperature": "unknown",
    "watchdog": "unknown",
    # A machine that does other work too is too slow for every frame, or hands lines on late; doctor rightly says so.
    "losses": "warning",
    "lines refused": "warning",
}
"""What doctor may find in this container, and must not call worse; elsewhere it may be good."""
LIBRARIES = "/usr/lib/python3/dist-packages"
INSTALLED = "/opt/posenet-edge/current/venv/lib/python3.13/site-packages"
MODEL = "/opt/posenet-edge/current/venv/lib/python3.13/site-packages/edge/models/posenet-075-s16-257x353-int8.tflite"
SECRET = "/etc/posenet-edge/secrets/mqtt_password"
TLS = "--set mqtt.tls=true --set mqtt.port=8883 --set mqtt.ca_file=/root/ca.pem"

Levels = dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def readable(device: Machine) -> None:
    """A broker that lets the sensor read what it wrote, as doctor likes it."""
    broker.allow(device, "readwrite")
    device.run("systemctl reload mosquitto")
    with Listener(device) as listener:
        listener.wait_for_pose()


@pytest.fixture(autouse=True)
def flowing(device: Machine, listener: Listener) -> Iterator[None]:
    """After each test poses flow again."""
    yield
    listener.wait_for_pose()


def doctor(device: Machine, options: str = "") -> dict[str, dict[str, str]]:
    """Its findings by check; what is common to all of them is tested here."""
    ran = device.run(f"posenet-edge doctor --json {options}", check=False)
    told = json.loads(ran.stdout)
    found = {finding["check"]: finding for finding in told["findings"]}
    levels = [finding["level"] for finding in found.values()]
    assert ran.returncode == EXIT[told["worst"]] == max(EXIT[level] for level in levels), found
    for finding in found.values():
        assert finding["remedy"] or finding["level"] in ("good", "unknown"), finding
        assert "a bug in this check" not in finding["found"]
    return found


def wrong(found: dict[str, dict[str, str]]) -> Levels:
    """The checks that are not good, with their levels, but for what a container lacks."""
    levels = {check: finding["level"] for check, finding in found.items()}
    return {check: level for check, level in levels.items() if level not in ("good", NOT_HERE.get(check))}


def says(device: Machine, unit: str, words: str) -> Callable[[], bool]:
    """Whether a service says so in its status line."""
    return lambda: words in units.status(device, unit)


def test_a_good_device(device: Machine) -> None:
    found = doctor(device)
    assert wrong(found) == {}
    assert {"model", "runtime", "camera", "frames", "seal", "broker login", "health", "poses", "disk /"} <= set(found)


UP = "sleep 0.5; until systemctl -q is-active posenet-report; do sleep 0.1; done"
FAULTS: dict[str, tuple[str, str, str, Levels]] = {
    "on the disk": (
        # While it runs nothing of this stops it; the next start would.
        f"cp -a {MODEL} /root/model; echo x >>{MODEL}; systemctl disable posenet-edge.target; "
        # The installed numpy hides the system's.
        f"mv {LIBRARIES}/numpy /root/numpy-of-the-system; mv {INSTALLED}/numpy /root/numpy-installed; "
        "cp -a /var/lib/posenet-edge /root/applied; mount -t tmpfs -o size=8m full /var; "
        "mkdir /var/lib; cp -a /root/applied /var/lib/posenet-edge",
        f"umount /var; systemctl enable posenet-edge.target; cp -a /root/model {MODEL}; "
        f"mv /root/numpy-of-the-system {LIBRARIES}/numpy; mv /root/numpy-installed {INSTALLED}/numpy",
        "",
        {
            "model": "bad",
            "applied": "warning",
            "runtime": "bad",
            "start at boot": "bad",
            "disk /var": "bad",
            "camera library": "warning",
        },
    ),
    "no broker": (
        "systemctl stop mosquitto",
        "systemctl start mosquitto",
        "",
        {"broker port": "bad", "health": "unknown"},
    ),
    "a wrong password": (
        # apply restarts the service and does not wait for it.
        f"echo wrong >{SECRET}; posenet-edge apply; {UP}",
        f"cp /root/password {SECRET}; posenet-edge apply; {UP}",
        "",
        # The service goes on trying.
        {"broker login": "bad"},
    ),
    "a password that was renewed and not applied": (
        f"echo wrong >{SECRET}",
        f"cp /root/password {SECRET}",
        "",
        {"applied": "warning"},
    ),
    "a password for everybody": (
        f"chmod 644 {SECRET}",
        f"chmod 600 {SECRET}",
        "",
        {"password and keys": "bad"},
    ),
    "other settings than were applied": ("", "", "--set publish.share=body", {"applied": "warning"}),
    "a name without an address": (
        "",
        "",
        "--set mqtt.host=broker.nowhere.invalid",
        {"broker name": "bad", "health": "unknown", "applied": "warning"},
    ),
    "a library that is gone": (
        f"mv {LIBRARIES}/picamera2 /root",
        f"mv /root/picamera2 {LIBRARIES}",
        "--set camera.source=picamera2",
        {"camera library": "bad", "applied": "warning"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault(device: Machine, name: str) -> None:
    plant, undo, options, expected = FAULTS[name]
    try:
        device.run(plant or "true")
        assert wrong(doctor(device, options)) == expected
    finally:
        device.run(undo or "true")


@pytest.mark.parametrize(("days", "level"), [(10, "warning"), (-1, "bad")])
def test_the_brokers_certificate(device: Machine, days: int, level: str) -> None:
    broker.certify(device, datetime.now(UTC) + timedelta(days=days))
    device.run("systemctl reload mosquitto")
    found = doctor(device, TLS)
    assert (found["broker certificate"]["level"], "broker login" in found) == (level, level == "warning")
    assert "expire" in found["broker certificate"]["found"]


def test_a_broker_that_does_not_let_the_sensor_read_or_write(device: Machine) -> None:
    again = "systemctl reload mosquitto; systemctl restart posenet-report"
    try:
        broker.allow(device, "write")
        device.run("systemctl reload mosquitto")
        assert wrong(doctor(device)) == {"health": "unknown", "poses": "unknown"}
        broker.allow(device, "read")
        device.run(again)
        wait_until(says(device, REPORT, "refused by"), what=lambda: units.journal(device, REPORT))
        found = doctor(device)["report's connection"]
        assert (found["level"], "write posenet/#" in found["remedy"]) == ("bad", True)
    finally:
        broker.allow(device, "readwrite")
        device.run(again)


def test_a_broker_that_the_service_may_not_reach(device: Machine) -> None:
    with units.dropin(device, REPORT, "IPAddressAllow=", "IPAddressAllow=192.168.1.1"):
        found = wrong(doctor(device))
    assert (found["report's connection"], found["health"]) == ("warning", "bad")


def test_no_camera(device: Machine) -> None:
    with device.fault("unplugged"):
        device.run("systemctl restart posenet-sense")
        wait_until(says(device, SENSE, "no camera"))
        found = wrong(doctor(device))
    assert found["camera"] == "bad"
    assert found["frames"] == "unknown"


def test_a_cell_that_is_not_sealed(device: Machine) -> None:
    with units.dropin(device, SENSE, "PrivateNetwork=no"):
        wait_until(says(device, SENSE, "not sealed"))
        for down in (False, True):
            device.run("systemctl stop posenet-sense" if down else "true")
            found = doctor(device)
            assert (found["seal"]["level"], "namespace" in found["seal"]["found"]) == ("bad", True)
            assert found["camera"]["level"] == ("unknown" if down else "bad")


def test_while_sense_is_down_its_sandbox_is_tried(device: Machine) -> None:
    device.run("systemctl stop posenet-sense")
    try:
        found = doctor(device)
        assert found[SENSE]["level"] == "bad"
        assert [found[check]["level"] for check in ("camera", "frames", "seal")] == ["good"] * 3
        assert "640x480 px arrived" in found["frames"]["found"]
        with device.fault("unplugged"):
            assert doctor(device)["camera"]["level"] == "bad"
        assert device.say("systemctl list-units --all --plain --no-legend 'posenet-doctor*'") == ""
    finally:
        device.run("systemctl start posenet-sense")
