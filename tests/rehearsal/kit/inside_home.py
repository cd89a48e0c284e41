"""The real Home Assistant at a real broker with the real ``report``; the scenes are scripted.

Home Assistant's own test harness runs this in the machine; ``tests/rehearsal/test_homeassistant.py`` starts it.
"""

import asyncio
import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import paho.mqtt.publish
import pytest
from homeassistant.components import automation, mqtt
from homeassistant.components.device_automation import DeviceAutomationType, async_get_device_automations
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_mock_service,
)

PORT = 18899
HERE = Path(__file__).parent
PROGRAMS = Path(os.environ.get("POSENET_EDGE_PROGRAMS", "/opt/posenet-edge/venv/bin"))
BLUEPRINTS = HERE / "blueprints"
STATED = {"binary_sensor.hall_occupied", "sensor.hall_people"}
"""What shows values of ``state``, and is there whatever else is."""

OWN_WARNINGS = (
    # Of a broker that goes away while it is connected.
    "Disconnected from MQTT server",
    "Failed to connect to MQTT server",
    "Error returned from MQTT server: The connection was lost",
    "Error doing job: Task exception was never retrieved",
    # Of any retained discovery that comes while it starts.
    "Detected code that calls async_forward_entry_setups for integration mqtt",
    # Of what is taken away: it clears the topic itself then, and hears that; and of triggers.
    "No device components to cleanup",
    "Unable to remove unknown dispatcher",
    "zlib_ng and isal are not available",
)
"""What Home Assistant says of itself."""


