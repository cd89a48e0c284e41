"""Announce the entities of this sensor to Home Assistant by MQTT discovery; no other package knows Home Assistant."""
