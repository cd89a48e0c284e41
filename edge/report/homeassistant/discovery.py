"""Keeps the discovery messages at the broker as the settings have them, and takes away what they no longer have."""

import json
import re
from collections.abc import Collection
from typing import Any

from edge import __version__
from edge.config.settings import Settings
from edge.mqtt.publisher import Publisher
from edge.mqtt.subscriptions import Message
from edge.report.homeassistant.components import Component, components
from edge.report.messages.payload import as_json

Messages = dict[str, dict[str, Any]]

_LARGEST = 1 << 18
"""Bytes of a discovery message that is read back: room for hundreds of zones."""
_LISTENS_FOR = 1.0
"""Seconds after the first connect for which what is there already is heard before anything is said: Home Assistant
takes two messages for one entity for a conflict."""
_PLATFORMS = ("binary_sensor", "sensor", "event", "switch", "select", "device_automation")


def discovery_messages(settings: Settings, keys: Collection[str], identity: str) -> Messages:
    """Every discovery message by its topic: one, or one for each entity, or none. keys: those of ``state``."""
    prefix, mode = settings.homeassistant.prefix, settings.homeassistant.discovery
    topic = f"{settings.mqtt.topic}/{identity}"
    common = _common(settings, identity, topic)
    found = {key: _named(part, key, identity) for key, part in components(settings, keys, topic).items()}
    if mode == "device":
        return {_device_topic(prefix, identity): {**common, "components": found}}
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


def _device_topic(prefix: str, identity: str) -> str:
    return f"{prefix}/device/{identity}/config"


def _common(settings: Settings, identity: str, topic: str) -> dict[str, Any]:
    return {
        "device": {
            "identifiers": [f"posenet_edge_{identity}"],
            "name": settings.device.name or identity,
            "manufacturer": "posenet-edge",
            "model": "Pose sensor",
            "sw_version": __version__,
        },
        "origin": {"name": "posenet-edge", "sw_version": __version__},
        "availability": [{"topic": f"{topic}/availability"}],
    }


def _named(part: Component, key: str, identity: str) -> Component:
    """With what makes an entity the same one for ever, whatever its friendly name becomes."""
    if part["platform"] == "device_automation":
        return part
    entity_id = re.sub(r"[^a-z0-9]+", "_", f"{identity}_{key}".lower()).strip("_")
    return {
        **part,
        "unique_id": f"posenet_edge_{identity}_{key}",
        "default_entity_id": f"{part['platform']}.{entity_id}",
    }


class Discovery:
    """``announce`` at the start and whenever settings changed, ``check`` now and then, and ``Publisher.deliver``."""

    def __init__(self, broker: Publisher, identity: str, prefix: str) -> None:
        self._broker, self._identity = broker, identity
        self._device_topic = _device_topic(prefix, identity)
        self._said: Messages = {}
        self._gone: dict[str, Component] = {}
        self._connected_at: float | None = None
        self._begun = False
        broker.subscribe(f"{prefix}/status", self._hear_status)
        for topic in (self._device_topic, f"{prefix}/+/{identity}/+/config"):
            broker.subscribe(topic, self._hear_own, _LARGEST)

    def announce(self, settings: Settings, keys: Collection[str]) -> None:
        """Says what these settings have, and takes back what only others had. keys: those of ``state``."""
        before, self._said = self._said, discovery_messages(settings, keys, self._identity)
        for topic in before.keys() - self._said.keys():
            self._broker.keep_at(topic, b"")
        self._bury(before.get(self._device_topic, {}))
        for topic, message in self._said.items():
            if topic == self._device_topic or message != before.get(topic):
                self._say(topic)

    def check(self, now: float) -> None:
        """Begins, a moment after the first connect; now: monotonic s."""
        if self._begun or not self._broker.connected:
            return
        if self._connected_at is None:
            self._connected_at = now
        if now - self._connected_at >= _LISTENS_FOR:
            self._begun = True
            for topic in self._said:
                self._say(topic)

    def _say(self, topic: str) -> None:
        if not self._begun:
            return
        message = self._said[topic]
        if topic == self._device_topic:
            message = message | {"components": self._gone | message["components"]}
        self._broker.keep_at(topic, as_json(message))

    def _bury(self, before: dict[str, Any]) -> bool:
        """Remembers what ``before`` had and is no more; whether there was any.

        Home Assistant keeps what is merely missing; a component with nothing but its platform removes it.
        """
        now = self._said.get(self._device_topic, {}).get("components", {})
        parts = before.get("components")
        lost = {
            key: {"platform": part["platform"]}
            for key, part in (parts.items() if isinstance(parts, dict) else ())
            if isinstance(part, dict) and len(part) > 1 and part.get("platform") in _PLATFORMS and key not in now
        }
        self._gone |= lost
        return bool(lost)

    def _hear_own(self, message: Message) -> None:
        """What this sensor left at the broker before it was started anew, perhaps with other settings."""
        if not message.retained or not message.payload:
            return
        if message.topic not in self._said:
            self._broker.keep_at(message.topic, b"")
            # Home Assistant knows an entity by its key, whichever way it came: with the old one it lost the new.
            for topic in self._said:
                self._say(topic)
        elif message.topic == self._device_topic:
            try:
                before = json.loads(message.payload)
            except (ValueError, RecursionError):
                return
            if isinstance(before, dict) and self._bury(before):
                self._say(message.topic)

    def _hear_status(self, message: Message) -> None:
        """Home Assistant has started, and may have missed everything."""
        if message.payload == b"online" and not message.retained:
            self._broker.repeat()
