"""Discovery at a real broker: said, said again, taken back, and refused without harm."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.publish
import pytest

from edge.config.analytics_settings import ZoneSettings
from edge.config.settings import CommandSettings, HomeAssistantSettings, MqttSettings, Settings
from edge.mqtt.publisher import Publisher
from edge.report.homeassistant.discovery import Discovery
from edge.tools.mosquitto import Mosquitto
from tests.mqtt.test_publisher import Hasty
from tests.subscriber import Subscriber, wait_until

CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
BARE = Settings()
SOFA = Settings(zone=(ZoneSettings("sofa", CORNERS),))
KEYS = ["occupied", "zones"]
TOPIC = "homeassistant/device/hall/config"


@contextmanager
def sensor(port: int, settings: Settings, begins: bool = True) -> Iterator[tuple[Publisher, Discovery]]:
    """One that has been started with these settings, connected."""
    broker = Publisher(MqttSettings(port=port), "posenet/hall", "posenet-edge-hall", backoff=Hasty())
    discovery = Discovery(broker, "hall", "homeassistant")
    discovery.announce(settings, KEYS)
    broker.start()
    try:
        wait_until(lambda: broker.connected)
        discovery.check(0.0)
        if begins:
            discovery.check(1.0)
        yield broker, discovery
    finally:
        broker.stop()


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


def parts(port: int) -> dict[str, Any]:
    message = retained(port).get(TOPIC)
    found = message.get("components") if isinstance(message, dict) else None
    return found if isinstance(found, dict) else {}


def test_it_is_retained_and_comes_again_to_a_broker_that_forgot(broker: Mosquitto) -> None:
    with sensor(broker.port, SOFA):
        wait_until(lambda: "zone_sofa_occupied" in parts(broker.port))
        broker.stop()
        broker.start()
        wait_until(lambda: "zone_sofa_occupied" in parts(broker.port))


def test_home_assistant_that_starts_hears_everything_again(broker: Mosquitto) -> None:
    with sensor(broker.port, BARE) as (ours, _), Subscriber(broker.port, "#") as subscriber:
        ours.keep("state", b"{}")
        wait_until(lambda: subscriber.on("state"))
        before = len(subscriber.messages)

        def since() -> set[str]:
            ours.deliver()
            return {message.topic for message in subscriber.messages[before:]}

        paho.mqtt.publish.single("homeassistant/status", "offline", port=broker.port)
        wait_until(lambda: since() == {"homeassistant/status"})
        paho.mqtt.publish.single("homeassistant/status", "online", port=broker.port)
        wait_until(
            lambda: since() == {"homeassistant/status", TOPIC, "posenet/hall/availability", "posenet/hall/state"}
        )


def test_what_was_there_is_taken_away_before_anything_is_said(broker: Mosquitto) -> None:
    with sensor(broker.port, Settings(homeassistant=HomeAssistantSettings("entities"))):
        wait_until(lambda: retained(broker.port))
    with sensor(broker.port, BARE, begins=False) as (ours, discovery):

        def nothing_left() -> bool:
            ours.deliver()
            return not retained(broker.port)

        wait_until(nothing_left)
        discovery.check(1.0)
        wait_until(lambda: "occupied" in parts(broker.port))


def test_what_is_switched_off_is_taken_away(broker: Mosquitto) -> None:
    with sensor(broker.port, SOFA) as (_, discovery):
        discovery.announce(BARE, KEYS)
        wait_until(lambda: parts(broker.port).get("zone_sofa_occupied") == {"platform": "binary_sensor"})
        assert len(parts(broker.port)["occupied"]) > 3
        discovery.announce(SOFA, KEYS)
        wait_until(lambda: len(parts(broker.port)["zone_sofa_occupied"]) > 3)


def test_what_is_switched_off_while_the_sensor_is_off_is_taken_away(broker: Mosquitto) -> None:
    with sensor(broker.port, SOFA):
        wait_until(lambda: "zone_sofa_occupied" in parts(broker.port))

    def is_buried() -> bool:
        ours.deliver()
        return bool(parts(broker.port).get("zone_sofa_occupied") == {"platform": "binary_sensor"})

    with sensor(broker.port, BARE) as (ours, _):
        wait_until(is_buried)
    with sensor(broker.port, BARE):
        wait_until(lambda: "occupied" in parts(broker.port) and "zone_sofa_occupied" not in parts(broker.port))


def test_nothing_can_be_asked_any_more_where_commands_were_switched_off(broker: Mosquitto) -> None:
    with sensor(broker.port, Settings(command=CommandSettings(enabled=True))):
        wait_until(lambda: {"privacy", "sensitivity"} <= set(parts(broker.port)))
    with sensor(broker.port, BARE) as (ours, _):

        def buried() -> bool:
            ours.deliver()
            left = parts(broker.port)
            return [left.get(key) for key in ("privacy", "sensitivity")] == [
                {"platform": "switch"},
                {"platform": "select"},
            ]

        wait_until(buried)


@pytest.mark.parametrize("restarted", [True, False])
@pytest.mark.parametrize("modes", [("device", "entities"), ("entities", "device"), ("entities", "off")])
def test_another_way_of_discovery_leaves_nothing_of_the_first(
    broker: Mosquitto, modes: tuple[str, str], restarted: bool
) -> None:
    first, second = (Settings(homeassistant=HomeAssistantSettings(mode)) for mode in modes)

    def settled() -> bool:
        ours.deliver()
        found = retained(broker.port)
        if modes[1] == "off":
            return not found
        return bool(found) and all(
            topic.startswith("homeassistant/device/") == (modes[1] == "device") for topic in found
        )

    with sensor(broker.port, first) as (ours, discovery):
        wait_until(lambda: retained(broker.port))
        if not restarted:
            discovery.announce(second, KEYS)
            wait_until(settled)
    if restarted:
        with sensor(broker.port, second) as (ours, _):
            wait_until(settled)


@pytest.mark.parametrize(
    "nonsense",
    ["no JSON", "[]", "{}", '{"components": 3}', '{"components": {"a": 1, "b": {}, "c": {"platform": [], "x": 1}}}',
     '{"components": {"a": {"platform": "climate", "name": "x"}}}', "[" * 50_000],
)  # fmt: skip
def test_nonsense_in_its_place_is_replaced(broker: Mosquitto, nonsense: str) -> None:
    paho.mqtt.publish.single(TOPIC, nonsense, retain=True, qos=1, port=broker.port)
    with sensor(broker.port, BARE) as (ours, _):
        wait_until(lambda: not ours._inbox._waiting.empty())
        ours.deliver()
        wait_until(lambda: "occupied" in parts(broker.port))
        assert "a" not in parts(broker.port)


def test_an_access_list_that_knows_nothing_of_it_does_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rules = tmp_path / "rules"
    rules.write_text("topic readwrite posenet/#\n")
    for path in (rules, *rules.parents[:3]):
        path.chmod(path.stat().st_mode | 0o055)
    caplog.set_level(logging.INFO)
    with (
        Mosquitto("allow_anonymous true", f"acl_file {rules}") as strict,
        Subscriber(strict.port) as subscriber,
        sensor(strict.port, SOFA) as (ours, _),
    ):
        ours.repeat()
        ours.keep("health", b"well")
        wait_until(lambda: subscriber.on("health"))
        assert ours.connected
        assert not ours.refused
    assert [record.message for record in caplog.records] == [f"connected to broker 127.0.0.1:{strict.port} (MQTT 5)"]
