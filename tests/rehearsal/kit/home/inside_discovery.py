"""What sensors announce is what Home Assistant's own schemas and constants want, with any configuration.

Home Assistant passes over keys that it does not know, and only warns of units that do not belong to a device class; here
both are faults.
"""

import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

import voluptuous
from homeassistant.components import mqtt
from homeassistant.components.mqtt import device_trigger
from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA
from homeassistant.components.sensor.const import DEVICE_CLASS_STATE_CLASSES, DEVICE_CLASS_UNITS, SensorDeviceClass
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry
from house import HERE, PLACES, PROGRAMS, Broker, at_home, until

_OFF = "".join(
    f"[{section}]\nenabled = false\n"
    for section in (
        "presence", "posture", "fall", "inactivity", "movement", "hands", "waving", "repetitions", "approach",
    )
)  # fmt: skip
_ZONE = '[[zone]]\nname = "{0}"\npolygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]\ndwell = 60.0\n'
_LINE = '[[line]]\nname = "{0}"\nstart = [0.5, 1.0]\nend = [0.5, 0.0]\n'
_NAMES = ("dog-bed", "dog_basket", "a" * 32, *(f"place-{number}" for number in range(29)))
_COMMANDS = "[command]\nenabled = true\n"
CONFIGURATIONS = {
    "defaults": "",
    "nothing": _OFF,
    "everything": _COMMANDS + PLACES,
    **{f"everything_{language}": f'language = "{language}"\n{_COMMANDS}{PLACES}' for language in ("de", "fr")},
    "labels": PLACES.replace('name = "sofa"\n', 'name = "sofa"\nlabel = "صالة"\n'),
    "many": _COMMANDS + "".join(_ZONE.format(name) + _LINE.format(name) for name in _NAMES),
}
"""By device id; each is announced in both ways."""
WAYS = ("device", "entities")
_SHARED = ("availability", "device", "origin")
"""What stands once in the message for the whole device."""
_ONLY_DIAGNOSTIC = ("sensor", "binary_sensor", "event")
"""Platforms of entities that show and do not set; Home Assistant refuses others of them."""

Messages = dict[str, dict[str, Any]]


@cache
def announcements() -> dict[str, Messages]:
    """Each configuration's messages by topic, by device id."""
    asked = {
        f"{name}_{way}": f'[homeassistant]\ndiscovery = "{way}"\n{text}'
        for name, text in CONFIGURATIONS.items()
        for way in WAYS
    }
    program = [PROGRAMS / "python", HERE / "announcements.py"]
    ran = subprocess.run(program, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Messages] = json.loads(ran.stdout)
    return found


def components(topic: str, message: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The platform, key and configuration of each entity and trigger in a message."""
    if "components" not in message:
        _, platform, _, key, _ = topic.split("/")
        yield platform, key, message
        return
    for key, part in message["components"].items():
        shared = {name: message[name] for name in _SHARED if name in message}
        yield part["platform"], key, shared | {name: value for name, value in part.items() if name != "platform"}


def faults(topic: str, message: dict[str, Any]) -> list[str]:
    """What Home Assistant would refuse, pass over or warn of."""
    found = []
    if "components" in message:
        found += _refused(topic, DEVICE_DISCOVERY_SCHEMA, message)
    for platform, key, part in components(topic, message):
        found += [f"{platform} {key}: {fault}" for fault in _of_component(platform, part)]
    return found


def _of_component(platform: str, part: dict[str, Any]) -> Iterator[str]:
    if platform == "device_automation":
        # It is never unavailable, and where it comes from stands in the message for the device.
        part = {name: value for name, value in part.items() if name not in ("availability", "origin")}
        yield from _refused("its schema", device_trigger.TRIGGER_DISCOVERY_SCHEMA, part)
        return
    yield from _refused("its schema", import_module(f"{mqtt.__name__}.{platform}").DISCOVERY_SCHEMA, part)
    if platform in _ONLY_DIAGNOSTIC and part.get("entity_category") not in (None, "diagnostic"):
        yield f"found entity_category {part['entity_category']}, expected none or diagnostic"
    if platform == "sensor":
        yield from _of_sensor(part)


def _refused(name: str, schema: Callable[[Any], Any], message: dict[str, Any]) -> Iterator[str]:
    try:
        taken = schema(copy.deepcopy(message))
    except voluptuous.Invalid as error:
        yield f"{name}: {error}"
        return
    if passed_over := message.keys() - taken.keys():
        yield f"{name}: passed over: {', '.join(sorted(passed_over))}"


def _of_sensor(part: dict[str, Any]) -> Iterator[str]:
    """Units and state classes, of which each device class has its own."""
    unit, state_class = part.get("unit_of_measurement"), part.get("state_class")
    if part.get("device_class") not in set(SensorDeviceClass):
        # There is none, or one that the schema refuses.
        return
    kind = SensorDeviceClass(part["device_class"])
    if kind is SensorDeviceClass.ENUM:
        if unit or state_class or not part.get("options"):
            yield f"found unit {unit}, state_class {state_class}, options {part.get('options')}, expected only options"
        return
    if unit not in DEVICE_CLASS_UNITS.get(kind, {unit}):
        yield f"found unit {unit}, expected one of {DEVICE_CLASS_UNITS[kind]} for {kind}"
    if state_class and state_class not in DEVICE_CLASS_STATE_CLASSES.get(kind, {state_class}):
        yield f"found state_class {state_class}, expected one of {DEVICE_CLASS_STATE_CLASSES[kind]} for {kind}"


PLANTED: list[tuple[str, dict[str, Any]]] = [
    ("temperature", {"unit_of_measurement": "mm"}),
    ("temperature", {"state_class": "total"}),
    ("temperature", {"entity_category": "config"}),
    ("temperature", {"device_class": "warmth"}),
    ("temperature", {"unit": "°C"}),
    ("posture", {"unit_of_measurement": "s"}),
    ("occupied", {"device_class": "people"}),
    ("occupied", {"expire_after": "soon"}),
    ("trigger_left", {"colour": "red"}),
]


async def test_every_announcement_is_as_home_assistant_wants_it(hass: HomeAssistant) -> None:
    found = announcements()
    assert len(found) == len(CONFIGURATIONS) * len(WAYS)
    assert [fault for messages in found.values() for each in messages.items() for fault in faults(*each)] == []


async def test_a_planted_fault_is_found(hass: HomeAssistant) -> None:
    topic = "homeassistant/device/defaults_device/config"
    for key, planted in PLANTED:
        message = copy.deepcopy(announcements()["defaults_device"][topic])
        assert faults(topic, message) == []
        message["components"][key] |= planted
        assert [fault for fault in faults(topic, message) if key in fault], (key, planted)


async def test_all_of_it_is_taken_without_a_warning(hass: HomeAssistant, broker: Broker) -> None:
    """By one Home Assistant, of as many sensors as there are configurations and ways."""
    announced = [each for messages in announcements().values() for each in messages.items()]
    wanted = {
        part["unique_id"]
        for topic, message in announced
        for platform, _, part in components(topic, message)
        if platform != "device_automation"
    }
    registry = entity_registry.async_get(hass)

    def known() -> set[str]:
        return {each.unique_id for each in registry.entities.values() if each.platform == "mqtt"}

    async with at_home(hass):
        for topic, message in announced:
            await mqtt.async_publish(hass, topic, json.dumps(message), qos=1, retain=True)
        await until(hass, lambda: known() == wanted, "all entities")
        entities = [each for each in registry.entities.values() if each.platform == "mqtt"]
        assert sorted(each.entity_id for each in entities) == sorted({each.entity_id for each in entities})
