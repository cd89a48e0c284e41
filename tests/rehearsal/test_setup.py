"""A first start at a terminal: ``scripts/install`` asks, the camera is aimed in its sandbox, the broker is tried."""

import json
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rehearsal import broker
from tests.rehearsal.broker import BROKER, SENSOR, SENSOR_PASSWORD, Listener
from tests.rehearsal.cache import PROJECT
from tests.rehearsal.equipment import KIT
from tests.rehearsal.machine import Machine
from tests.support.waiting import wait_until

HERE = "/root/posenet-edge"
CONFIG, SECRET = "/etc/posenet-edge/config.toml", "/etc/posenet-edge/secrets/mqtt_password"
LOOK = [["1 person is seen.", "\n"], ["What now [1]:", "\n"]]
REST = [
    ["User name at the broker", f"{SENSOR}\n"],
    ["Its password, not shown", f"{SENSOR_PASSWORD}\n"],
    ["Name of this sensor", "Hall\n"],
    ["Its id", "hall\n"],
    ["What may leave", "\n"],
    ["May it be commanded", "\n"],
    ["Shall Home Assistant", "\n"],
    ["In which area", "Hall\n"],
    ["Write it?", "\n"],
]
ANSWERS = [
    ["Which camera", "picamera2\n"],
    ["Look through it now?", "\n"],
    *LOOK,
    ["MQTT broker", f"{BROKER}\n"],
    ["encrypted", "\n"],
    *REST,
]


@pytest.fixture(scope="module")
def device(blank: list[Path], make_machine: Callable[[str, list[Path]], Machine]) -> Iterator[Machine]:
    """A device with a checkout, on which nothing is installed."""
    with make_machine("first-start", blank) as machine:
        machine.unpack(PROJECT, HERE)
        machine.write("/root/typist.py", (KIT / "typist.py").read_text())
        broker.allow(machine, "readwrite")
        machine.run("systemctl reload mosquitto")
        yield machine


def typed(device: Machine, command: str, dialogue: list[list[str]]) -> subprocess.CompletedProcess[str]:
    return device.run(
        f"python3 /root/typist.py '{command}'", stdin=json.dumps(dialogue), folder=HERE, timeout=900, check=False
    )


def test_who_leaves_at_a_question_has_nothing_installed(device: Machine) -> None:
    left = typed(device, "scripts/install", [["Which camera", "\x03"]])
    assert left.returncode == 130, left.stdout
    assert "stopped at a question: going back" in left.stdout
    assert device.run(f"test -e {CONFIG} -o -e /usr/local/bin/posenet-edge", check=False).returncode
    assert "posenet-sense" not in device.say("systemctl list-unit-files 'posenet-s*' --no-legend; true")


def test_a_first_installation_asks_tries_and_works(device: Machine) -> None:
    done = typed(device, "scripts/install", ANSWERS)
    assert done.returncode == 0, done.stdout
    assert "not asked: []" in done.stdout
    assert "posenet/hall/# can be written and read" in done.stdout
    assert SENSOR_PASSWORD not in done.stdout
    found = tomllib.loads(device.say(f"cat {CONFIG}"))
    assert found["camera"] == {"source": "picamera2", "wait": True, "require_seal": True}
    assert found["device"] == {"name": "Hall", "id": "hall"}
    assert found["homeassistant"] == {"area": "Hall"}
    assert found["mqtt"] == {"host": BROKER, "port": 0, "username": SENSOR, "password_file": SECRET}
    assert device.say(f"stat -c %a {SECRET}") == "600"
    with Listener(device) as listener:
        listener.wait_for_pose()


def test_the_service_lends_its_camera_and_takes_over_what_was_changed(device: Machine) -> None:
    began = device.say("systemctl show -P InvocationID posenet-sense.service")
    changes = [
        ["Which camera", "\n"], ["Stop it while you look", "y\n"], *LOOK, ["MQTT broker", "\n"], ["encrypted", "\n"],
        ["User name", "\n"], ["Its password", "\n"], ["Name of this sensor", "Door\n"], ["Its id", "\n"],
        ["What may leave", "2\n"], ["May it be commanded", "\n"], ["Shall Home", "\n"], ["In which area", "\n"],
        ["Write it?", "\n"], ["Give it to the running services now?", "\n"],
    ]  # fmt: skip
    done = typed(device, "posenet-edge setup", changes)
    assert (done.returncode, "not asked: []" in done.stdout) == (0, True), done.stdout
    assert device.say("systemctl show -P InvocationID posenet-sense.service") != began
    with Listener(device) as listener:
        pose = listener.wait_for_pose()
        wait_until(lambda: listener.on("health")[-1:] and listener.on("health")[-1]["name"] == "Door")
    assert "nose" not in {each["part"] for each in pose["poses"][0]["keypoints"]}
