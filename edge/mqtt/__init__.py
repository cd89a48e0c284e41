"""The MQTT client layer, for ``report`` and the tools; ``sense`` never imports it."""
