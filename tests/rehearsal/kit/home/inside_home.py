"""The device in Home Assistant: its entities come, go, are silent and return; what is asked there is obeyed.

Home Assistant's own test harness runs this in the machine; ``tests/rehearsal/test_homeassistant.py`` starts it.
"""

import asyncio
import json
import time
from functools import partial
from pathlib import Path
from signal import SIGCONT, SIGHUP, SIGSTOP
from typing import Any

import paho.mqtt.publish
import paho.mqtt.subscribe
import pytest
from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry
from homeassistant.util import dt
from house import (
    AT_FIRST_OFF,
    HERE,
    OTHERS,
    PORT,
    Broker,
    Sensor,
    at_home,
    device_triggers,
    full,
    identities,
    ours,
    state,
    switch_on,
    the_device,
    unavailable,
    unknown,
    until,
    until_is,
)
from pytest_homeassistant_custom_component.common import async_fire_time_changed, async_test_home_assistant

MEANINGS = {
    "presence": "binary_sensor.occupied sensor.people sensor.assumed sensor.assumed_for",
    "posture": "sensor.posture",
    "fall": "binary_sensor.fall",
    "inactivity": "binary_sensor.inactive",
    "movement": "sensor.movement",
    "hands": "binary_sensor.hand_raised binary_sensor.both_hands_raised",
    "waving": "binary_sensor.waving",
    "repetitions": "sensor.exercise sensor.repetitions sensor.tempo",
    "approach": "sensor.approach",
}
"""Entities without ``hall_``, by the section of the settings that has them."""
OF_PLACES = (
    "binary_sensor.zone_sofa_occupied sensor.zone_sofa_people sensor.line_door_in sensor.line_door_out "
    "binary_sensor.rule_please switch.switch_zone_sofa"
)
QUIET = full(AT_FIRST_OFF)
SWITCHES = {section: f"switch.switch_detector_{section}" for section in MEANINGS}
ALL = full(" ".join([*MEANINGS.values(), *SWITCHES.values()])) | full(OF_PLACES) | OTHERS | QUIET
EVERYTHING = ALL - QUIET
"""What is shown at first."""
DIAGNOSTIC = full(
    "binary_sensor.sealed binary_sensor.problem sensor.assumed sensor.assumed_for sensor.temperature sensor.frame_rate "
    "sensor.inference_ms sensor.frames_dropped sensor.lines_rejected sensor.events_lost update.update"
)
CONFIG = full(" ".join(SWITCHES.values())) | full(
    "select.sensitivity select.profile button.restart switch.switch_zone_sofa"
)
TRIGGERS = {
    "Somebody arrived", "Everybody left", "Hand raised", "Both hands raised", "Somebody waves", "Fall suspected",
    "Fall dismissed", "Fall confirmed", "Up again after a fall", "Nobody moves any more", "Sofa: entered", "Sofa: left",
    "Number of people changed",
    "Door: crossed inwards", "Door: crossed outwards", "Please: rule applies",
}  # fmt: skip
IN_LANGUAGES = {
    # By entity: its name, and what it shows while somebody stands there.
    "sensor.hall_posture": {
        "en": ("Posture", "Standing"), "de": ("Körperhaltung", "Stehend"), "fr": ("Posture", "Debout"),
    },
    "sensor.hall_exercise": {
        "en": ("Exercise", "No exercise"), "de": ("Übung", "Keine Übung"), "fr": ("Exercice", "Aucun exercice"),
    },
    "select.hall_sensitivity": {
        "en": ("Sensitivity", "Normal"), "de": ("Empfindlichkeit", "Normal"), "fr": ("Sensibilité", "Normale"),
    },
    "binary_sensor.hall_zone_sofa_occupied": {
        "en": ("Sofa occupancy", "off"), "de": ("Sofa: Anwesenheit", "off"), "fr": ("Sofa\u00a0: présence", "off"),
    },
}  # fmt: skip


async def is_complete(hass: HomeAssistant) -> bool:
    """Whether Home Assistant has each entity, shows each that is not quiet, and offers each trigger."""
    known = set(identities(hass)) == ALL
    return known and ours(hass) == EVERYTHING and set(await device_triggers(hass)) == TRIGGERS


def publish(topic: str, payload: str | bytes, retain: bool = False) -> None:
    paho.mqtt.publish.single(topic, payload, retain=retain, qos=1, hostname="127.0.0.1", port=PORT)


