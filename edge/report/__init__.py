"""The service with the network and without a camera: lines of numbers come in, MQTT messages go out."""
