"""``posenet-edge forget``: what the broker keeps of a sensor is gone, and nothing else."""

import json
import os
from pathlib import Path

import paho.mqtt.publish
import pytest

from edge.mqtt.publisher import RETAINED
from edge.report import configuration
from edge.tools.mosquitto import Mosquitto
from tests.support.commands import command
from tests.support.discovery import retained, sensor
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until


@pytest.mark.parametrize("mode", ["device", "entities"])
def test_nothing_of_it_is_retained_any_more(broker: Mosquitto, mode: str) -> None:
    settings = ["--set=device.id=hall", f"--set=mqtt.port={broker.port}", f"--set=homeassistant.discovery={mode}"]
    paho.mqtt.publish.single("posenet/other/state", b"{}", retain=True, qos=1, port=broker.port)
    with sensor(broker.port, configuration.load(None, [each.removeprefix("--set=") for each in settings])) as ours:
        for name in RETAINED:
            ours.broker.publish_retained(name, b"{}")
        wait_until(lambda: retained(broker.port))
    result = command("forget", *settings)
    assert result.stdout == "posenet/hall: nothing is retained any more\n", result.stderr
    with Subscriber(broker.port, "#") as left:
        wait_until(lambda: left.messages)
        assert {message.topic for message in left.messages if message.retain} == {"posenet/other/state"}


def test_one_that_is_online_is_refused_unless_by_force(broker: Mosquitto) -> None:
    paho.mqtt.publish.single("posenet/hall/availability", b"online", retain=True, qos=1, port=broker.port)
    settings = ["--set=device.id=hall", f"--set=mqtt.port={broker.port}", "--set=homeassistant.discovery=off"]
    result = command("forget", *settings)
    assert result.returncode == os.EX_USAGE
    assert "posenet/hall is online" in result.stderr
    assert command("forget", "--force", *settings).returncode == 0


def test_the_name_of_one_that_is_online_is_not_simulated(broker: Mosquitto) -> None:
    """The broker would throw the real one out."""
    paho.mqtt.publish.single("posenet/hall/availability", b"online", retain=True, qos=1, port=broker.port)
    scene = ["--scene=stand-still", "--speed=100", "--name=hall", f"--set=mqtt.port={broker.port}"]
    result = command("simulate", *scene)
    assert result.returncode == os.EX_USAGE
    assert "--name hall: a sensor with this id is online" in result.stderr
    assert command("simulate", "--force", *scene).returncode == 0


def test_without_a_broker_it_is_one_line() -> None:
    result = command("forget", "--set=mqtt.port=9")
    assert result.returncode == os.EX_UNAVAILABLE
    assert len(result.stderr.splitlines()) == 1
    assert "Connection refused" in result.stderr


ESPHOME = {"name": "Temperature", "dev": {"ids": "a0b1c2d3e4f5", "name": "Hallway", "mf": "espressif"}}


@pytest.mark.parametrize("topic", ["homeassistant/sensor/hall/temperature/config", "homeassistant/device/hall/config"])
@pytest.mark.parametrize("mode", ["device", "entities", "off"])
def test_what_another_device_announced_under_this_id_stays(broker: Mosquitto, mode: str, topic: str) -> None:
    settings = ["--set=device.id=hall", f"--set=mqtt.port={broker.port}", f"--set=homeassistant.discovery={mode}"]
    paho.mqtt.publish.single(topic, json.dumps(ESPHOME), retain=True, qos=1, port=broker.port)
    result = command("forget", *settings)
    assert result.returncode == 0, result.stderr
    assert retained(broker.port) == {topic: ESPHOME}
    if mode != "off":
        assert f'{topic}: left alone, it belongs to the device "Hallway"\n' in result.stdout


def test_what_cannot_be_read_is_said_to_stay(broker_folder: Path) -> None:
    rules = broker_folder / "rules"
    rules.write_text("topic write #\n")
    with Mosquitto("allow_anonymous true", f"acl_file {rules}") as strict:
        result = command("forget", "--set=device.id=hall", f"--set=mqtt.port={strict.port}")
    assert result.returncode == 0, result.stderr
    assert "homeassistant/+/hall/#: this user may not read it, so what was announced there stays" in result.stdout
