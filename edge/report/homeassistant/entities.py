"""Which entity of Home Assistant shows which value: one table for each message, by the value's key."""

from typing import Any, NamedTuple

MEASURED = {"state_class": "measurement"}
COUNTED = {"state_class": "total_increasing"}
DIAGNOSTIC = {"entity_category": "diagnostic"}
NOISY = {**DIAGNOSTIC, "enabled_by_default": False}
"""For who looks into a fault; the recorder need not keep it otherwise."""


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

HEALTH = {
    "frame_rate": _sensor("Frame rate", unit_of_measurement="frames/s", **MEASURED, **NOISY),
    "inference_ms": _sensor("Inference time", device_class="duration", unit_of_measurement="ms", **MEASURED, **NOISY),
    "temperature": _sensor(
        "Temperature", device_class="temperature", unit_of_measurement="°C", **MEASURED, **DIAGNOSTIC
    ),
    "frames_dropped": _sensor("Frames dropped", icon="mdi:filmstrip-off", **COUNTED, **NOISY),
}
"""By key of ``health``."""

SEALED = _flag("Seal", device_class="safety", **DIAGNOSTIC)
"""Unsafe where the test of the cell found a hole."""
REJECTED = _sensor("Lines rejected", icon="mdi:wall", **COUNTED, **NOISY)
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
