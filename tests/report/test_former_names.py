"""What stands at a real broker under a sensor's former names is taken back, and nothing of anybody else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import paho.mqtt.publish
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import DeviceSettings, HomeAssistantSettings, MqttSettings, Settings
from edge.mqtt.publisher import RETAINED, Publisher
from edge.report import former_names
from edge.report.commands.state_store import StateStore
from edge.report.former_names import FormerNames, Names, read_note
from edge.report.homeassistant.discovery import Discovery
from edge.tools.mosquitto import Mosquitto
from tests.support.discovery import KEYS, NOWAIT
from tests.support.hasty import Hasty
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

LISTENS = 60.0


class Sensor:
    """What a sensor says that is retained, and its former names; its clock stands still until somebody listens."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        names = Names.of(settings)
        folder.mkdir(exist_ok=True)
        self.now = 0.0
        self._settings = settings
        self._store = StateStore({"STATE_DIRECTORY": str(folder)})
        self.publisher = Publisher(settings.mqtt, names.topic, f"posenet-edge-{names.identity}", 2, backoff=Hasty())
        self.former = FormerNames(settings, self.publisher, self._store, LISTENS)
        self._discovery = Discovery(self.publisher, names.identity, names.prefix, NOWAIT)
        self._discovery.announce(settings, KEYS)
        self._discovery_now = 0.0
        for name in ("health", "state", "places"):
            self.publisher.publish_retained(name, b"{}")

    def turn(self) -> bool:
        """One turn of the loop; True, for use in conditions."""
        self.former.check(self.now)
        self.publisher.dispatch()
        self._discovery_now += 0.02
        self._discovery.check(self._discovery_now)
        return True

    def is_announced(self) -> bool:
        return self.turn() and self.publisher.connected and not self._discovery.listening

    def noted(self) -> list[Names]:
        return read_note(self._store.get("names"))


@contextmanager
def running(settings: Settings, folder: Path) -> Iterator[Sensor]:
    """One that has said everything."""
    sensor = Sensor(settings, folder)
    sensor.publisher.start()
    try:
        wait_until(lambda: sensor.is_announced())
        yield sensor
    finally:
        sensor.former.close()
        sensor.publisher.stop()


def look(sensor: Sensor) -> None:
    """Let it listen under its former names for as long as it does, and do what follows from that."""

    def turn() -> bool:
        sensor.now += LISTENS / 10
        return sensor.turn() and len(sensor.noted()) == 1

    wait_until(turn)


def retained(port: int) -> dict[str, bytes]:
    """Everything that the broker keeps."""
    with Subscriber(port, "#") as subscriber:
        paho.mqtt.publish.single("mark", port=port)
        wait_until(lambda: [message for message in subscriber.messages if message.topic == "mark"])
        return {message.topic: bytes(message.payload) for message in subscriber.messages if message.retain}


def say(broker: Mosquitto, topic: str, payload: Any) -> None:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    paho.mqtt.publish.single(topic, text, retain=True, qos=1, port=broker.port)


@pytest.fixture
def before(broker: Mosquitto) -> Settings:
    return Settings(device=DeviceSettings(id="hall"), mqtt=MqttSettings(port=broker.port))


def renamed(before: Settings, **change: str) -> Settings:
    """The settings with another ``id``, ``root`` or ``prefix``."""
    return replace(
        before,
        device=replace(before.device, id=change.get("id", before.device.id)),
        mqtt=replace(before.mqtt, topic=change.get("root", before.mqtt.topic)),
        homeassistant=replace(before.homeassistant, prefix=change.get("prefix", before.homeassistant.prefix)),
    )


OTHERS = {"posenet/kitchen/state": b"{}", "homeassistant/sensor/kitchen/people/config": b"{}", "lamp/hall/state": b"on"}


@pytest.mark.parametrize("mode", ["device", "entities"])
@pytest.mark.parametrize(
    "change", [{"id": "door"}, {"root": "house"}, {"prefix": "ha"}, {"id": "door", "root": "house", "prefix": "ha"}]
)
def test_nothing_stands_under_a_former_name_any_more(
    broker: Mosquitto,
    before: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    change: dict[str, str],
    mode: str,
) -> None:
    before = replace(before, homeassistant=HomeAssistantSettings(discovery=mode))
    for topic, payload in OTHERS.items():
        say(broker, topic, payload.decode())
    with running(before, tmp_path):
        pass
    then = retained(broker.port)
    after = renamed(before, **change)
    with caplog.at_level("INFO"), running(after, tmp_path) as sensor:
        look(sensor)
        now = retained(broker.port)
        assert sensor.noted() == [Names.of(after)]
    with running(after, tmp_path / "nowhere"):
        assert now == retained(broker.port), "all that the sensor says now, and what others said"
    assert OTHERS.items() <= now.items()
    assert len(now) == len(then)
    (line,) = [each.message for each in caplog.records if "former names" in each.message]
    assert line.startswith("former names posenet/hall and homeassistant/+/hall: ")


