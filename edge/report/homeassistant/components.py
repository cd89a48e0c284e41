"""The components of the device in Home Assistant: those that these settings have, none of what is switched off."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from edge.config.settings import SENSITIVITIES, Settings
from edge.report.analytics.registry import EVENTS, REGISTRATIONS, names_of
from edge.report.fields import ByName, Entity, Field, Group, Words
from edge.report.homeassistant import template
from edge.report.messages.health import HEALTH
from edge.report.messages.state import EXPIRES, STATE

Component = dict[str, Any]

_PROBLEM = Entity("binary_sensor", "Cannot see", {"device_class": "problem", "entity_category": "diagnostic"})
_SENSITIVITY = Entity(
    "select", "Sensitivity", {"icon": "mdi:tune", "entity_category": "config", "options": list(SENSITIVITIES)}
)
_ON_OFF = {"state_on": "ON", "state_off": "OFF", "payload_on": "pause", "payload_off": "resume"}
_PRIVACY = Entity("switch", "Privacy", {"icon": "mdi:eye-off", **_ON_OFF}, reads="flag")


def components(settings: Settings, keys: Collection[str], topic: str) -> dict[str, Component]:
    """Make every component, by a key that never changes.

    Args:
        settings: All of them.
        keys: Those of ``state`` that detectors fill.
        topic: ``<prefix>/<device id>``.

    Returns:
        The components by key.
    """
    found = {name: part for key in keys for name, part in _of_state(topic, key, settings)}
    if keys:
        found["problem"] = _problem(topic, settings, keys)
        found["event"] = _event(topic)
    found |= _of_health(topic, settings)
    found |= _triggers(settings, keys, topic)
    if settings.command.enabled:
        found["privacy"] = _commanded(topic, _PRIVACY, "paused", "camera")
        found["sensitivity"] = _commanded(topic, _SENSITIVITY, "sensitivity", "sensitivity")
    return found


def _of_state(topic: str, key: str, settings: Settings) -> Iterator[tuple[str, Component]]:
    """Show a value of ``state``; of a value by name, each value of each zone, line or rule."""
    field = STATE[key]
    if not isinstance(field, ByName):
        if field.entity:
            options = {"device_class": "enum", "options": list(field.allowed)} if isinstance(field, Words) else {}
            yield key, _reading(topic, "state", field.entity, EXPIRES, key) | options
        return
    for named in getattr(settings, field.section):
        spoken = named.name.replace("_", " ").replace("-", " ").capitalize()
        for path, part in _parts(field):
            if (entity := part.entity) and (not entity.needs or getattr(named, entity.needs)):
                shown = replace(entity, name=entity.name.format(spoken))
                reading = _reading(topic, "state", shown, EXPIRES, key, named.name, *path)
                yield "_".join((field.section, named.name, *path)), reading


def _parts(field: ByName) -> list[tuple[tuple[str, ...], Field]]:
    """Return the values that each zone, line or rule has, with the way to them from its name."""
    return [((key,), part) for key, part in field.of.parts.items()] if isinstance(field.of, Group) else [((), field.of)]


def _of_health(topic: str, settings: Settings) -> dict[str, Component]:
    # Said again after health_interval at the latest; one may be lost.
    expires = max(EXPIRES, 3 * settings.mqtt.health_interval)
    shown = {key: part.entity for key, part in HEALTH.fields.items() if part.entity}
    return {key: _reading(topic, "health", entity, expires, key) for key, entity in shown.items()}


def _reading(topic: str, message: str, entity: Entity, expires: float, *path: str) -> Component:
    """Show one value of a message; expires: seconds after which the last one is not relied on, 0: never."""
    reads = template.READ[entity.reads or ("flag" if entity.platform == "binary_sensor" else "shown")]
    return {
        "platform": entity.platform,
        "name": entity.name,
        **entity.options,
        "state_topic": f"{topic}/{message}",
        "value_template": reads(*path),
        **({"expire_after": round(expires)} if expires else {}),
        "availability": [
            {"topic": f"{topic}/availability"},
            {"topic": f"{topic}/{message}", "value_template": template.known(*path)},
        ],
        "availability_mode": "all",
    }


def _problem(topic: str, settings: Settings, keys: Collection[str]) -> Component:
    """Show a problem while everything that detectors fill is null: no useful frame came."""
    conditions = []
    for key in keys:
        field = STATE[key]
        path: tuple[str, ...] = (key,)
        if isinstance(field, ByName):
            # The object by name is always there; that what is in it is null tells.
            path += (*names_of(field, settings)[:1], *_parts(field)[0][0])
        conditions.append(f"{template.value(*path)} is none")
    reading = _reading(topic, "state", _PROBLEM, EXPIRES, "time")
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


def _commanded(topic: str, entity: Entity, key: str, command: str) -> Component:
    """Show a value of ``state`` that a command changes; whatever was asked for last holds until the next command."""
    return _reading(topic, "state", entity, 0, key) | {"command_topic": f"{topic}/command/{command}", "qos": 1}


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
