"""Commands over MQTT: receiving, applying and storing them."""
