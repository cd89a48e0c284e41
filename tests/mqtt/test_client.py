"""A client as the tools use it: connected or refused at once, and connected again later."""

import os
import socket
import threading

import pytest

from edge.config.settings import MqttSettings
from edge.errors import BrokerUnavailable
from edge.mqtt.client import Client, Message, unique_client_id
from edge.runtime.backoff import Backoff
from edge.tools.mosquitto import Mosquitto
from tests.support.subscriber import Subscriber, wait_until


def client_of(port: int, **settings: str) -> Client:
    return Client(MqttSettings(port=port, **settings), unique_client_id("test"), Backoff(0.02, 0.02))  # type: ignore[arg-type]


def refusal(client: Client) -> BrokerUnavailable:
    """Why it cannot connect; the client may be used no more."""
    with pytest.raises(BrokerUnavailable) as caught, client:
        pass
    assert caught.value.exit_code == os.EX_UNAVAILABLE
    return caught.value


def test_a_broker_that_is_away_is_an_error_that_names_it() -> None:
    error = refusal(client_of(9))
    assert str(error) == "broker 127.0.0.1:9: not reachable (Connection refused); check mqtt.host and mqtt.port"


def test_a_broker_that_wants_a_password_is_an_error_that_names_the_settings() -> None:
    with Mosquitto("allow_anonymous false") as strict:
        error = refusal(client_of(strict.port))
    assert "Not authorized" in error.found
    assert error.remedy == "check mqtt.username and mqtt.password_file"


@pytest.mark.parametrize(("protocol", "tries"), [("auto", 2), ("5", 1), ("3.1.1", 1)])
def test_who_hangs_up_is_asked_in_each_allowed_protocol(protocol: str, tries: int) -> None:
    asked = list[bytes]()

    def hang_up(server: socket.socket) -> None:
        for _ in range(tries):
            with server.accept()[0] as connection:
                asked.append(connection.recv(100)[8:9])

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=hang_up, args=[server], daemon=True)
        thread.start()
        error = refusal(client_of(server.getsockname()[1], protocol=protocol))
        thread.join(20)
    assert error.found == "hung up without an answer"
    assert [int.from_bytes(level) for level in asked] == {"auto": [5, 4], "5": [5], "3.1.1": [4]}[protocol]


def test_messages_are_handed_over_by_dispatch_also_after_a_restart_of_the_broker(broker: Mosquitto) -> None:
    heard = list[Message]()
    with client_of(broker.port) as ours:
        ours.subscribe("posenet/#", heard.append)
        assert ours.subscriptions_granted()
        assert ours.publish_to("posenet/hall/poses", b"one")
        wait_until(lambda: ours.dispatch(0.1) or heard)
        broker.stop()
        wait_until(lambda: not ours.publish_to("posenet/hall/poses", b"lost"))
        broker.start()
        wait_until(lambda: ours.publish_to("posenet/hall/poses", b"two"))
        wait_until(lambda: ours.dispatch(0.1) or heard[-1].payload == b"two")
    assert not ours.connected


@pytest.mark.parametrize(("reason", "granted"), [(1, True), (0x87, False)])
def test_a_refused_subscription_is_noticed(reason: int, granted: bool) -> None:
    """Mosquitto with an access list grants all and delivers nothing, so it cannot show this."""

    def answer(server: socket.socket) -> None:
        with server.accept()[0] as connection:
            connection.recv(1000)
            connection.sendall(bytes((0x20, 3, 0, 0, 0)))  # CONNACK: accepted
            packet = connection.recv(1000)
            connection.sendall(bytes((0x90, 4, *packet[2:4], 0, reason)))  # SUBACK
            connection.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=[server], daemon=True)
        thread.start()
        ours = client_of(server.getsockname()[1], protocol="5")
        ours.subscribe("posenet/#", lambda _: None)
        with ours:
            assert ours.subscriptions_granted() is granted
        thread.join(20)


def test_a_retained_message_is_taken_away_or_the_broker_does_not_answer(broker: Mosquitto) -> None:
    with Subscriber(broker.port) as subscriber, client_of(broker.port) as ours:
        ours.clear_retained("posenet/hall/state")
        wait_until(lambda: subscriber.on("state") == [b""])
        broker.stop()
        with pytest.raises(BrokerUnavailable, match="does not answer"):
            ours.clear_retained("posenet/hall/state")


def test_two_clients_of_one_tool_differ() -> None:
    assert unique_client_id("view") != unique_client_id("view")
