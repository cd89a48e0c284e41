"""Discovery at a real broker: said, said again, taken back, and refused without harm."""

import contextlib
import itertools
import json
import logging
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import paho.mqtt.publish
import pytest

from edge.config.settings import CommandSettings, HomeAssistantSettings, MqttSettings, Settings, ZoneSettings
from edge.report.homeassistant.discovery import Waits
from edge.tools.mosquitto import Mosquitto
from tests.support.discovery import KEYS, NOWAIT, retained, sensor
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
BARE = Settings()
SOFA = Settings(zone=(ZoneSettings("sofa", CORNERS),))
TOPIC = "homeassistant/device/hall/config"


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


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_the_age_of_a_state_is_compared_where_the_broker_keeps_it_for_ever(broker: Mosquitto, protocol: Any) -> None:
    with sensor(broker.port, Settings(mqtt=MqttSettings(protocol=protocol))):
        wait_until(lambda: "occupied" in parts(broker.port))
        available = parts(broker.port)["occupied"].get("availability", [])
        assert ("now()" in json.dumps(available)) == (protocol == "3.1.1")


def test_another_language_is_announced_and_what_automations_need_is_said(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    german = Settings(homeassistant=HomeAssistantSettings(language="de"))
    with sensor(broker.port, BARE) as ours:
        wait_until(lambda: parts(broker.port).get("occupied", {}).get("name") == "Occupancy")
        assert "device trigger" not in caplog.text
        ours.discovery.announce(german, KEYS)
        assert "homeassistant.language is now de: Home Assistant knows device triggers by their words" in caplog.text
        wait_until(lambda: ours.turn() and parts(broker.port)["occupied"]["name"] == "Anwesenheit")


@pytest.mark.parametrize(
    ("limit", "protocol"),
    [("max_packet_size 4000", "5"), ("message_size_limit 4000", "5"), ("message_size_limit 4000", "3.1.1")],
)
def test_where_one_message_is_too_large_there_is_one_for_each_entity(
    caplog: pytest.LogCaptureFixture, limit: str, protocol: Any
) -> None:
    """Also where the broker drops it without a word."""
    settings = replace(SOFA, mqtt=MqttSettings(protocol=protocol))
    with Mosquitto("allow_anonymous true", limit) as small:
        for _ in range(2):
            with sensor(small.port, settings) as ours:
                wait_until(lambda: ours.turn() and not ours.discovery.listening)
                wait_until(
                    lambda: ours.turn() and "homeassistant/binary_sensor/hall/occupied/config" in retained(small.port)
                )
                assert TOPIC not in retained(small.port)
                assert ours.broker.connected
        said = [record.message for record in caplog.records if TOPIC in record.message]
        assert len(said) == 2, "once for each start"
        assert "announced by one message for each entity" in said[0]
        with sensor(small.port, replace(settings, homeassistant=HomeAssistantSettings("off"))) as ours:
            wait_until(lambda: ours.turn() and not retained(small.port))


def test_an_announcement_that_somebody_takes_away_is_said_again(broker: Mosquitto) -> None:
    with sensor(broker.port, BARE) as ours:
        wait_until(lambda: parts(broker.port))
        # Later than any repetition of the announcement itself.
        wait_until(lambda: ours.turn() and not ours.discovery._unheard)
        keep(broker.port, TOPIC, "")
        wait_until(lambda: ours.turn() and parts(broker.port))


def test_home_assistant_that_starts_hears_everything_again(broker: Mosquitto) -> None:
    with sensor(broker.port, BARE) as ours, Subscriber(broker.port, "#") as subscriber:
        ours.broker.publish_retained("state", b"{}")
        wait_until(lambda: subscriber.on("state"))
        before = len(subscriber.messages)

        def since() -> set[str]:
            ours.turn()
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
    with sensor(broker.port, BARE, begins=False) as ours:

        def nothing_left() -> bool:
            ours.turn()
            return not retained(broker.port)

        wait_until(nothing_left)
        wait_until(lambda: ours.turn() and "occupied" in parts(broker.port))


def test_what_is_switched_off_is_taken_away(broker: Mosquitto) -> None:
    with sensor(broker.port, SOFA) as ours:
        ours.discovery.announce(BARE, KEYS)
        wait_until(lambda: parts(broker.port).get("zone_sofa_occupied") == {"platform": "binary_sensor"})
        assert len(parts(broker.port)["occupied"]) > 3
        ours.discovery.announce(SOFA, KEYS)
        wait_until(lambda: len(parts(broker.port)["zone_sofa_occupied"]) > 3)


def test_what_is_switched_off_while_the_sensor_is_off_is_taken_away(broker: Mosquitto) -> None:
    with sensor(broker.port, SOFA):
        wait_until(lambda: "zone_sofa_occupied" in parts(broker.port))

    def is_buried() -> bool:
        ours.turn()
        return bool(parts(broker.port).get("zone_sofa_occupied") == {"platform": "binary_sensor"})

    with sensor(broker.port, BARE) as ours:
        wait_until(is_buried)
    with sensor(broker.port, BARE):
        wait_until(lambda: "occupied" in parts(broker.port) and "zone_sofa_occupied" not in parts(broker.port))


def test_nothing_can_be_asked_any_more_where_commands_were_switched_off(broker: Mosquitto) -> None:
    with sensor(broker.port, Settings(command=CommandSettings(enabled=True))):
        wait_until(lambda: {"privacy", "sensitivity"} <= set(parts(broker.port)))
    with sensor(broker.port, BARE) as ours:

        def buried() -> bool:
            ours.turn()
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
        ours.turn()
        found = retained(broker.port)
        if modes[1] == "off":
            return not found
        return bool(found) and all(
            topic.startswith("homeassistant/device/") == (modes[1] == "device") for topic in found
        )

    with sensor(broker.port, first) as ours:
        wait_until(lambda: retained(broker.port))
        if not restarted:
            ours.discovery.announce(second, KEYS)
            wait_until(settled)
    if restarted:
        with sensor(broker.port, second) as ours:
            wait_until(settled)


@pytest.mark.parametrize(
    "nonsense",
    [{"components": 3}, {"components": {"a": 1, "b": {}, "c": {"platform": [], "x": 1}}},
     {"components": {"a": {"platform": "climate", "name": "x"}}}, {"components": None}],
)  # fmt: skip
def test_nonsense_of_its_own_is_replaced(broker: Mosquitto, nonsense: dict[str, Any]) -> None:
    keep(broker.port, TOPIC, {**nonsense, **OURS})
    with sensor(broker.port, BARE):
        wait_until(lambda: "occupied" in parts(broker.port))
        assert "a" not in parts(broker.port)


OURS = {"origin": {"name": "posenet-edge"}, "device": {"identifiers": ["posenet_edge_hall"]}}
ESPHOME = {
    "name": "Temperature", "stat_t": "hall/sensor/temperature/state", "uniq_id": "ESPsensortemperature",
    "dev": {"ids": "a0b1c2d3e4f5", "name": "Hallway", "sw": "esphome v2025.7.0", "mf": "espressif"},
}  # fmt: skip
ABBREVIATED = {"o": {"name": "posenet-edge"}, "dev": {"ids": "posenet_edge_hall"}, "name": "People"}
FOREIGN = "homeassistant/sensor/hall/temperature/config"
OTHERS = [
    "no JSON", "[]", "{}", "[" * 50_000, ESPHOME,
    OURS | {"origin": {"name": "another"}}, OURS | {"device": {"identifiers": ["posenet_edge_hallway"]}},
    {"origin": OURS["origin"]}, {"device": OURS["device"]}, OURS | {"origin": "posenet-edge"}, OURS | {"device": None},
]  # fmt: skip


def keep(port: int, topic: str, message: Any) -> None:
    """A retained message of anybody."""
    payload = message if isinstance(message, str) else json.dumps(message)
    paho.mqtt.publish.single(topic, payload, retain=True, qos=1, port=port)


def kept(port: int, topic: str) -> Any:
    """The payload on a topic that the broker keeps, unparsed; None: nothing."""
    with Subscriber(port, "#") as subscriber:
        paho.mqtt.publish.single("mark", qos=1, port=port)
        wait_until(lambda: [message for message in subscriber.messages if message.topic == "mark"])
        return {each.topic: each.payload.decode() for each in subscriber.messages if each.retain}.get(topic)


@pytest.mark.parametrize("mode", ["device", "entities", "off"])
@pytest.mark.parametrize("other", OTHERS)
def test_what_another_device_says_under_this_id_stays(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture, other: Any, mode: Any
) -> None:
    keep(broker.port, FOREIGN, other)
    before = kept(broker.port, FOREIGN)
    with sensor(broker.port, Settings(homeassistant=HomeAssistantSettings(mode))) as ours:
        wait_until(lambda: ours.turn() and ours.discovery.taken)
        assert set(ours.discovery.taken) == {FOREIGN}
        paho.mqtt.publish.single(FOREIGN, before, retain=True, qos=1, port=broker.port)
        if mode != "off":
            wait_until(lambda: len(retained(broker.port)) > 1)
    assert kept(broker.port, FOREIGN) == before
    warnings = [record.message for record in caplog.records if "is taken" in record.message]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"{FOREIGN}: found ")
    # The sensor has a temperature of its own, which in entities goes to the very topic.
    lost = "what this sensor has for it is not announced" if mode == "entities" else "it is left alone"
    assert f"the id hall is taken there; {lost}. Set device.id to another" in warnings[0]


