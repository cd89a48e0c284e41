"""Several brokers: the first that accepts is used, and a preferred one that comes back is returned to."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from edge.config.settings import MqttSettings
from edge.errors import BrokerUnavailable
from edge.mqtt.client import Client, unique_client_id
from edge.mqtt.publisher import Publisher
from edge.tools.mosquitto import Mosquitto
from tests.support.hasty import Hasty
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

TOPIC = "posenet/hall"


@pytest.fixture
def second() -> Iterator[Mosquitto]:
    with Mosquitto() as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.mqtt.client._LOOK_S", (0.1, 0.1))


def of(first: int, *others: int) -> MqttSettings:
    return MqttSettings(port=first, fallbacks=", ".join(f"127.0.0.1:{port}" for port in others))


@contextmanager
def publishing(settings: MqttSettings) -> Iterator[Publisher]:
    ours = Publisher(settings, TOPIC, "posenet-edge-hall", 1, Hasty())
    ours.publish_retained("health", b"well")
    ours.start()
    try:
        yield ours
    finally:
        ours.stop()


def test_the_first_that_can_be_reached_is_used(broker: Mosquitto, second: Mosquitto) -> None:
    with (
        Subscriber(broker.port) as preferred,
        Subscriber(second.port) as other,
        publishing(of(9, broker.port, second.port)),
    ):
        wait_until(lambda: preferred.on("health") == [b"well"])
    wait_until(lambda: preferred.on("availability") == [b"online", b"offline"])
    assert not other.messages


def test_one_that_is_lost_is_left_for_the_next_and_returned_to(broker: Mosquitto, second: Mosquitto) -> None:
    with Subscriber(second.port) as other, publishing(of(broker.port, second.port)) as ours:
        wait_until(lambda: ours.connected)
        assert not other.messages
        broker.stop()
        wait_until(lambda: other.on("health") == [b"well"])
        assert other.on("availability") == [b"online"]
        broker.start()
        with Subscriber(broker.port) as preferred:
            wait_until(lambda: preferred.on("health"))
            # Who listens at the other one is told that nothing more comes there.
            wait_until(lambda: other.on("availability") == [b"online", b"offline"])
            assert ours.publish_acknowledged("event/left", b"{}")
            wait_until(lambda: preferred.on("left"))
        assert ours.address.endswith(str(broker.port))
    assert not other.on("left")


def test_a_preferred_one_that_refuses_the_sensor_is_not_returned_to(second: Mosquitto) -> None:
    with Mosquitto("allow_anonymous false") as closed, Subscriber(second.port) as other:
        ours = Publisher(of(closed.port, second.port), TOPIC, "posenet-edge-hall", 1, Hasty())
        looks = ours._preferred = Hasty()
        ours.start()
        wait_until(lambda: looks.tries > 3)
        assert other.on("availability") == [b"online"]
        ours.stop()


def test_an_event_that_was_not_acknowledged_is_said_at_the_next(broker: Mosquitto, second: Mosquitto) -> None:
    with publishing(of(broker.port, second.port)) as ours:
        wait_until(lambda: ours.connected)
        broker.stop()
        wait_until(lambda: ours.address.endswith(str(second.port)) and ours.connected)
        receipt = ours.publish_acknowledged("event/left", b"{}")
        assert receipt
        wait_until(lambda: receipt.answer == "acknowledged")


def test_a_tool_uses_the_next_too_and_names_the_preferred_one_where_there_is_none(second: Mosquitto) -> None:
    with Client(of(9, second.port), unique_client_id("test")) as ours:
        assert ours.connected
    with pytest.raises(BrokerUnavailable, match=r"broker 127\.0\.0\.1:9: not reachable"):
        Client(of(9, 10), unique_client_id("test")).connect()
