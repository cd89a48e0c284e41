"""The components of the device in Home Assistant: those that these settings have, none of what is switched off."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from edge.config.settings import SENSITIVITIES, Settings
from edge.report.analytics.registry import EVENTS, REGISTRATIONS, names_of
from edge.report.commands.profiles import profiles
from edge.report.commands.switches import switchable
from edge.report.fields import ByName, Entity, Field, Group, Words
from edge.report.homeassistant import template
from edge.report.messages.health import HEALTH, health_expires
from edge.report.messages.state import EXPIRES, STATE
from edge.wire import RESTART

Component = dict[str, Any]

_PROBLEM = Entity("binary_sensor", "Cannot see", {"device_class": "problem", "entity_category": "diagnostic"})
_SENSITIVITY = Entity(
    "select", "Sensitivity", {"icon": "mdi:tune", "entity_category": "config", "options": list(SENSITIVITIES)}
)
_ON_OFF = {"state_on": "ON", "state_off": "OFF", "payload_on": "pause", "payload_off": "resume"}
_PRIVACY = Entity("switch", "Privacy", {"icon": "mdi:eye-off", **_ON_OFF}, reads="flag")
_PROFILE = Entity("select", "Profile", {"icon": "mdi:home-switch", "entity_category": "config"})
_SWITCH = Entity("switch", "{}", {"icon": "mdi:toggle-switch-outline", "entity_category": "config"}, reads="flag")
_SHOWN_SWITCHES = ("fall", "inactivity", "waving", "hands")
"""Detectors whose switches are enabled by default: those that raise an alarm, and those that trigger something."""
_RESTART = {"device_class": "restart", "entity_category": "config", "payload_press": RESTART, "qos": 1}
_UPDATE = Entity("update", "Software", {"entity_category": "diagnostic"}, reads="versions")


class _Source(NamedTuple):
    """A retained message of the sensor, from which values are read."""

    topic: str
    """``<prefix>/<device id>``."""
    name: str
    expires: int
    """Seconds after which the last one is not relied on."""
    expire: bool
    """As for ``components``."""


def components(settings: Settings, keys: Collection[str], topic: str, expire: bool = True) -> dict[str, Component]:
    """Make every component, by a key that never changes.

    Args:
        settings: All of them.
        keys: Those of ``state`` that detectors fill.
        topic: ``<prefix>/<device id>``.
        expire: The broker takes away what is retained and too old; otherwise Home Assistant compares its time.

    Returns:
        The components by key.
    """
    state = _Source(topic, "state", EXPIRES, expire)
    health = _Source(topic, "health", health_expires(settings.mqtt.health_interval), expire)
    found = {name: part for key in ("light", *keys) for name, part in _of_state(state, key, settings)}
    if keys:
        found["problem"] = _problem(state, settings, keys)
        found["event"] = _event(topic)
    found |= {key: _reading(health, part.entity, key) for key, part in HEALTH.fields.items() if part.entity}
    found["update"] = _reading(health, _UPDATE, "software")
    found |= _triggers(settings, keys, topic)
    if settings.command.enabled:
        found["privacy"] = _commanded(state, _PRIVACY, "camera", "paused")
        found["sensitivity"] = _commanded(state, _SENSITIVITY, "sensitivity", "sensitivity")
        found["profile"] = _commanded(state, _PROFILE, "profile", "profile") | {"options": list(profiles(settings))}
        found |= dict(_switches(state, settings))
        found["restart"] = {
            "platform": "button", "name": "Restart", "command_topic": f"{topic}/command/restart", **_RESTART
        }  # fmt: skip
    return found


def _switches(source: _Source, settings: Settings) -> Iterator[tuple[str, Component]]:
    """Show a switch for each detector and each zone that the settings have; the niche ones disabled at first."""
    for kind, names in switchable(settings).items():
        for name in names:
            shown = replace(_SWITCH, name=f"{_spoken(name)} {kind}")
            switch = _commanded(source, shown, f"switch/{kind}/{name}", "switch", kind, name)
            is_niche = kind == "detector" and name not in _SHOWN_SWITCHES
            yield f"switch_{kind}_{name}", switch | ({"enabled_by_default": False} if is_niche else {})


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def _of_state(source: _Source, key: str, settings: Settings) -> Iterator[tuple[str, Component]]:
    """Show a value of ``state``; of a value by name, each value of each zone, line or rule."""
    field = STATE[key]
    if not isinstance(field, ByName):
        if field.entity:
            options = {"device_class": "enum", "options": list(field.allowed)} if isinstance(field, Words) else {}
            yield key, _reading(source, field.entity, key) | options
        return
    for named in getattr(settings, field.section):
        for path, part in _parts(field):
            if (entity := part.entity) and (not entity.needs or getattr(named, entity.needs)):
                shown = replace(entity, name=entity.name.format(_spoken(named.name)))
                reading = _reading(source, shown, key, named.name, *path)
                yield "_".join((field.section, named.name, *path)), reading


def _parts(field: ByName) -> list[tuple[tuple[str, ...], Field]]:
    """Return the values that each zone, line or rule has, with the way to them from its name."""
    return [((key,), part) for key, part in field.of.parts.items()] if isinstance(field.of, Group) else [((), field.of)]


def _reading(source: _Source, entity: Entity, *path: str) -> Component:
    """Show one value of a message."""
    topic = f"{source.topic}/{source.name}"
    known = template.known(*path, within=0 if source.expire else source.expires)
    reads = template.READ[entity.reads or ("flag" if entity.platform == "binary_sensor" else "shown")]
    return {
        "platform": entity.platform,
        "name": entity.name,
        **entity.options,
        "state_topic": topic,
        "value_template": reads(*path),
        # A switch and a select have no such option.
        **({"expire_after": source.expires} if entity.platform in ("sensor", "binary_sensor") else {}),
        "availability": [{"topic": f"{source.topic}/availability"}, {"topic": topic, "value_template": known}],
        "availability_mode": "all",
    }


def _problem(source: _Source, settings: Settings, keys: Collection[str]) -> Component:
    """Show a problem while everything that detectors fill is null: no useful frame came."""
    conditions = []
    for key in keys:
        field = STATE[key]
        path: tuple[str, ...] = (key,)
        if isinstance(field, ByName):
            # The object by name is always there; that what is in it is null tells.
            path += (*names_of(field, settings)[:1], *_parts(field)[0][0])
        conditions.append(f"{template.value(*path)} is none")
    reading = _reading(source, _PROBLEM, "time")
    return reading | {"value_template": template.if_so(" and ".join(conditions), ("ON", "OFF"))}


def _event(topic: str) -> Component:
    """Show all events, with their details."""
    return {
        "platform": "event",
        "name": "Event",
        "icon": "mdi:motion-sensor",
        "state_topic": f"{topic}/event/+",
        "event_types": list(EVENTS),
        "value_template": "{{ dict(value_json, event_type=value_json.kind)|to_json }}",
    }


def _commanded(source: _Source, entity: Entity, command: str, *path: str) -> Component:
    """Show the value of ``state`` at ``path``, which a command changes."""
    return _reading(source, entity, *path) | {"command_topic": f"{source.topic}/command/{command}", "qos": 1}


def _triggers(settings: Settings, keys: Collection[str], topic: str) -> dict[str, Component]:
    """Make the device triggers, by which an automation takes a few clicks; one for each zone, line or rule."""
    found = {}
    for registration in REGISTRATIONS:
        if registration.state.keys().isdisjoint(keys):
            continue
        by_name = next((field for field in registration.state.values() if isinstance(field, ByName)), None)
        for kind, event in registration.events.items():
            for name in (names_of(by_name, settings) if by_name else ("",)) if event.is_trigger else ():
                trigger = {
                    "platform": "device_automation",
                    "automation_type": "trigger",
                    "topic": f"{topic}/event/{kind}",
                    "type": kind,
                    "subtype": name or "person",
                }
                if by_name:
                    trigger |= {"value_template": template.shown(by_name.section), "payload": name}
                found[f"trigger_{kind}_{name}".rstrip("_")] = trigger
    return found
