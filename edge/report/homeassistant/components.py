"""The components of the device in Home Assistant: what it has for these settings, and nothing that is switched off."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from edge.config.analytics_settings import SENSITIVITIES
from edge.config.settings import Settings
from edge.report.fields import Words
from edge.report.homeassistant import entities, template
from edge.report.homeassistant.entities import Entity
from edge.report.messages.fields import EVENTS, STATE
from edge.report.messages.health import HEALTH
from edge.report.messages.state_throttle import EXPIRES

Component = dict[str, Any]


def components(settings: Settings, keys: Collection[str], topic: str) -> dict[str, Component]:
    """Every component by a key that stays what it is. keys: those of ``state``; topic: ``<prefix>/<device id>``."""
    found = {key: _of_state(topic, entities.STATE[key], key) for key in keys if key in entities.STATE}
    for part, names in _named(settings).items():
        if part in keys:
            for name in names:
                found |= _of_place(topic, part, name, settings)
    if keys:
        found["problem"] = _problem(topic, settings, keys)
        found["event"] = _event(topic)
    found |= _of_health(topic, settings)
    found |= _triggers(settings, keys, topic)
    if settings.command.enabled:
        found["privacy"] = _privacy(topic)
        found["sensitivity"] = _sensitivity(topic)
    return found


def _named(settings: Settings) -> dict[str, list[str]]:
    """The names that a key of ``state`` has an object or a value for."""
    lists: dict[str, Sequence[Any]] = {"zones": settings.zone, "lines": settings.line, "rules": settings.rule}
    return {part: [each.name for each in parts] for part, parts in lists.items()}


def _of_state(topic: str, entity: Entity, *path: str) -> Component:
    """What shows one value of ``state``, and is unavailable while it is null."""
    words = STATE.get(path[0])
    enum = {"device_class": "enum", "options": list(words.allowed)} if isinstance(words, Words) else {}
    return _reading(topic, "state", entity, EXPIRES, *path) | enum


def _of_place(topic: str, part: str, name: str, settings: Settings) -> Iterator[tuple[str, Component]]:
    spoken = name.replace("_", " ").replace("-", " ").capitalize()
    if part == "rules":
        rule = entities.RULE._replace(name=spoken)
        yield f"rule_{name}", _of_state(topic, rule, part, name)
        return
    dwells = any(zone.name == name and zone.dwell for zone in settings.zone)
    for key, entity in entities.PLACES[part].items():
        if key != "dwelling" or dwells:
            named = entity._replace(name=entity.name.format(spoken))
            yield f"{part[:-1]}_{name}_{key}", _of_state(topic, named, part, name, key)


def _of_health(topic: str, settings: Settings) -> dict[str, Component]:
    # Said again after health_interval at the latest; one may be lost.
    expires = max(EXPIRES, 3 * settings.mqtt.health_interval)
    found = {}
    for key, part in HEALTH.fields.items():
        if part.entity:
            entity = Entity(part.entity.platform, part.entity.name, dict(part.entity.options))
            found[key] = _reading(topic, "health", entity, expires, key)
            if part.entity.reads == "inverted":
                unsafe = template.if_so(f"{template.value(key)} is sameas false", ("ON", "OFF"))
                found[key]["value_template"] = unsafe
            elif part.entity.reads == "sum":
                found[key]["value_template"] = f"{{{{ ({template.value(key)} or {{}}).values()|sum }}}}"
    return found


def _reading(topic: str, message: str, entity: Entity, expires: float, *path: str) -> Component:
    """What shows one value of a message. expires: seconds after which the last one is not relied on; 0: never."""
    reads = template.flag if entity.platform == "binary_sensor" else template.shown
    return {
        "platform": entity.platform,
        "name": entity.name,
        **entity.more,
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
    """On while all that poses mean is null: nobody looked."""
    # An object by name is always there; that what is in it is null says so.
    firsts = {part: [*names[:1], *list(entities.PLACES.get(part, ()))[:1]] for part, names in _named(settings).items()}
    unknown = " and ".join(f"{template.value(key, *firsts.get(key, ()))} is none" for key in keys)
    reading = _reading(topic, "state", entities.PROBLEM, EXPIRES, "time")
    return reading | {"value_template": template.if_so(unknown, ("ON", "OFF"))}


def _event(topic: str) -> Component:
    """All that happens, with its details."""
    return {
        "platform": entities.EVENT.platform,
        "name": entities.EVENT.name,
        **entities.EVENT.more,
        "state_topic": f"{topic}/event/+",
        "event_types": list(EVENTS),
        "value_template": "{{ dict(value_json, event_type=value_json.kind)|to_json }}",
    }


def _privacy(topic: str) -> Component:
    return {
        **_reading(topic, "state", entities.PRIVACY, 0, "paused"),
        "value_template": template.flag("paused"),
        "state_on": "ON",
        "state_off": "OFF",
        "command_topic": f"{topic}/command/camera",
        "payload_on": "pause",
        "payload_off": "resume",
        "qos": 1,
    }


def _sensitivity(topic: str) -> Component:
    return {
        **_reading(topic, "state", entities.SENSITIVITY, 0, "sensitivity"),
        "options": list(SENSITIVITIES),
        "command_topic": f"{topic}/command/sensitivity",
        "qos": 1,
    }


def _triggers(settings: Settings, keys: Collection[str], topic: str) -> dict[str, Component]:
    """Device triggers, by which an automation is made in a few clicks; of a zone, a line or a rule, one for each."""
    found = {}
    for kind, key in entities.TRIGGERS.items():
        if key in keys:
            for name in _named(settings).get(key, [""]):
                trigger = {
                    "platform": "device_automation",
                    "automation_type": "trigger",
                    "topic": f"{topic}/event/{kind}",
                    "type": kind,
                    "subtype": name or "person",
                }
                if name:
                    trigger |= {"value_template": template.shown(key[:-1]), "payload": name}
                found[f"trigger_{kind}_{name}".rstrip("_")] = trigger
    return found