@pytest.mark.parametrize("root", ["posenet", "house"])
def test_a_sensor_whose_names_are_the_same_takes_nothing_back(
    broker: Mosquitto, before: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    with running(before, tmp_path):
        pass
    monkeypatch.setattr(former_names, "Visit", None)
    with running(before, tmp_path) as sensor:
        for _ in range(5):
            sensor.now += LISTENS
            sensor.turn()
        assert sensor.noted() == [Names.of(before)]


def test_another_living_sensor_that_has_the_name_now_is_left_alone(
    broker: Mosquitto, before: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(before, tmp_path / "ours"):
        pass
    with running(before, tmp_path / "others"):
        then = retained(broker.port)
        with caplog.at_level("INFO"), running(renamed(before, id="door"), tmp_path / "ours") as ours:
            look(ours)
            assert retained(broker.port).items() >= then.items()
    assert (
        "former name posenet/hall: left alone, another sensor has it now; if there is none: posenet-edge "
        in caplog.text
    )


@pytest.mark.parametrize("says", [{"availability": "online"}, {"health": "{}"}])
def test_one_that_says_only_later_that_it_lives_is_left_alone(
    broker: Mosquitto, before: Settings, tmp_path: Path, says: dict[str, str]
) -> None:
    """Of two sensors with one id, the one that gets another says ``offline`` for both at its end."""
    with running(before, tmp_path):
        pass
    then = retained(broker.port)
    with running(renamed(before, id="door"), tmp_path) as sensor:
        visit = sensor.former.visit
        assert visit
        wait_until(lambda: sensor.turn() and visit.retained.heard(LISTENS))
        sensor.now = LISTENS - 1
        for name, payload in says.items():
            say(broker, f"posenet/hall/{name}", payload)
        wait_until(lambda: sensor.turn() and visit.retained.said)
        look(sensor)
    left = retained(broker.port)
    assert then.keys() <= left.keys()


def test_what_its_last_will_says_only_later_is_taken_back_too(
    broker: Mosquitto, before: Settings, tmp_path: Path
) -> None:
    """After a power cut the broker notices the end of the former connection late."""
    with running(before, tmp_path):
        pass
    say(broker, "posenet/hall/availability", "online")
    with running(renamed(before, id="door"), tmp_path) as sensor:
        visit = sensor.former.visit
        assert visit
        wait_until(lambda: sensor.turn() and visit.retained.heard(LISTENS))
        say(broker, "posenet/hall/availability", "offline")
        wait_until(lambda: sensor.turn() and visit.retained.said)
        look(sensor)
        assert not [topic for topic in retained(broker.port) if "hall" in topic]


ESPHOME = {"name": "Temperature", "dev": {"ids": "a0b1c2d3e4f5", "name": "Hallway"}}
OF_ANOTHER_HOUSE = {
    "origin": {"name": "posenet-edge"},
    "device": {"identifiers": ["posenet_edge_hall"]},
    "availability": [{"topic": "garden/hall/availability"}],
}

BY_HAND = {
    "name": "Hall",
    "availability": [{"topic": "posenet/hall/availability"}],
    "device": OF_ANOTHER_HOUSE["device"],
}


@pytest.mark.parametrize(
    "foreign", [ESPHOME, OF_ANOTHER_HOUSE, BY_HAND], ids=["another device", "a sensor of another root", "made by hand"]
)
@pytest.mark.parametrize("topic", ["homeassistant/sensor/hall/temperature/config", "homeassistant/device/hall/config"])
def test_what_others_announced_under_a_former_name_stays(
    broker: Mosquitto, before: Settings, tmp_path: Path, topic: str, foreign: dict[str, Any]
) -> None:
    with running(replace(before, homeassistant=HomeAssistantSettings(discovery="entities")), tmp_path):
        pass
    say(broker, topic, foreign)
    with running(renamed(before, id="door"), tmp_path) as sensor:
        look(sensor)
        left = {each: payload for each, payload in retained(broker.port).items() if "/hall/" in each}
    assert {each: json.loads(payload) for each, payload in left.items()} == {topic: foreign}


def test_with_discovery_off_nothing_is_read_there(broker: Mosquitto, before: Settings, tmp_path: Path) -> None:
    with running(before, tmp_path):
        pass
    after = replace(renamed(before, id="door"), homeassistant=HomeAssistantSettings(discovery="off"))
    with Subscriber(broker.port, "homeassistant/#") as subscriber, running(after, tmp_path) as sensor:
        look(sensor)
        assert [message.topic for message in subscriber.messages] == ["homeassistant/device/hall/config"]
    assert not [topic for topic in retained(broker.port) if topic.startswith("posenet/hall/")]


def test_at_another_broker_nothing_is_taken_back_and_that_is_said(
    broker: Mosquitto, before: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(before, tmp_path):
        pass
    then = retained(broker.port)
    after = renamed(before, id="door")
    elsewhere = replace(after, mqtt=replace(after.mqtt, host="localhost"))
    with caplog.at_level("INFO"), running(elsewhere, tmp_path) as sensor:
        assert sensor.noted() == [Names.of(elsewhere)]
        assert retained(broker.port).items() >= then.items()
    assert (
        "what it retains under posenet/hall stays there until posenet-edge forget --set mqtt.host=127.0.0.1"
        in caplog.text
    )


def test_what_a_start_could_not_finish_the_next_one_does(broker: Mosquitto, before: Settings, tmp_path: Path) -> None:
    with running(before, tmp_path):
        pass
    with running(renamed(before, id="door"), tmp_path) as sensor:
        assert [each.identity for each in sensor.noted()] == ["hall", "door"]
    with running(renamed(before, id="gate"), tmp_path) as sensor:
        assert [each.identity for each in sensor.noted()] == ["hall", "door", "gate"]
        look(sensor)
        left = retained(broker.port)
    assert not [topic for topic in left if "hall" in topic or "door" in topic]
    assert f"posenet/gate/{RETAINED[0]}" in left


def test_a_broker_that_does_not_hand_it_out_is_asked_again_at_the_next_start(
    broker_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = broker_folder / "rules"
    rules.write_text("topic write #\n")
    with Mosquitto("allow_anonymous true", f"acl_file {rules}") as strict:
        before = Settings(
            device=DeviceSettings(id="hall"),
            mqtt=MqttSettings(port=strict.port),
            homeassistant=HomeAssistantSettings(discovery="off"),
        )
        with running(before, tmp_path):
            pass
        with running(renamed(before, id="door"), tmp_path) as sensor:

            def turn() -> bool:
                sensor.now += LISTENS
                return sensor.turn() and "tried again at the next start" in caplog.text

            wait_until(turn)
            assert [each.identity for each in sensor.noted()] == ["hall", "door"]
            assert sensor.former.visit is None


def test_a_copied_card_takes_nothing_from_the_sensor_that_it_was_copied_from(
    broker: Mosquitto, before: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(before, tmp_path):
        pass
    then = retained(broker.port)
    monkeypatch.setattr(former_names, "machine_digits", lambda: "beef")
    with running(renamed(before, id="door"), tmp_path) as sensor:
        assert [each.identity for each in sensor.noted()] == ["door"]
        assert retained(broker.port).items() >= then.items()


NAMES = st.builds(Names, *[st.text(st.characters(categories=["L", "N", "P"], exclude_characters="+#"), min_size=1)] * 4)
JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["machine", "names", "x"]), inner),
)


@given(st.lists(NAMES, max_size=8))
def test_a_note_is_read_as_it_was_written(names: list[Names]) -> None:
    note = {"machine": former_names.machine_digits(), "names": names}
    assert read_note(json.dumps(note).encode()) == names


@given(st.one_of(st.none(), st.binary(), JSON.map(lambda value: json.dumps(value).encode())), JSON)
def test_a_damaged_note_has_only_names_that_can_be_used(content: bytes | None, names: Any) -> None:
    assert read_note(content) == []
    note = json.dumps({"machine": former_names.machine_digits(), "names": names})
    for each in read_note(note.encode()):
        json.dumps(each, ensure_ascii=False).encode()
        assert not {"+", "#", "\0"} & set("".join(each))
