"""Entities of Home Assistant that show no single value; the others stand with the fields that they show."""

from edge.report.fields import Entity

PROBLEM = Entity("binary_sensor", "Cannot see", {"device_class": "problem", "entity_category": "diagnostic"})
EVENT = Entity("event", "Event", {"icon": "mdi:motion-sensor"})
SENSITIVITY = Entity("select", "Sensitivity", {"icon": "mdi:tune", "entity_category": "config"})
PRIVACY = Entity("switch", "Privacy", {"icon": "mdi:eye-off"})
