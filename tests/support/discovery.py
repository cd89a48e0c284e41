"""A sensor that announces itself to Home Assistant, and what the broker keeps of it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import paho.mqtt.publish

from edge.config.settings import Settings
from edge.mqtt.publisher import Publisher
from edge.report.homeassistant.discovery import Discovery, Waits
from tests.support.hasty import Hasty
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

KEYS = ["occupied", "zones"]


class Sensor:
    """A sensor's broker and discovery; ``turn`` is one turn of the loop."""

    def __init__(self, port: int, settings: Settings, waits: Waits) -> None:
        mqtt = replace(settings.mqtt, port=port)
        self.broker = Publisher(mqtt, "posenet/hall", "posenet-edge-hall", 1, backoff=Hasty())
        self.discovery = Discovery(self.broker, "hall", settings.homeassistant.prefix, waits)
        self.discovery.announce(settings, KEYS)

    def turn(self) -> bool:
        """One turn of the loop; True, for use in conditions."""
        self.broker.dispatch()
        self.discovery.check(time.monotonic())
        return True


NOWAIT = Waits(listens=0.0, settles=0.1, again=0.1)


@contextmanager
def sensor(port: int, settings: Settings, begins: bool = True, waits: Waits = NOWAIT) -> Iterator[Sensor]:
    """One that has been started with these settings, connected; begins: and has announced what it has to."""
    started = Sensor(port, settings, waits)
    started.broker.start()
    try:
        wait_until(lambda: started.broker.connected)
        if begins:
            wait_until(lambda: started.turn() and not started.discovery.listening)
        yield started
    finally:
        started.broker.stop()


def retained(port: int) -> dict[str, Any]:
    """What the broker keeps under homeassistant, parsed; None for what is no JSON."""
    with Subscriber(port, "#") as subscriber:
        paho.mqtt.publish.single("mark", port=port)
        wait_until(lambda: [message for message in subscriber.messages if message.topic == "mark"])
        return {
            message.topic: parsed(message.payload)
            for message in subscriber.messages
            if message.retain and message.topic.startswith("homeassistant/")
        }


def parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None
