"""Discovery messages: on which topics this sensor is announced, and with what."""

import re
from collections.abc import Collection
from typing import Any

from edge import __version__
from edge.config.settings import Settings
from edge.report.homeassistant.components import Component, components
from edge.report.homeassistant.ownership import ORIGIN, identifier

Messages = dict[str, dict[str, Any]]


def discovery_messages(settings: Settings, keys: Collection[str], identity: str) -> Messages:
    """Every discovery message by its topic: one, or one for each entity, or none. keys: those of ``state``."""
    prefix, mode = settings.homeassistant.prefix, settings.homeassistant.discovery
    topic = f"{settings.mqtt.topic}/{identity}"
    common = _common(settings, identity, topic)
    found = {key: _named(part, key, identity) for key, part in components(settings, keys, topic).items()}
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
    return {
        "device": {
            "identifiers": [identifier(identity)],
            "name": settings.device.name or identity,
            "manufacturer": "posenet-edge",
            "model": "Pose sensor",
            "sw_version": __version__,
        },
        "origin": {"name": ORIGIN, "sw_version": __version__},
        "availability": [{"topic": f"{topic}/availability"}],
    }


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
