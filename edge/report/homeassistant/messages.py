"""Discovery messages: on which topics this sensor is announced, with what, and whether a message is this sensor's.

Another device may use the same id, and its messages are neither to be removed nor to be overwritten.
"""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from edge import __version__
from edge.config.settings import Settings
from edge.config.shapes import show
from edge.report.homeassistant.components import Component, components

Messages = dict[str, dict[str, Any]]
BOARD = Path("/sys/firmware/devicetree/base/model")
"""Name of the machine, on an ARM."""
ORIGIN = "posenet-edge"
"""``origin.name`` of every discovery message of a sensor."""


def discovery_messages(
    settings: Settings, keys: Collection[str], identity: str, expire: bool = True, mode: str = ""
) -> Messages:
    """Make every discovery message: one, or one for each entity, or none.

    Args:
        settings: All of them.
        keys: As for ``components``.
        identity: Device id.
        expire: As for ``components``.
        mode: Another value of ``homeassistant.discovery`` than that of the settings.

    Returns:
        The messages by topic.
    """
    prefix, mode = settings.homeassistant.prefix, mode or settings.homeassistant.discovery
    topic = f"{settings.mqtt.topic}/{identity}"
    common = _common(settings, identity, topic)
    found = {key: _named(part, key, identity) for key, part in components(settings, keys, topic, expire).items()}
    if mode == "device":
        return {device_topic(prefix, identity): {**common, "components": found}}
    if mode == "entities":
        # There the platform stands in the topic.
        return {
            f"{prefix}/{part['platform']}/{identity}/{key}/config": {
                **common,
                **{name: value for name, value in part.items() if name != "platform"},
            }
            for key, part in found.items()
        }
    return {}


def discovery_filters(prefix: str, identity: str) -> tuple[str, str]:
    """Topic filters of all on which a sensor of this id may have been announced, in whichever way."""
    return device_topic(prefix, identity), f"{prefix}/+/{identity}/+/config"


def device_topic(prefix: str, identity: str) -> str:
    """The topic of the one message of device-based discovery."""
    return f"{prefix}/device/{identity}/config"


def _common(settings: Settings, identity: str, topic: str) -> dict[str, Any]:
    known = {
        "hw_version": _board(),
        "suggested_area": settings.homeassistant.area,
        "configuration_url": settings.homeassistant.configuration_url,
    }
    return {
        "device": {
            "identifiers": [identifier(identity)],
            "name": settings.device.name or identity,
            "manufacturer": "posenet-edge",
            "model": "Pose sensor",
            "sw_version": __version__,
            **{key: value for key, value in known.items() if value},
        },
        "origin": {"name": ORIGIN, "sw_version": __version__},
        "availability": [{"topic": f"{topic}/availability"}],
    }


def _board() -> str:
    """Name the machine, as ``Raspberry Pi 5 Model B Rev 1.0``; empty where it has no device tree."""
    try:
        return BOARD.read_text(encoding="ascii", errors="replace").strip("\0\n")[:64]
    except OSError:
        return ""


def _named(part: Component, key: str, identity: str) -> Component:
    """With what makes an entity the same one for ever, whatever its friendly name becomes."""
    if part["platform"] == "device_automation":
        return part
    entity_id = re.sub(r"[^a-z0-9]+", "_", f"{identity}_{key}".lower()).strip("_")
    return {
        **part,
        "unique_id": f"{identifier(identity)}_{key}",
        "default_entity_id": f"{part['platform']}.{entity_id}",
    }


def identifier(identity: str) -> str:
    """The one in ``device.identifiers``, by which Home Assistant knows the device."""
    return f"posenet_edge_{identity}"


def is_ours(payload: bytes, identity: str) -> bool:
    """Tell whether a discovery message was written by a sensor of this id, in this version or an earlier one."""
    message = _parsed(payload)
    origin, device = _part(message, "origin", "o"), _part(message, "device", "dev")
    named = _either(device, "identifiers", "ids")
    identifiers = named if isinstance(named, list) else [named]
    return _either(origin, "name") == ORIGIN and identifier(identity) in identifiers


def is_available_at(payload: bytes, topic: str) -> bool:
    """Tell whether a discovery message of a sensor says that ``topic`` is where its availability stands."""
    places = _either(_parsed(payload), "availability", "avty")
    return isinstance(places, list) and any(
        isinstance(place, dict) and _either(place, "topic", "t") == topic for place in places
    )


def owner(payload: bytes) -> str:
    """Describe whose a discovery message seems to be, for people; short, since anybody may have written it."""
    message = _parsed(payload)
    device, origin = _part(message, "device", "dev"), _part(message, "origin", "o")
    for kind, found in (
        ("the device", _either(device, "name")),
        ("the device", _either(device, "identifiers", "ids")),
        ("a device of", _either(device, "manufacturer", "mf")),
        ("a device of", _either(origin, "name")),
        ("an entity", _either(message, "name")),
        ("an entity", _either(message, "unique_id", "uniq_id")),
    ):
        if found:
            return f"{kind} {show(found)}"
    return "a device that does not say its name"


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _part(message: dict[str, Any], *names: str) -> dict[str, Any]:
    found = _either(message, *names)
    return found if isinstance(found, dict) else {}


def _either(message: dict[str, Any], *names: str) -> Any:
    """The value under a key or its abbreviation, both of which Home Assistant reads."""
    return next((message[name] for name in names if name in message), None)
