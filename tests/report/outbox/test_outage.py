"""Events at a real broker that is away, behind a dead link, or left alone by a process that was killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import topic_matches_sub

from edge.config.settings import MqttSettings, OutboxSettings
from edge.mqtt.publisher import Publisher
from edge.report.analytics.engine import Engine
from edge.report.homeassistant.components import components
from edge.report.messages.event import EVENT
from edge.report.messages.schema import MESSAGES
from edge.report.outbox import outbox as module
from edge.report.outbox.outbox import Outbox
from edge.tools.mosquitto import Mosquitto
from tests.support.everything import EVERYTHING
from tests.support.hasty import Hasty
from tests.support.outbox import happened
from tests.support.relay import Relay
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until


@contextmanager
def sensor(port: int, keepalive: int = 15) -> Iterator[tuple[Publisher, Outbox]]:
    settings = MqttSettings(port=port, keepalive=keepalive)
    publisher = Publisher(settings, "posenet/hall", "posenet-edge-hall", 2, Hasty())
    publisher.start()
    try:
        wait_until(lambda: publisher.connected)
        yield publisher, Outbox(OutboxSettings(), publisher)
    finally:
        publisher.stop()


def said(subscriber: Subscriber, name: str) -> list[dict[str, Any]]:
    """What arrived on ``event/...`` or ``late/...``."""
    topics = [message for message in list(subscriber.messages) if f"/{name}/" in message.topic]
    return [MESSAGES[name].read(bytes(message.payload)) for message in topics]


def sent_until(outbox: Outbox, condition: Any) -> None:
    def turn() -> bool:
        outbox.send()
        return bool(condition())

    wait_until(turn)


def test_what_happens_while_the_broker_is_away_is_said_after(broker: Mosquitto) -> None:
    with sensor(broker.port) as (publisher, outbox):
        broker.stop()
        wait_until(lambda: not publisher.connected)
        outbox.put(happened(1, time.time()))
        broker.start()
        with Subscriber(broker.port) as subscriber:
            sent_until(outbox, lambda: not len(outbox))
            wait_until(lambda: said(subscriber, "event"))
            assert [event["id"] for event in said(subscriber, "event")] == [1]
        assert (outbox.lost, publisher.messages_dropped) == (0, 0)


def test_a_dead_link_swallows_no_fall(broker: Mosquitto) -> None:
    """The sensor believes that it is connected, and what it says goes nowhere; then the link breaks."""
    with (
        Subscriber(broker.port) as subscriber,
        Relay(broker.port) as relay,
        sensor(relay.port, keepalive=1) as (publisher, outbox),
    ):
        outbox.put(happened(1, time.time(), "arrived"))
        sent_until(outbox, lambda: not len(outbox))
        relay.swallowing = True
        for kind in ("fall_suspected", "fall_confirmed"):
            outbox.put(happened(1, time.time(), kind))
        assert len(outbox) == 2
        wait_until(lambda: not publisher.connected, what="noticed")
        relay.swallowing = False
        sent_until(outbox, lambda: not len(outbox))
        wait_until(lambda: len(said(subscriber, "event")) >= 3)
        told = {event["sequence"]: event["kind"] for event in said(subscriber, "event")}
        assert told == {1: "arrived", 2: "fall_suspected", 3: "fall_confirmed"}
        assert outbox.lost == 0


def test_late_ones_fire_no_automation(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that Home Assistant was told to listen to is a topic of theirs."""
    monkeypatch.setattr(module, "EVENT", replace(EVENT, expires=0))
    with Subscriber(broker.port) as subscriber, sensor(broker.port) as (_, outbox):
        for kind in ("arrived", "fall_confirmed"):
            outbox.put(happened(1, 1000.0, kind))
        sent_until(outbox, lambda: not len(outbox))
        wait_until(lambda: len(said(subscriber, "late")) == 2)
        assert [(event["kind"], event["time"]) for event in said(subscriber, "late")] == [
            ("arrived", 1000.0),
            ("fall_confirmed", 1000.0),
        ]
        topics = [message.topic for message in subscriber.messages if "/late/" in message.topic]
    announced = components(EVERYTHING, Engine(EVERYTHING).keys, "posenet/hall").values()
    heard = [part[key] for part in announced for key in ("topic", "state_topic") if key in part]
    assert any(topic_matches_sub(each, "posenet/hall/event/fall_confirmed") for each in heard)
    assert not [each for each in heard for topic in topics if topic_matches_sub(each, topic)]


def test_poses_that_crowd_the_network_cost_no_event(broker: Mosquitto) -> None:
    with Subscriber(broker.port) as subscriber, sensor(broker.port) as (publisher, outbox):
        broker.signal(signal.SIGSTOP)
        try:
            for _ in range(500):
                publisher.publish("poses", b"x" * 20_000)
            assert not publisher.has_room
            outbox.put(happened(1, time.time()))
        finally:
            broker.signal(signal.SIGCONT)
        sent_until(outbox, lambda: not len(outbox))
        wait_until(lambda: said(subscriber, "event"))


KILLED = """
import sys, time
from pathlib import Path
from edge.config.settings import MqttSettings, OutboxSettings
from edge.mqtt.publisher import Publisher
from edge.report.outbox.outbox import Outbox
from tests.support.outbox import happened
publisher = Publisher(MqttSettings(port=int(sys.argv[1])), "posenet/hall", "posenet-edge-hall", 2)
publisher.start()
outbox = Outbox(OutboxSettings(keep="disk"), publisher, Path(sys.argv[2]))
for person in map(int, sys.argv[3:]):
    outbox.put(happened(person, time.time()))
    print(person, flush=True)
while True:
    outbox.send()
    time.sleep(0.02)
"""


def test_what_a_killed_process_had_stored_is_said_by_the_next(broker: Mosquitto, tmp_path: Path) -> None:
    broker.stop()
    command = [sys.executable, "-c", KILLED, str(broker.port), str(tmp_path)]
    with subprocess.Popen([*command, "1", "2"], stdout=subprocess.PIPE) as killed:
        assert killed.stdout
        assert [killed.stdout.readline() for _ in range(2)] == [b"1\n", b"2\n"]
        killed.kill()
    broker.start()
    with Subscriber(broker.port) as subscriber, subprocess.Popen([*command, "3"], stdout=subprocess.DEVNULL) as after:
        try:
            wait_until(
                lambda: len({event["id"] for name in ("event", "late") for event in said(subscriber, name)}) == 3
            )
        finally:
            after.kill()
        events = [event for name in ("event", "late") for event in said(subscriber, name)]
        assert {(event["id"], event["sequence"]) for event in events} == {(1, 1), (2, 2), (3, 3)}
        assert len({event["run"] for event in events}) == 1