def retained(topic: str) -> bytes:
    """What the broker has there, as soon as it has something."""
    return bytes(paho.mqtt.subscribe.simple(topic, hostname="127.0.0.1", port=PORT).payload)


async def test_all_entities_appear(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until(hass, lambda: is_complete(hass), "all entities and triggers")
            await until_is(hass, "sensor.hall_people", "0")
            await until_is(hass, "binary_sensor.hall_sealed", "off")
            await until_is(hass, "binary_sensor.hall_problem", "off")
            await until_is(hass, "switch.hall_privacy", "off")
            await until_is(hass, "select.hall_sensitivity", "Normal")
            await until_is(hass, "select.hall_profile", "Home")
            await until_is(hass, "switch.hall_switch_zone_sofa", "on")
            # What runs is what is on the disk.
            await until_is(hass, "update.hall_update", "off")
            sensor.say("repeat stand-still")
            await until_is(hass, "sensor.hall_people", "1")
            occupied = hass.states.get("binary_sensor.hall_occupied")
            assert occupied
            assert occupied.attributes["friendly_name"] == "Entrance Occupancy"
            assert occupied.attributes["device_class"] == "occupancy"
            registry = entity_registry.async_get(hass)
            for name in QUIET:
                quiet = registry.async_get(name)
                assert quiet
                assert quiet.disabled
            assert {each for each in ALL if category(hass, each) == "diagnostic"} == DIAGNOSTIC
            assert {each for each in ALL if category(hass, each) == "config"} == CONFIG
            device = the_device(hass)
            assert device
            assert (device.name, device.manufacturer) == ("Entrance", "posenet-edge")
            assert device.configuration_url == "http://sensor.lan:8470/"
            assert device.area_id == "ground_floor"


def category(hass: HomeAssistant, entity_id: str) -> str | None:
    found = entity_registry.async_get(hass).async_get(entity_id)
    assert found
    return found.entity_category


async def test_names_and_words_in_each_language(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    """By a reload; entities stay what they are. What they are called and show is left in a table for people."""
    names: dict[str, dict[str, str]] = {}
    shown: dict[str, dict[str, str]] = {}
    async with at_home(hass):
        switch_on(hass, AT_FIRST_OFF)
        with Sensor(tmp_path) as sensor:
            sensor.say("repeat stand-still")
            await until_is(hass, "sensor.hall_temperature", "48.5")
            before = identities(hass)
            for language in ("en", "de", "fr"):
                sensor.configure(language=language)
                sensor.signal(SIGHUP)
                for entity, wanted in IN_LANGUAGES.items():
                    name, word = wanted[language]
                    await until_is(hass, entity, word)
                    await until(hass, lambda e=entity, n=name: friendly(hass, e) == n, name)  # type: ignore[misc]
                assert identities(hass) == before
                assert ours(hass) == ALL
                names[language] = {entity: friendly(hass, entity) for entity in ALL}
                shown[language] = {entity: state(hass, entity) for entity in ALL}
            await ask_for(hass, "Élevée")
            chosen = {"entity_id": "select.hall_sensitivity", "option": "Normale"}
            await hass.services.async_call("select", "select_option", chosen, blocking=True)
            await until_is(hass, "select.hall_sensitivity", "Normale")
            devices = (await device_triggers(hass)).keys()
            assert {"Chute confirmée", "Sofa\u00a0: quelqu'un est entré"} <= devices
    rows = [
        f"{entity:42} {category(hass, entity) or '-':11} {'off' if entity in QUIET else 'on':4} "
        + " | ".join(f"{names[each][entity]} = {shown[each][entity]}" for each in names)
        for entity in sorted(ALL)
    ]
    (HERE / "entities.txt").write_text("\n".join(["entity, category, at first; en | de | fr", *rows, ""]))


def friendly(hass: HomeAssistant, entity_id: str) -> str:
    """The name of an entity, without that of the device."""
    found = hass.states.get(entity_id)
    assert found
    return str(found.attributes["friendly_name"]).removeprefix("Entrance ")


async def test_its_last_will_and_its_return(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    async with at_home(hass):
        for kill in (True, False):
            with Sensor(tmp_path) as sensor:
                sensor.say("repeat stand-still")
                await until_is(hass, "sensor.hall_people", "1")
                sensor.stop(kill)
                await until(hass, lambda: {state(hass, name) for name in ours(hass)} == {"unavailable"}, "all of it")


@pytest.mark.parametrize(("age", "people"), [(91, "unavailable"), (-600, "1")])
async def test_what_was_said_before_a_power_cut_is_not_believed(
    hass: HomeAssistant, broker: Broker, tmp_path: Path, age: int, people: str
) -> None:
    """Sensor and broker ended at once, so no last will was said; with MQTT 3.1.1 the broker keeps all for ever.

    What still holds is from a clock that is ahead: so it does not grow old while a slow machine starts Home Assistant.
    """
    with Sensor(tmp_path, protocol="3.1.1") as sensor:
        sensor.say("repeat stand-still")
        said: dict[str, Any] = {}
        while said.get("people") != 1:
            said = json.loads(await hass.async_add_executor_job(retained, "posenet/hall/state"))
    publish("posenet/hall/state", json.dumps(said | {"time": time.time() - age}), retain=True)
    publish("posenet/hall/availability", "online", retain=True)
    async with at_home(hass):
        await until_is(hass, "sensor.hall_people", people)
        for name in ("switch.hall_privacy", "select.hall_sensitivity", "binary_sensor.hall_occupied"):
            is_away = partial(lambda name: state(hass, name) == "unavailable", name)
            await until(hass, lambda is_away=is_away: is_away() == (age > 0), name)  # type: ignore[misc]


async def test_a_report_that_hangs_is_not_relied_on(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    """Before the broker itself notices, after 45 s."""
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            sensor.say("repeat stand-still")
            await until_is(hass, "sensor.hall_people", "1")
            sensor.signal(SIGSTOP)

            def expired() -> bool:
                # Again and again: what it said just before it was stopped may still arrive, and counts from then on.
                async_fire_time_changed(hass, dt.utcnow() + dt.dt.timedelta(seconds=91))
                return unavailable(hass)

            await until(hass, expired, "expired")
            sensor.signal(SIGCONT)
            await until_is(hass, "sensor.hall_people", "1")


async def test_a_restart_of_the_broker_and_of_home_assistant(
    hass: HomeAssistant, broker: Broker, tmp_path: Path
) -> None:
    with Sensor(tmp_path) as sensor:
        async with at_home(hass) as entry:
            sensor.say("repeat stand-still")
            await until_is(hass, "sensor.hall_people", "1")
            await until(hass, lambda: is_complete(hass), "all entities and triggers")
            before = identities(hass)
            births: list[object] = []
            await mqtt.async_subscribe(hass, "homeassistant/status", births.append)
            await until(hass, lambda: births, "its birth")
            broker.stop()
            await until(hass, lambda: unavailable(hass), "the broker is away")
            broker.start()
            await until_is(hass, "sensor.hall_people", "1")
            assert await hass.config_entries.async_reload(entry.entry_id)
            await until_is(hass, "sensor.hall_people", "1")
            await until(hass, lambda: ours(hass) == EVERYTHING and identities(hass) == before, "all entities again")
        # Another one, which knows nothing of what the first had.
        async with async_test_home_assistant() as another:
            async with at_home(another):
                await until_is(another, "sensor.hall_people", "1")
                await until(
                    another, lambda: ours(another) == EVERYTHING and identities(another) == before, "all entities"
                )
            await another.async_stop(force=True)


async def test_a_birth_of_home_assistant_brings_all_again(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    """As where the broker keeps nothing: what was retained is gone, and Home Assistant says that it has started."""
    topics = ("homeassistant/device/hall/config", "posenet/hall/state", "posenet/hall/availability")
    with Sensor(tmp_path) as sensor:
        sensor.say("repeat stand-still")
        for topic in topics:
            await hass.async_add_executor_job(retained, topic)
        for topic in topics:
            publish(topic, b"", retain=True)
        async with at_home(hass):
            births: list[object] = []
            await mqtt.async_subscribe(hass, "homeassistant/status", births.append)
            await until(hass, lambda: births, "its birth")
            await until_is(hass, "sensor.hall_people", "1")


async def test_what_is_switched_off_vanishes(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    """By a reload, one meaning after the other; each comes back as what it was."""
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until(hass, lambda: ours(hass) == EVERYTHING and set(identities(hass)) == ALL, "all entities")
            before = identities(hass)
            for section, names in MEANINGS.items():
                sensor.configure(off=[section])
                sensor.signal(SIGHUP)
                # Home Assistant keeps what is switched off there, as it has no entity of it.
                rest = ALL - (full(f"{names} {SWITCHES[section]}") - QUIET)
                await until(hass, lambda rest=rest: set(identities(hass)) == rest, f"no {section}")  # type: ignore[misc]
                await until(hass, lambda rest=rest: ours(hass) == rest - QUIET, f"no {section}")  # type: ignore[misc]
            sensor.configure(places="")
            sensor.signal(SIGHUP)
            await until(hass, lambda: ours(hass) == EVERYTHING - full(OF_PLACES), "no places")
            assert not [each for each in await device_triggers(hass) if each.startswith(("Sofa", "Door", "Please"))]
            sensor.configure()
            sensor.signal(SIGHUP)
            await until(hass, lambda: identities(hass) == before, "all entities again")
        asked = {"switch.hall_privacy", "select.hall_sensitivity", "select.hall_profile", "button.hall_restart"}
        asked |= {each for each in ALL if each.startswith("switch.hall_switch_")}
        # While it was off.
        with Sensor(tmp_path, commands=False, off=["presence"]):
            gone = (asked | full(MEANINGS["presence"])) - QUIET
            await until(hass, lambda: ours(hass) == EVERYTHING - gone, "nothing to be asked")
            await until(hass, lambda: not gone & set(identities(hass)), "nothing of it known")


async def test_a_name_is_only_a_name(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until(hass, lambda: ours(hass) == EVERYTHING and set(identities(hass)) == ALL, "all entities")
            before = identities(hass)
            sensor.configure(name="Back door")
            sensor.signal(SIGHUP)
            await until(hass, lambda: "Back door People" in str(hass.states.get("sensor.hall_people")), "its name")
            assert identities(hass) == before
        with Sensor(tmp_path, name="Cellar"):
            await until(hass, lambda: "Cellar People" in str(hass.states.get("sensor.hall_people")), "its name")
            await until_is(hass, "sensor.hall_people", "0")
            assert identities(hass) == before


@pytest.mark.parametrize("modes", [("device", "entities"), ("entities", "device")])
async def test_another_way_of_discovery(
    hass: HomeAssistant, broker: Broker, tmp_path: Path, modes: tuple[str, str]
) -> None:
    topics = {"device": "homeassistant/device/hall/config", "entities": "homeassistant/sensor/hall/people/config"}
    said: list[tuple[float, str]] = []

    def hear(message: Any) -> None:
        said.append((time.monotonic(), message.topic if message.payload else ""))

    def announced(topic: str, times: int, silence: float) -> bool:
        last = said[-1][0] if said else time.monotonic()
        return [each for _, each in said].count(topic) >= times and time.monotonic() - last >= silence

    async with at_home(hass):
        for topic in topics.values():
            await mqtt.async_subscribe(hass, topic, hear)
        for mode in modes:
            with Sensor(tmp_path, discovery=mode) as sensor:
                sensor.say("repeat stand-still")
                # After what the other way left behind was taken away, it is announced once more when the topics have
                # been silent for 10 s; until then Home Assistant may take away what has just come.
                last = partial(announced, topics[mode], *((1, 0.0) if mode == modes[0] else (2, 12.0)))
                await until(hass, last, "the last announcement")
                await until(hass, lambda: is_complete(hass), "all entities and triggers")
                await until_is(hass, "sensor.hall_people", "1")
                await ask_for(hass, "High" if mode == "device" else "Low")


async def ask_for(hass: HomeAssistant, sensitivity: str) -> None:
    chosen = {"entity_id": "select.hall_sensitivity", "option": sensitivity}
    await hass.services.async_call("select", "select_option", chosen, blocking=True)
    # It shows what the sensor says that holds, not what was asked.
    await until_is(hass, "select.hall_sensitivity", sensitivity)


async def test_a_sensitivity_that_is_asked_for_holds(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    said: list[Any] = []
    async with at_home(hass):
        await mqtt.async_subscribe(hass, "posenet/hall/state", lambda message: said.append(json.loads(message.payload)))
        with Sensor(tmp_path):
            await until_is(hass, "select.hall_sensitivity", "Normal")
            await ask_for(hass, "High")
            await until(hass, lambda: said[-1]["sensitivity"] == "high", "it holds")
        said.clear()
        with Sensor(tmp_path):
            await until(hass, lambda: [each for each in said if each["people"] == 0], "an empty room")
            assert {each["sensitivity"] for each in said if each["people"] is not None} == {"high"}
            assert state(hass, "select.hall_sensitivity") == "High"


async def test_places_that_are_asked_for_have_entities(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    bed = {"name": "bed", "polygon": [[0.3, 0.0], [0.7, 0.0], [0.7, 1.0], [0.3, 1.0]], "dwell": 1.0}
    added = full("binary_sensor.zone_bed_occupied sensor.zone_bed_people binary_sensor.zone_bed_dwelling")
    added |= full("switch.switch_zone_bed")
    gone = full("binary_sensor.zone_sofa_occupied sensor.zone_sofa_people switch.switch_zone_sofa")
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until(hass, lambda: ours(hass) == EVERYTHING, "all entities")
            publish("posenet/hall/command/places", json.dumps({"zone": [bed]}))
            await until(hass, lambda: ours(hass) == EVERYTHING - gone | added, "a bed instead of a sofa")
            assert {"Bed: entered", "Bed: somebody stays"} <= (await device_triggers(hass)).keys()
            sensor.say("repeat stand-still")
            await until_is(hass, "binary_sensor.hall_zone_bed_dwelling", "on")
            publish("posenet/hall/command/places", b"")
            await until(hass, lambda: ours(hass) == EVERYTHING, "the sofa again")
            await until_is(hass, "binary_sensor.hall_zone_sofa_occupied", "off")


async def test_what_is_switched_off_there_keeps_its_entities(
    hass: HomeAssistant, broker: Broker, tmp_path: Path
) -> None:
    """Unknown meanwhile; the others go on. A profile takes the switch back."""
    switch = {"entity_id": "switch.hall_switch_zone_sofa"}
    async with at_home(hass):
        switch_on(hass, f"binary_sensor.waving {SWITCHES['waving']}")
        with Sensor(tmp_path) as sensor:
            sensor.say("repeat stand-still")
            await until_is(hass, "sensor.hall_people", "1")
            before = identities(hass)
            await hass.services.async_call("switch", "turn_off", switch, blocking=True)
            await until_is(hass, switch["entity_id"], "off")
            await until_is(hass, "binary_sensor.hall_zone_sofa_occupied", "unknown")
            assert (identities(hass), state(hass, "sensor.hall_people")) == (before, "1")
            chosen = {"entity_id": "select.hall_profile", "option": "Night"}
            await hass.services.async_call("select", "select_option", chosen, blocking=True)
            await until_is(hass, "select.hall_profile", "Night")
            await until_is(hass, switch["entity_id"], "on")
            await until_is(hass, "switch.hall_switch_detector_waving", "off")
            await until_is(hass, "binary_sensor.hall_waving", "unknown")
            assert (identities(hass), state(hass, "sensor.hall_people")) == (before, "1")


async def test_the_switch_closes_the_camera(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    """With the real ``sense``, which looks at a photo."""
    sensor = Sensor(tmp_path)
    options = ["--set=camera.frame_rate=5", f"--set=camera.source=stills:{HERE / 'person.jpg'}"]
    switch = {"entity_id": "switch.hall_privacy"}
    poses: list[object] = []
    async with at_home(hass):
        await mqtt.async_subscribe(hass, "posenet/hall/poses", poses.append)
        with sensor.running("run", *options):
            await until_is(hass, "sensor.hall_people", "1")
            assert state(hass, "switch.hall_privacy") == "off"
            await hass.services.async_call("switch", "turn_on", switch, blocking=True)
            await until_is(hass, "switch.hall_privacy", "on")
            await until(hass, lambda: unknown(hass), "nothing is known")
            poses.clear()
        # It stays closed until somebody opens it, over a restart too.
        await until_is(hass, "switch.hall_privacy", "unavailable")
        with sensor.running("run", *options):
            await until_is(hass, "switch.hall_privacy", "on")
            await asyncio.sleep(2.0)
            assert poses == []
            assert unknown(hass)
            await hass.services.async_call("switch", "turn_off", switch, blocking=True)
            await until_is(hass, "switch.hall_privacy", "off")
            await until_is(hass, "sensor.hall_people", "1")


async def test_forgotten_is_gone(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    async with at_home(hass):
        with Sensor(tmp_path) as sensor:
            await until(hass, lambda: ours(hass) == EVERYTHING and set(identities(hass)) == ALL, "all entities")
        assert sensor.start("forget").wait() == 0
        await until(hass, lambda: not ours(hass), "no entity")
        await until(hass, lambda: the_device(hass) is None, "no device")
