"""Which entity of Home Assistant shows which value of ``health``, and those that stand for no single value.

Those of ``state`` are told by the detectors, with the fields that they register.
"""

from typing import Any

from edge.report.fields import Entity

MEASURED = {"state_class": "measurement"}
COUNTED = {"state_class": "total_increasing"}
DIAGNOSTIC = {"entity_category": "diagnostic"}
NOISY = {**DIAGNOSTIC, "enabled_by_default": False}
"""For who looks into a fault; the recorder need not keep it otherwise."""


def _flag(name: str, **options: Any) -> Entity:
    return Entity("binary_sensor", name, options)


def _sensor(name: str, **options: Any) -> Entity:
    return Entity("sensor", name, options)


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
