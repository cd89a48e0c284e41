"""Tells Home Assistant by MQTT discovery which entities this sensor has; nothing else here knows Home Assistant."""
