"""The components of the device in Home Assistant: those that these settings have, none of what is switched off."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from edge.config.settings import Settings
from edge.report.analytics.base import Registration
from edge.report.analytics.registry import EVENTS, REGISTRATIONS, names_of
from edge.report.commands.profiles import profiles
from edge.report.commands.switches import switchable
from edge.report.distinct_labels import distinct_labels
from edge.report.fields import OFF_AT_FIRST, ByName, Entity, Field, Group, Words
from edge.report.homeassistant import template
from edge.report.homeassistant.language import label, translate
from edge.report.messages.health import HEALTH, health_expires
from edge.report.messages.state import EXPIRES, STATE
from edge.wire import RESTART

Component = dict[str, Any]

PROBLEM = Entity("binary_sensor", "Cannot see", {"device_class": "problem", "entity_category": "diagnostic"})
"""Everything that detectors fill is null."""
SENSITIVITY = Entity("select", "Sensitivity", {"icon": "mdi:tune", "entity_category": "config"})
_ON_OFF = {"state_on": "ON", "state_off": "OFF", "payload_on": "pause", "payload_off": "resume"}
PRIVACY = Entity("switch", "Privacy", {"icon": "mdi:eye-off", **_ON_OFF}, reads="flag")
PROFILE = Entity("select", "Profile", {"icon": "mdi:home-switch", "entity_category": "config"})
SWITCH = Entity("switch", "{}", {"icon": "mdi:toggle-switch-outline", "entity_category": "config"}, reads="flag")
_SWITCH_NAMES = {"detector": "{} detector", "zone": "{} zone"}
_SHOWN_SWITCHES = ("fall", "inactivity")
"""Detectors whose switches are on at first: those that raise an alarm."""
RESTARTS = Entity(
    "button",
    "Restart",
    {"device_class": "restart", "entity_category": "config", "payload_press": RESTART, "qos": 1},
)
UPDATE = Entity("update", "Software", {"entity_category": "diagnostic"}, reads="versions")
EVENT = Entity("event", "Event", {"icon": "mdi:motion-sensor", "event_types": list(EVENTS)})
"""All events, with their details."""


class _Source(NamedTuple):
    """A retained message of the sensor, from which values are read."""

    topic: str
    """``<prefix>/<device id>``."""
    name: str
    expires: int
    """Seconds after which the last one is not relied on."""
    expire: bool
    """As for ``components``."""
    language: str
    """``homeassistant.language``."""


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
    language = settings.homeassistant.language
    state = _Source(topic, "state", EXPIRES, expire, language)
    health = _Source(topic, "health", health_expires(settings.mqtt.health_interval), expire, language)
    found = {name: part for key in ("light", *keys) for name, part in _of_state(state, key, settings)}
    if keys:
        found["problem"] = _problem(state, settings, keys)
        found["event"] = _event(topic, language)
    found |= {key: _reading(health, part.entity, {}, key) for key, part in HEALTH.fields.items() if part.entity}
    found["update"] = _reading(health, UPDATE, {}, "software")
    found |= _triggers(settings, keys, topic)
    if settings.command.enabled:
        sensitivities = _words(SENSITIVITY, STATE["sensitivity"], language)
        found["privacy"] = _commanded(state, PRIVACY, "camera", {}, "paused")
        found["sensitivity"] = _commanded(state, SENSITIVITY, "sensitivity", sensitivities, "sensitivity")
        found["profile"] = _commanded(state, PROFILE, "profile", _profiles(settings), "profile")
        found |= dict(_switches(state, settings))
        found["restart"] = _restart(topic, language)
    return found


def friendly_names(places: Sequence[Any]) -> dict[str, str]:
    """Choose the friendly names of zones, lines or rules, no two alike: automations know a device trigger by it.

    Args:
        places: With a ``name``, and a ``label`` that may be empty.

    Returns:
        The friendly name by name.
    """
    return distinct_labels({each.name: each.label or _spoken(each.name) for each in places})


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def _profiles(settings: Settings) -> dict[str, str]:
    """Return what is shown for each profile."""
    language = settings.homeassistant.language
    # "None" is how Home Assistant is told that it is not known.
    return distinct_labels(
        {name: f"({name})" if name == "none" else translate(_spoken(name), language) for name in profiles(settings)}
    )


def _switches(source: _Source, settings: Settings) -> Iterator[tuple[str, Component]]:
    """Show a switch for each detector and each zone that the settings have; most of detectors are off at first."""
    zones = friendly_names(settings.zone)
    for kind, names in switchable(settings).items():
        for name in names:
            shown = _SWITCH_NAMES[kind]
            if kind == "detector":
                shown = translate(shown.format(_spoken(name)), source.language)
            else:
                shown = translate(shown, source.language).format(zones[name])
            quiet = OFF_AT_FIRST if kind == "detector" and name not in _SHOWN_SWITCHES else {}
            switch = _commanded(source, SWITCH, f"switch/{kind}/{name}", {}, "switch", kind, name)
            yield f"switch_{kind}_{name}", {**switch, "name": shown, **quiet}


def _restart(topic: str, language: str) -> Component:
    return {
        "platform": RESTARTS.platform,
        "name": translate(RESTARTS.name, language),
        **RESTARTS.options,
        "command_topic": f"{topic}/command/restart",
    }


def _of_state(source: _Source, key: str, settings: Settings) -> Iterator[tuple[str, Component]]:
    """Show a value of ``state``; of a value by name, each value of each zone, line or rule."""
    field = STATE[key]
    if not isinstance(field, ByName):
        if field.entity:
            yield key, _reading(source, field.entity, _words(field.entity, field, source.language), key)
        return
    places = getattr(settings, field.section)
    shown = friendly_names(places)
    for place in places:
        for path, part in _parts(field):
            if (entity := part.entity) and (not entity.needs or getattr(place, entity.needs)):
                reading = _reading(source, entity, _words(entity, part, source.language), key, place.name, *path)
                reading["name"] = reading["name"].format(shown[place.name])
                yield "_".join((field.section, place.name, *path)), reading


def _parts(field: ByName) -> list[tuple[tuple[str, ...], Field]]:
    """Return the values that each zone, line or rule has, with the way to them from its name."""
    return [((key,), part) for key, part in field.of.parts.items()] if isinstance(field.of, Group) else [((), field.of)]


def _reading(source: _Source, entity: Entity, words: Mapping[str, str], *path: str) -> Component:
    """Show one value of a message; words: what is shown for each word that it can be, empty: the value itself."""
    reads = template.READ[entity.reads or ("flag" if entity.platform == "binary_sensor" else "shown")]
    return {
        "platform": entity.platform,
        "name": translate(entity.name, source.language),
        **entity.options,
        **({"options": list(words.values())} if words else {}),
        **({"device_class": "enum"} if words and entity.platform == "sensor" else {}),
        "state_topic": f"{source.topic}/{source.name}",
        "value_template": template.word(words, *path) if words else reads(*path),
        **_availability(source, entity.platform),
    }


def _words(entity: Entity, field: Field, language: str) -> dict[str, str]:
    """Return what is shown for each word that the value can be, in that language."""
    allowed = field.allowed if isinstance(field, Words) else ()
    return {word: translate(label(entity, word), language) for word in allowed}


def _availability(source: _Source, platform: str) -> Component:
    """Make an entity unavailable while the sensor is away or silent; a value that is null is merely unknown."""
    # A switch and a select have no such option.
    expires = {"expire_after": source.expires} if platform in ("sensor", "binary_sensor") else {}
    if source.expire and expires:
        return expires
    heard = template.heard(0 if source.expire else source.expires)
    return expires | {
        "availability": [
            {"topic": f"{source.topic}/availability"},
            {"topic": f"{source.topic}/{source.name}", "value_template": heard},
        ],
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
    reading = _reading(source, PROBLEM, {}, "time")
    return reading | {"value_template": template.problem(" and ".join(conditions))}


def _event(topic: str, language: str) -> Component:
    return {
        "platform": EVENT.platform,
        "name": translate(EVENT.name, language),
        **EVENT.options,
        "state_topic": f"{topic}/event/+",
        "value_template": "{{ dict(value_json, event_type=value_json.kind)|to_json }}",
    }


def _commanded(source: _Source, entity: Entity, command: str, words: Mapping[str, str], *path: str) -> Component:
    """Show the value of ``state`` at ``path``, which a command changes."""
    return {
        **_reading(source, entity, words, *path),
        **({"command_template": template.command(words)} if words else {}),
        "command_topic": f"{source.topic}/command/{command}",
        "qos": 1,
    }


def _triggers(settings: Settings, keys: Collection[str], topic: str) -> dict[str, Component]:
    """Make the device triggers, by which an automation takes a few clicks."""
    found = {}
    for registration in REGISTRATIONS:
        if registration.state.keys().isdisjoint(keys):
            continue
        for kind, details, shown in _told(registration, settings):
            found["_".join(("trigger", kind, *details.values()))] = {
                "platform": "device_automation",
                "automation_type": "trigger",
                "topic": f"{topic}/event/{kind}",
                "type": kind,
                "subtype": shown,
                **(_if_details(details) if details else {}),
            }
    return found


def _told(registration: Registration, settings: Settings) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield the kind of an event, the details that it must have, and the trigger's name; of each zone, line or rule."""
    section = next((field.section for field in registration.state.values() if isinstance(field, ByName)), "")
    places = getattr(settings, section) if section else ()
    shown = friendly_names(places)
    for kind, event in registration.events.items():
        for trigger in event.triggers:
            name = translate(trigger.name, settings.homeassistant.language)
            details = {trigger.detail: trigger.word} if trigger.detail else {}
            if not section:
                yield kind, details, name
            for place in places:
                if not trigger.needs or getattr(place, trigger.needs):
                    yield kind, {section: place.name} | details, name.format(shown[place.name])


def _if_details(details: Mapping[str, str]) -> Component:
    """Fire only for an event with these details."""
    return {
        "value_template": " ".join(template.shown(key) for key in details),
        "payload": " ".join(details.values()),
    }
