"""Which entity of Home Assistant shows which value: one table for each message, by the value's key."""

from typing import Any, NamedTuple

MEASURED = {"state_class": "measurement"}
COUNTED = {"state_class": "total_increasing"}
DIAGNOSTIC = {"entity_category": "diagnostic"}


class Entity(NamedTuple):
    """What shows a value. more: options of that platform, in Home Assistant's words."""

    platform: str
    name: str
    more: dict[str, Any]


def _flag(name: str, **more: Any) -> Entity:
    return Entity("binary_sensor", name, more)


def _sensor(name: str, **more: Any) -> Entity:
    return Entity("sensor", name, more)


STATE = {
    "occupied": _flag("Occupancy", device_class="occupancy"),
    "people": _sensor("People", icon="mdi:account-multiple", **MEASURED),
    "posture": _sensor("Posture", icon="mdi:human"),
    "fall": _flag("Fall", device_class="safety"),
    "inactive": _flag("No movement", icon="mdi:sleep"),
    "movement": _sensor("Movement", icon="mdi:run", **MEASURED),
    "hand_raised": _flag("Hand raised", icon="mdi:hand-back-right"),
    "both_hands_raised": _flag("Both hands raised", icon="mdi:human-handsup"),
    "waving": _flag("Waving", icon="mdi:hand-wave"),
    "exercise": _sensor("Exercise", icon="mdi:weight-lifter"),
    "repetitions": _sensor("Repetitions", icon="mdi:counter", **MEASURED),
    "tempo": _sensor("Tempo", icon="mdi:metronome", unit_of_measurement="1/min", **MEASURED),
    "approach": _sensor("Approach", icon="mdi:arrow-expand-horizontal"),
}
"""By key of ``state``. What is there for each person has no entity: persons come and go."""

PLACES = {
    "zones": {
        "occupied": _flag("{} occupancy", device_class="occupancy"),
        "people": _sensor("{} people", icon="mdi:account-multiple", **MEASURED),
        "dwelling": _flag("{} dwelling", icon="mdi:timer-sand"),
    },
    "lines": {
        "in": _sensor("{} in", icon="mdi:location-enter", **COUNTED),
        "out": _sensor("{} out", icon="mdi:location-exit", **COUNTED),
    },
}
"""By key of ``state`` that has an object for each name, and by key of that object; {} is the name."""

RULE = _flag("{}", icon="mdi:scale-balance")
"""For each value of ``rules``."""

PROBLEM = _flag("Cannot see", device_class="problem", **DIAGNOSTIC)
EVENT = Entity("event", "Event", {"icon": "mdi:motion-sensor"})
SENSITIVITY = Entity("select", "Sensitivity", {"icon": "mdi:tune", "entity_category": "config"})
PRIVACY = Entity("switch", "Privacy", {"icon": "mdi:eye-off"})

TRIGGERS = {
    "arrived": "occupied",
    "left": "occupied",
    "hand_raised": "hand_raised",
    "both_hands_raised": "both_hands_raised",
    "waving": "waving",
    "fall_confirmed": "fall",
    "zone_entered": "zones",
    "zone_left": "zones",
    "line_crossed": "lines",
    "rule": "rules",
}
"""Kinds of events that are device triggers too, each with the key of ``state`` that its meaning has."""