@pytest.mark.parametrize(
    ("mode", "topic"), [("device", TOPIC), ("entities", "homeassistant/binary_sensor/hall/occupied/config")]
)
def test_a_topic_that_is_taken_is_not_announced_on_until_it_is_free(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture, mode: Any, topic: str
) -> None:
    keep(broker.port, topic, ESPHOME)
    with sensor(broker.port, Settings(homeassistant=HomeAssistantSettings(mode))) as ours:
        wait_until(lambda: mode == "device" or len(retained(broker.port)) > 1)
        ours.broker.republish()
        assert retained(broker.port)[topic] == ESPHOME
        assert ours.discovery.taken == {topic: 'the device "Hallway"'}
        assert "what this sensor has for it is not announced" in caplog.text
        keep(broker.port, topic, "")
        wait_until(lambda: ours.turn() and OURS.items() <= origin_and_ids(retained(broker.port).get(topic)).items())
        assert not ours.discovery.taken


def test_a_topic_that_another_device_takes_later_is_left_to_it(broker: Mosquitto) -> None:
    with sensor(broker.port, BARE) as ours:
        wait_until(lambda: parts(broker.port))
        keep(broker.port, TOPIC, ESPHOME)
        wait_until(lambda: ours.turn() and TOPIC in ours.discovery.taken)
        ours.broker.republish()
        ours.discovery.announce(SOFA, KEYS)
        assert retained(broker.port)[TOPIC] == ESPHOME


