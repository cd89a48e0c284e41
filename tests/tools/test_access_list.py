"""The access list of the sample, at a real mosquitto: the sensor does all its work, and nothing of others'."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.config.settings import (
    CommandSettings,
    DeviceSettings,
    HomeAssistantSettings,
    MqttSettings,
    Settings,
)
from edge.tools.access_list import ACCESS, LISTENER, access_list, configuration, instructions
from edge.tools.mosquitto import Mosquitto
from tests.support.commands import COMMAND, PROJECT
from tests.support.strict_broker import strict_broker
from tests.support.waiting import wait_until

HALL = Settings(
    device=DeviceSettings(id="hall"), mqtt=MqttSettings(username="sensor"), command=CommandSettings(enabled=True)
)
PASSWORDS = {"sensor": "what the sensor knows", "homeassistant": "what the house knows", "kitchen": "its own"}
KITCHEN = "\nuser kitchen\ntopic readwrite posenet/kitchen/#\n"


class Somebody:
    """A client with a name and a password; ``heard`` has the last payload on each topic."""

    def __init__(self, port: int, name: str, *topics: str) -> None:
        self.heard: dict[str, bytes] = {}
        self.refused: set[str] = set()
        self._sent: dict[int, str] = {}
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.username_pw_set(name, PASSWORDS[name])
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = lambda _client, _data, message: self.heard.update({message.topic: message.payload})
        self._client.on_publish = self._on_publish
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if topics:
            self._client.subscribe([(topic, 1) for topic in topics])
            assert subscribed.wait(30)

    def says(self, topic: str, payload: bytes = b"x", retain: bool = False) -> bool:
        """Whether the broker took it."""
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        self._sent[sent.mid] = topic
        sent.wait_for_publish(30)
        assert sent.is_published()
        return topic not in self.refused

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_publish(
        self, _client: object, _data: object, mid: int, reason: paho.ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            wait_until(lambda: mid in self._sent)
            self.refused.add(self._sent[mid])


@contextmanager
def somebody(broker: Mosquitto, name: str, *topics: str) -> Iterator[Somebody]:
    made = Somebody(broker.port, name, *topics)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def broker(broker_folder: Path) -> Iterator[Mosquitto]:
    with strict_broker(broker_folder, PASSWORDS, access_list(HALL) + KITCHEN) as running:
        yield running


def test_the_sensor_does_all_its_work(broker: Mosquitto, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORDS["sensor"])
    password.chmod(0o600)
    settings = (
        "device.id=hall", "mqtt.username=sensor", f"mqtt.password_file={password}", f"mqtt.port={broker.port}",
        "command.enabled=true", "camera.source=fake:", "people.although_unsealed=true",
    )  # fmt: skip
    with (
        somebody(broker, "homeassistant", "posenet/#", "homeassistant/#") as house,
        subprocess.Popen([*COMMAND, "run", *(f"--set={each}" for each in settings)], stderr=subprocess.PIPE) as sensor,
    ):
        try:
            for topic in ("availability", "health", "state", "poses", "places"):
                wait_until(lambda topic=topic: f"posenet/hall/{topic}" in house.heard, 120, topic)
            wait_until(lambda: "homeassistant/device/hall/config" in house.heard, 120, "discovery")
            assert house.says("posenet/hall/command/camera", b"pause")
            wait_until(lambda: json.loads(house.heard["posenet/hall/state"])["paused"] is True, 120, "the answer")
            # Home Assistant comes back: the sensor announces itself once more.
            house.heard.clear()
            assert house.says("homeassistant/status", b"online")
            wait_until(lambda: "homeassistant/device/hall/config" in house.heard, 120, "announced once more")
        finally:
            sensor.terminate()
            _, said = sensor.communicate(timeout=60)
    assert b"refuse" not in said, said


def test_what_is_others_is_out_of_its_reach(broker: Mosquitto) -> None:
    with (
        somebody(broker, "kitchen") as kitchen,
        somebody(broker, "homeassistant", "posenet/#", "homeassistant/#") as house,
        somebody(broker, "sensor", "#", "posenet/#", "homeassistant/#") as sensor,
    ):
        for topic in ("posenet/kitchen/state", "posenet/kitchen/command/camera", "homeassistant/sensor/lamp/on/config"):
            assert not sensor.says(topic), topic
        assert kitchen.says("posenet/kitchen/state", b"of the kitchen")
        assert house.says("homeassistant/sensor/lamp/on/config", b"of a lamp")
        # What it may have comes, and came after what it may not.
        assert sensor.says("posenet/hall/state", b"its own")
        wait_until(lambda: "posenet/hall/state" in sensor.heard)
        wait_until(lambda: {"posenet/kitchen/state", "posenet/hall/state"} <= house.heard.keys())
        assert set(sensor.heard) == {"posenet/hall/state"}
        # Nor does anybody who is not named do anything.
        assert not kitchen.says("posenet/hall/command/camera", b"pause")


def test_of_many_sensors_each_reaches_its_own(broker_folder: Path) -> None:
    other = Settings(device=DeviceSettings(id="kitchen"), mqtt=MqttSettings(username="kitchen"))
    with (
        strict_broker(broker_folder, PASSWORDS, access_list(HALL, other)) as broker,
        somebody(broker, "sensor") as hall,
        somebody(broker, "kitchen") as kitchen,
    ):
        assert hall.says("posenet/hall/state")
        assert kitchen.says("posenet/kitchen/state")
        assert kitchen.says("homeassistant/device/kitchen/config")
        assert not hall.says("posenet/kitchen/state")
        assert not kitchen.says("posenet/hall/state")
        assert not kitchen.says("homeassistant/device/hall/config")


def test_a_sensor_that_logs_in_as_home_assistant_keeps_its_lines() -> None:
    rules = access_list(Settings(device=DeviceSettings(id="hall"), mqtt=MqttSettings(username="homeassistant")))
    assert rules.count("user homeassistant") == 1
    assert {"topic readwrite posenet/hall/#", "topic read posenet/#"} <= set(rules.splitlines())


def test_without_commands_and_discovery_neither_is_allowed() -> None:
    quiet = Settings(device=DeviceSettings(id="hall"), homeassistant=HomeAssistantSettings(discovery="off"))
    rules = access_list(quiet)
    assert "command" not in rules
    assert rules.startswith("user sensor\ntopic readwrite posenet/hall/#\n\n")


def test_the_commands_make_these_files_as_a_shell_reads_them(tmp_path: Path) -> None:
    """Run with the folder of mosquitto elsewhere, and its programs as stand-ins."""
    odd = Settings(device=DeviceSettings(id="hall"), mqtt=MqttSettings(username="it's $(odd)"))
    (tmp_path / "conf.d").mkdir()
    for name in ("mosquitto_passwd", "chown", "chmod", "systemctl"):
        stand_in = tmp_path / name
        stand_in.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/{name}.said\n')
        stand_in.chmod(0o755)
    script = instructions(odd).replace("/etc/mosquitto", str(tmp_path))
    subprocess.run(["sh", "-eu", "-c", script], check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    made = {name: (tmp_path / name.removeprefix("/etc/mosquitto/")).read_text() for name in (ACCESS, LISTENER)}
    assert made[ACCESS] == access_list(odd)
    assert made[LISTENER] == configuration().replace("/etc/mosquitto", str(tmp_path))
    assert "it's $(odd)" in (tmp_path / "mosquitto_passwd.said").read_text().splitlines()


def test_the_page_about_the_broker_has_the_same_text() -> None:
    page = (PROJECT / "docs/broker.md").read_text()
    (shown,) = re.findall(r"```sh\n(# Users with their passwords.*?)\n```", page, re.DOTALL)
    assert shown == instructions(HALL)
