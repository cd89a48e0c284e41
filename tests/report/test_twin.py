"""Two sensors with one id at a real broker, and one that is merely started again."""

import time
from typing import Any

import pytest

from edge.config.settings import MqttSettings
from edge.mqtt.publisher import Publisher
from edge.report.messages.health import health_payload
from edge.report.messages.message import as_json
from edge.report.status_reporter import status_line
from edge.report.twin import TwinWatch
from edge.tools.mosquitto import Mosquitto
from tests.support.hasty import Hasty
from tests.support.outbox import OUTBOX
from tests.support.waiting import wait_until

TOPIC = "posenet/hall"


class Sensor:
    """A publisher that says its health, and looks for a twin."""

    def __init__(self, port: int, instance: int, protocol: Any) -> None:
        settings = MqttSettings(port=port, protocol=protocol)
        self.publisher = Publisher(settings, TOPIC, "posenet-edge-hall", 1, Hasty())
        self._watch = TwinWatch(self.publisher, TOPIC, instance)
        self._instance = instance
        self.publisher.start()

    def turn(self) -> bool:
        """One turn of the loop; True if a twin is known."""
        about: dict[str, Any] = {"time": time.time(), "uptime": 1.0, "name": "hall", "software": "1", **OUTBOX}
        health = health_payload(None, {}, 0, 0, {}, **about, instance=self._instance, suggested_rotate=None)
        self.publisher.publish_retained("health", as_json(health))
        self.publisher.dispatch()
        self._watch.check(time.monotonic())
        return self.publisher.twin


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_two_with_one_id_are_told_and_what_to_do(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture, protocol: str
) -> None:
    sensors = [Sensor(broker.port, instance, protocol) for instance in (1, 2)]
    try:
        wait_until(lambda: any(sensor.turn() for sensor in sensors))
        (twin, *_) = [sensor.publisher for sensor in sensors if sensor.publisher.twin]
        assert "sharing an id at broker" in status_line(twin, "poses", "running")
        assert [each for each in caplog.records if "set device.id to another" in each.message]
    finally:
        for sensor in sensors:
            sensor.publisher.stop()


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_one_that_is_started_again_and_again_has_no_twin(broker: Mosquitto, protocol: str) -> None:
    for instance in range(5):
        sensor = Sensor(broker.port, instance, protocol)
        try:
            wait_until(lambda: sensor.publisher.connected)  # noqa: B023
            for _ in range(2):
                broker.stop()
                broker.start()
                wait_until(lambda: not sensor.turn() and sensor.publisher.connected)  # noqa: B023
            assert not sensor.turn()
        finally:
            sensor.publisher.stop()
