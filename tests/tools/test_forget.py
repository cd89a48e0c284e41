"""``posenet-edge forget``: what the broker keeps of a sensor is gone, and nothing else."""

import os

import paho.mqtt.publish
import pytest

from edge.config import loader
from edge.tools.forget import RETAINED
from edge.tools.mosquitto import Mosquitto
from tests.report.homeassistant.test_discovery import retained, sensor
from tests.subscriber import Subscriber, wait_until
from tests.tools.commands import command


@pytest.mark.parametrize("mode", ["device", "entities"])
def test_nothing_of_it_is_retained_any_more(broker: Mosquitto, mode: str) -> None:
    settings = ["--set=device.id=hall", f"--set=mqtt.port={broker.port}", f"--set=homeassistant.discovery={mode}"]
    paho.mqtt.publish.single("posenet/other/state", b"{}", retain=True, qos=1, port=broker.port)
    with sensor(broker.port, loader.load(None, [each.removeprefix("--set=") for each in settings])) as (ours, _):
        for name in RETAINED:
            ours.keep(name, b"{}")
        wait_until(lambda: retained(broker.port))
    result = command("forget", *settings)
    assert result.stdout == "posenet/hall: nothing is retained any more\n", result.stderr
    with Subscriber(broker.port, "#") as left:
        wait_until(lambda: left.messages)
        assert {message.topic for message in left.messages if message.retain} == {"posenet/other/state"}


def test_without_a_broker_it_is_one_line() -> None:
    result = command("forget", "--set=mqtt.port=9")
    assert result.returncode == os.EX_UNAVAILABLE
    assert len(result.stderr.splitlines()) == 1
    assert "Connection refused" in result.stderr