class Broker:
    """mosquitto, without a memory."""

    def start(self) -> None:
        words = ["mosquitto", "-p", str(PORT)]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("mosquitto does not listen")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class Sensor:
    """``report``, and a sensing room that plays scenes to it, between ``with`` and its end."""

    def __init__(self, folder: Path, *assignments: str, zone: bool = True) -> None:
        self._socket = folder / "wall.sock"
        config = folder / "config.toml"
        config.write_text(
            f'[device]\nid = "hall"\nname = "Entrance"\n[mqtt]\nport = {PORT}\nhealth_interval = 1.0\n'
            "[presence]\nclear = 1.0\n"
            + ('[[zone]]\nname = "floor"\npolygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]\n' if zone else "")
        )
        self._common = ["--config", str(config), *(f"--set={each}" for each in assignments)]

    def __enter__(self) -> Self:
        report = [PROGRAMS / "posenet-edge", "report", "--socket", self._socket, *self._common]
        self._report = subprocess.Popen(report)
        while not self._socket.exists():
            assert self._report.poll() is None
            time.sleep(0.02)
        feeder = [PROGRAMS / "python", HERE / "feeder.py", self._socket]
        self._feeder = subprocess.Popen(feeder, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def say(self, words: str) -> None:
        """``play SCENE``, ``blind`` or ``hang``."""
        assert self._feeder.stdin
        print(words, file=self._feeder.stdin, flush=True)

    def stop(self, kill: bool = False) -> None:
        """In good order, or as if its cable were pulled."""
        (self._report.kill if kill else self._report.terminate)()
        self._report.wait()
        self._feeder.kill()
        self._feeder.communicate()
        self._socket.unlink(missing_ok=True)

    def forget(self) -> None:
        """``posenet-edge forget``."""
        subprocess.run([PROGRAMS / "posenet-edge", "forget", *self._common], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def broker(socket_enabled: None) -> Iterator[Broker]:
    started = Broker()
    started.start()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def no_warnings(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that the sensor says makes Home Assistant warn."""
    yield
    records = [record for phase in ("setup", "call") for record in caplog.get_records(phase)]
    said = [record.getMessage() for record in records if record.levelno >= logging.WARNING]
    assert [message for message in said if not message.startswith(OWN_WARNINGS)] == []


@asynccontextmanager
async def at_home(hass: HomeAssistant) -> AsyncIterator[ConfigEntry]:
    """Home Assistant, connected to the broker."""
    entry = MockConfigEntry(domain="mqtt", data={"broker": "127.0.0.1", "port": PORT}, version=1)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    try:
        yield entry
    finally:
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


async def until(hass: HomeAssistant, condition: Callable[[], object], what: str = "", seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        await hass.async_block_till_done()
        if condition():
            return
        states = {state.entity_id: state.state for state in hass.states.async_all()}
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}; {states}"
        await asyncio.sleep(0.05)


def state(hass: HomeAssistant, entity_id: str) -> str:
    found = hass.states.get(entity_id)
    return found.state if found else "missing"


async def until_is(hass: HomeAssistant, entity_id: str, wanted: str) -> None:
    await until(hass, lambda: state(hass, entity_id) == wanted, f"{entity_id} is {wanted}")


def unavailable(hass: HomeAssistant, names: set[str] = STATED) -> bool:
    return {state(hass, name) for name in names} == {"unavailable"}


def ours(hass: HomeAssistant) -> set[str]:
    """Every entity of the device that has a state."""
    return {each.entity_id for each in hass.states.async_all() if ".hall_" in each.entity_id}


async def test_entities_appear_and_follow_the_scene(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until_is(hass, "binary_sensor.hall_occupied", "off")
            await until_is(hass, "sensor.hall_people", "0")
            await until_is(hass, "sensor.hall_temperature", "48.5")
            assert state(hass, "binary_sensor.hall_sealed") == "off"
            assert state(hass, "binary_sensor.hall_problem") == "off"
            sensor.say("play two-cross")
            await until_is(hass, "binary_sensor.hall_occupied", "on")
            await until_is(hass, "sensor.hall_people", "2")
            happened = hass.states.get("event.hall_event")
            assert happened
            await until_is(hass, "binary_sensor.hall_occupied", "off")
            await until(hass, lambda: "left" in str(hass.states.get("event.hall_event")), "left")
            occupied = hass.states.get("binary_sensor.hall_occupied")
            assert occupied
            assert occupied.attributes["friendly_name"] == "Entrance Occupancy"
            assert occupied.attributes["device_class"] == "occupancy"
            assert not [name for name in ours(hass) if state(hass, name) == "unknown"]

            registry = entity_registry.async_get(hass)
            quiet = registry.async_get("sensor.hall_frame_rate")
            assert quiet
            assert quiet.disabled
            assert quiet.entity_category == "diagnostic"
            device = device_registry.async_get(hass).async_get_device({("mqtt", "posenet_edge_hall")})
            assert device
            assert (device.name, device.manufacturer) == ("Entrance", "posenet-edge")


async def test_whoever_does_not_look_says_nothing(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    changes = async_capture_events(hass, "state_changed")
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            for silence in ("blind", "hang"):
                sensor.say("play stand-still")
                await until_is(hass, "binary_sensor.hall_occupied", "on")
                await until_is(hass, "binary_sensor.hall_problem", "off")
                changes.clear()
                sensor.say(silence)
                await until(hass, lambda: unavailable(hass), silence)
                await until_is(hass, "binary_sensor.hall_problem", "on")
                said = [
                    change.data["new_state"].state
                    for change in changes
                    if change.data["entity_id"] == "binary_sensor.hall_occupied"
                ]
                assert said == ["unavailable"]


async def test_its_last_will_and_its_return(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            sensor.say("play stand-still")
            await until_is(hass, "sensor.hall_people", "1")
            sensor.stop(kill=True)
            await until(hass, lambda: unavailable(hass, ours(hass)), "all of it")
            with Sensor(tmp_path) as again:
                again.say("play stand-still")
                await until_is(hass, "sensor.hall_people", "1")
            await until(hass, lambda: unavailable(hass, ours(hass)), "its farewell")


async def test_a_restart_of_the_broker_and_of_home_assistant(
    hass: HomeAssistant, broker: Broker, tmp_path: Path
) -> None:
    with Sensor(tmp_path) as sensor:
        async with at_home(hass) as entry:
            sensor.say("play stand-still")
            await until_is(hass, "sensor.hall_people", "1")
            births: list[object] = []
            await mqtt.async_subscribe(hass, "homeassistant/status", births.append)
            await until(hass, lambda: births, "its birth")
            broker.stop()
            await until(hass, lambda: unavailable(hass), "the broker is away")
            broker.start()
            await until_is(hass, "sensor.hall_people", "1")
            assert await hass.config_entries.async_reload(entry.entry_id)
            await until_is(hass, "sensor.hall_people", "1")


async def test_a_birth_of_home_assistant_brings_all_again(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    """As where the broker keeps nothing: what was retained is gone, and Home Assistant says that it has started."""
    topics = ("homeassistant/device/hall/config", "posenet/hall/state", "posenet/hall/availability")
    with Sensor(tmp_path) as sensor:
        sensor.say("play stand-still")
        await asyncio.sleep(3.0)
        for topic in topics:
            paho.mqtt.publish.single(topic, b"", retain=True, qos=1, hostname="127.0.0.1", port=PORT)
        async with at_home(hass):
            await until_is(hass, "sensor.hall_people", "1")


async def test_a_device_trigger_starts_an_automation(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until_is(hass, "binary_sensor.hall_occupied", "off")
            device = device_registry.async_get(hass).async_get_device({("mqtt", "posenet_edge_hall")})
            assert device
            by_device = await async_get_device_automations(hass, DeviceAutomationType.TRIGGER, [device.id])
            triggers = {each.get("type"): each for each in by_device[device.id] if each["domain"] == "mqtt"}
            assert {"arrived", "left"} <= set(triggers)
            trigger = {key: value for key, value in triggers["arrived"].items() if key != "metadata"}
            calls = async_mock_service(hass, "light", "turn_on")
            rule = {"alias": "welcome", "triggers": trigger, "actions": {"action": "light.turn_on"}}
            assert await async_setup_component(hass, automation.DOMAIN, {automation.DOMAIN: rule})
            sensor.say("play stand-still")
            await until(hass, lambda: calls, "the light")
            assert len(calls) == 1
            # Before the connection that it listens on goes.
            await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.welcome"}, blocking=True)


async def test_what_is_switched_off_vanishes_and_names_are_only_names(
    hass: HomeAssistant, broker: Broker, tmp_path: Path
) -> None:
    registry = entity_registry.async_get(hass)
    async with at_home(hass):
        with Sensor(tmp_path):
            await until_is(hass, "sensor.hall_people", "0")
            before = registry.async_get("sensor.hall_people")
        with Sensor(tmp_path, "device.name=Back door"):
            await until_is(hass, "sensor.hall_people", "0")
            await until(hass, lambda: "Back door People" in str(hass.states.get("sensor.hall_people")), "its name")
            after = registry.async_get("sensor.hall_people")
            assert before
            assert after
            assert before.unique_id == after.unique_id
        with Sensor(tmp_path, "presence.enabled=false"):
            await until(hass, lambda: registry.async_get("sensor.hall_people") is None, "no people")
            assert state(hass, "sensor.hall_people") == "missing"
            await until_is(hass, "sensor.hall_temperature", "48.5")
        with Sensor(tmp_path):
            await until_is(hass, "sensor.hall_people", "0")


@pytest.mark.parametrize("modes", [("device", "entities"), ("entities", "device")])
async def test_another_way_of_discovery(
    hass: HomeAssistant, broker: Broker, tmp_path: Path, modes: tuple[str, str]
) -> None:
    async with at_home(hass):
        for mode in modes:
            with Sensor(tmp_path, f"homeassistant.discovery={mode}") as sensor:
                await until_is(hass, "sensor.hall_people", "0")
                # Over what the other way left behind.
                await asyncio.sleep(3.0)
                await until_is(hass, "sensor.hall_people", "0")
                sensor.say("play stand-still")
                await until_is(hass, "sensor.hall_people", "1")
            await until(hass, lambda: unavailable(hass), "its farewell")


async def test_forgotten_is_gone(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    registry = device_registry.async_get(hass)
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until_is(hass, "sensor.hall_people", "0")
        sensor.forget()
        await until(hass, lambda: not ours(hass), "no entity")
        await until(hass, lambda: registry.async_get_device({("mqtt", "posenet_edge_hall")}) is None, "no device")


INPUTS: dict[str, dict[str, Any]] = {
    "light-by-zone": {"zone": "binary_sensor.test", "light": {"entity_id": "light.test"}, "linger": 0},
    "help-by-raised-hand": {"event": "event.test", "actions": [{"action": "notify.test"}]},
    "nobody-moved": {"inactive": "binary_sensor.test", "minutes": 0,
                     "actions": [{"action": "notify.test"}]},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.stem for path in BLUEPRINTS.glob("*.yaml")))
async def test_a_blueprint_does_what_it_says(hass: HomeAssistant, name: str) -> None:
    folder = Path(hass.config.path("blueprints/automation/posenet-edge"))
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(BLUEPRINTS / f"{name}.yaml", folder)
    calls = [
        async_mock_service(hass, *each) for each in (("light", "turn_on"), ("light", "turn_off"), ("notify", "test"))
    ]
    hass.states.async_set("binary_sensor.test", "off")
    hass.states.async_set("event.test", "2026-01-01T00:00:00.000+00:00", {"event_type": "left"})
    rule = {"use_blueprint": {"path": f"posenet-edge/{name}.yaml", "input": INPUTS[name]}}
    assert await async_setup_component(hass, automation.DOMAIN, {automation.DOMAIN: [rule]})
    await hass.async_block_till_done()
    assert [each.state for each in hass.states.async_all("automation")] == ["on"]
    # Coming back after not looking is no reason to do anything.
    for blind in ("unavailable", "off"):
        hass.states.async_set("binary_sensor.test", blind)
        hass.states.async_set("event.test", "2026-01-01T00:00:00.000+00:00", {"event_type": "left"})
        await hass.async_block_till_done()
    assert calls == [[], [], []]
    hass.states.async_set("binary_sensor.test", "on")
    hass.states.async_set("event.test", "2026-01-01T00:00:01.000+00:00", {"event_type": "hand_raised", "zone": None})
    await until(hass, lambda: sum(map(len, calls)), name)
    hass.states.async_set("binary_sensor.test", "unavailable")
    await hass.async_block_till_done()
    assert sum(map(len, calls)) == 1
    if name == "light-by-zone":
        hass.states.async_set("binary_sensor.test", "on")
        hass.states.async_set("binary_sensor.test", "off")
        await until(hass, lambda: calls[1], "the light goes out")