def origin_and_ids(message: Any) -> dict[str, Any]:
    if not message:
        return {}
    return {
        "origin": {"name": message["origin"]["name"]},
        "device": {"identifiers": message["device"]["identifiers"]},
    }


def test_an_own_message_in_abbreviations_is_taken_away(broker: Mosquitto) -> None:
    keep(broker.port, FOREIGN, ABBREVIATED)
    with sensor(broker.port, BARE):
        wait_until(lambda: set(retained(broker.port)) == {TOPIC})


class Slow:
    """A way to the broker for one connection, on which answers can be held back; what is sent there passes at once."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._far = socket.create_connection(("127.0.0.1", port))
        self._passes = threading.Event()
        self._passes.set()
        self._thread = threading.Thread(target=self._accept)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._passes.set()
        self._thread.join()

    def close(self) -> None:
        """Hold back what the broker says."""
        self._passes.clear()

    def open(self) -> None:
        """Let it pass."""
        self._passes.set()

    def _accept(self) -> None:
        with self._listener, self._far, self._listener.accept()[0] as near:
            back = threading.Thread(target=self._carry, args=(self._far, near, True))
            back.start()
            self._carry(near, self._far, False)
            back.join()

    def _carry(self, source: socket.socket, target: socket.socket, held: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if held:
                    self._passes.wait()
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("modes", [("device", "entities"), ("entities", "device")])
def test_all_is_taken_away_before_anything_is_announced_however_slow_the_broker(
    broker: Mosquitto, modes: tuple[Any, Any]
) -> None:
    with sensor(broker.port, Settings(homeassistant=HomeAssistantSettings(modes[0]))):
        wait_until(lambda: retained(broker.port))
    old = set(retained(broker.port))
    with (
        Slow(broker.port) as way,
        Subscriber(broker.port, "homeassistant/#") as subscriber,
        sensor(way.port, Settings(homeassistant=HomeAssistantSettings(modes[1])), begins=False) as ours,
    ):
        way.close()

        def said() -> list[tuple[str, bool]]:
            live = [each for each in subscriber.messages if not each.retain and each.topic.endswith("/config")]
            return [(each.topic, bool(each.payload)) for each in live]

        for _ in range(20):
            ours.turn()
        way.open()
        wait_until(lambda: ours.turn() and set(said()) >= {(topic, False) for topic in old})
        way.close()
        wait_until(lambda: ours.turn() and len(said()) >= len(old))
        # As Home Assistant does: it takes the topic away once more when it has heard of it.
        for topic in old:
            paho.mqtt.publish.single(topic, b"", retain=True, port=broker.port)
        way.open()
        wait_until(lambda: ours.turn() and not ours.discovery.listening)
        new = set(retained(broker.port))
        assert not new & old
        # And once more, when all has been silent.
        wait_until(lambda: ours.turn() and all(said().count((topic, True)) == 2 for topic in new))
        announced = [index for index, (_, full) in enumerate(said()) if full]
        removed = [index for index, (_, full) in enumerate(said()) if not full]
        assert max(removed) < min(announced)


def test_after_something_was_taken_away_silence_is_waited_for(broker: Mosquitto) -> None:
    with sensor(broker.port, Settings(homeassistant=HomeAssistantSettings("entities"))):
        wait_until(lambda: retained(broker.port))
    old = set(retained(broker.port))
    with (
        Subscriber(broker.port, "homeassistant/#") as subscriber,
        sensor(broker.port, BARE, begins=False, waits=Waits(listens=0.0, settles=8.0, again=8.0)) as ours,
    ):

        def removed() -> set[str]:
            return {each.topic for each in subscriber.messages if not each.payload}

        # All is gone, and the broker has handed back what was asked before and after.
        wait_until(lambda: ours.turn() and removed() > old and len(removed() - old) > 1)
        for _ in range(5):
            assert not retained(broker.port)
            ours.turn()
        assert ours.discovery.listening
        ahead = itertools.count()

        def is_announced() -> bool:
            ours.broker.dispatch()
            ours.discovery.check(time.monotonic() + next(ahead))
            return not ours.discovery.listening

        wait_until(is_announced)


def test_what_home_assistant_takes_away_with_the_other_way_is_announced_again(broker: Mosquitto) -> None:
    with sensor(broker.port, Settings(homeassistant=HomeAssistantSettings("entities"))):
        wait_until(lambda: retained(broker.port))
    with sensor(broker.port, BARE, waits=NOWAIT._replace(again=1000.0)) as ours:
        wait_until(lambda: parts(broker.port))
        keep(broker.port, TOPIC, "")
        wait_until(lambda: ours.turn() and parts(broker.port))


def test_who_may_not_read_is_announced_after_a_while(broker_folder: Path) -> None:
    rules = broker_folder / "rules"
    rules.write_text("topic write #\ntopic read posenet/#\n")
    with (
        Mosquitto("allow_anonymous true", "log_type all", f"acl_file {rules}") as strict,
        sensor(strict.port, BARE, begins=False) as ours,
    ):
        ours.turn()
        assert ours.discovery.listening
        ours.discovery.check(time.monotonic() + 60.0)
        assert not ours.discovery.listening


def test_an_access_list_that_knows_nothing_of_it_does_no_harm(
    broker_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = broker_folder / "rules"
    rules.write_text("topic readwrite posenet/#\n")
    caplog.set_level(logging.INFO)
    with (
        Mosquitto("allow_anonymous true", f"acl_file {rules}") as strict,
        Subscriber(strict.port) as subscriber,
        sensor(strict.port, SOFA) as ours,
    ):
        ours.broker.republish()
        ours.broker.publish_retained("health", b"well")
        wait_until(lambda: subscriber.on("health"))
        assert ours.broker.connected
        assert not ours.broker.refusal
    assert [record.message for record in caplog.records] == [f"connected to broker 127.0.0.1:{strict.port} (MQTT 5)"]
