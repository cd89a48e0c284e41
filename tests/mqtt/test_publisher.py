"""The connection to a real broker: birth, last will, refusals, absence, both protocol versions, encryption."""

import contextlib
import logging
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.config.settings import MqttSettings
from edge.errors import BadSetting
from edge.mqtt.credentials import make_tls
from edge.mqtt.publisher import PackedOnce, Publisher
from edge.runtime.backoff import Backoff
from edge.tools.mosquitto import Mosquitto, listens
from tests.support.authority import Authority
from tests.support.hasty import Hasty
from tests.support.subscriber import MQTTProtocolVersion, Subscriber, wait_until

TOPIC = "posenet/hall"


@contextmanager
def connection(settings: MqttSettings, backoff: Backoff | None = None) -> Iterator[Publisher]:
    broker = Publisher(settings, TOPIC, "posenet-edge-hall", 1, backoff or Hasty())
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def read_unanswered(client: socket.socket) -> list[bytes]:
    """Read message ids of QoS 1 until nothing more comes."""
    data = b""
    client.settimeout(0.3)
    with contextlib.suppress(TimeoutError):
        while more := client.recv(65536):
            data += more
    ids = []
    while data:
        used = 1
        while data[used] > 127:
            used += 1
        length = sum((byte & 127) << 7 * place for place, byte in enumerate(data[1 : used + 1]))
        used += 1
        packet, data = data[: used + length], data[used + length :]
        if packet[0] >> 4 == 3 and packet[0] & 6:
            topic = int.from_bytes(packet[used : used + 2])
            ids.append(packet[used + 2 + topic :][:2])
    return ids


def test_no_more_wait_for_an_answer_than_the_broker_allows() -> None:
    """A broker may end the connection of a client that exceeds its Receive Maximum, here 2; mosquitto does not."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        connection(MqttSettings(port=server.getsockname()[1])) as ours,
    ):
        client, _ = server.accept()
        with client:
            client.recv(4096)
            client.sendall(bytes((0x20, 6, 0, 0, 3, 0x21, 0, 2)))
            wait_until(lambda: ours.connected, what="connected")
            receipts = [ours.publish_acknowledged("event/x", b"{}") for _ in range(5)]
            waiting = read_unanswered(client)
            while waiting:
                assert len(waiting) <= 2
                client.sendall(b"\x40\x02" + waiting.pop(0))
                waiting += read_unanswered(client)
            assert [receipt and receipt.answer for receipt in receipts] == ["acknowledged"] * 5


def test_an_event_that_the_broker_takes_again_ends_its_refusal() -> None:
    """Else the sensor would be called refused until its connection ends."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        connection(MqttSettings(port=server.getsockname()[1])) as ours,
    ):
        client, _ = server.accept()
        with client:
            client.recv(4096)
            client.sendall(bytes((0x20, 3, 0, 0, 0)))
            wait_until(lambda: ours.connected, what="connected")
            read_unanswered(client)
            for reason, refusal in ((0x87, "Not authorized"), (0, "")):
                ours.publish_acknowledged("event/left", b"{}")
                (event,) = read_unanswered(client)
                client.sendall(b"\x40\x03" + event + bytes((reason,)))
                wait_until(lambda refusal=refusal: ours.refusal == refusal, what="answered")


def send_until_it_leaves(broker: Publisher, payload: bytes = b"{}") -> None:
    wait_until(lambda: broker.publish("poses", payload), what="connected")


def test_birth_messages_and_farewell(broker: Mosquitto) -> None:
    with Subscriber(broker.port) as subscriber:
        with connection(MqttSettings(port=broker.port)) as ours:
            ours.publish_retained("health", b"well")
            send_until_it_leaves(ours, b"a pose")
            wait_until(lambda: subscriber.on("poses"))
        wait_until(lambda: len(subscriber.on("availability")) == 2)
        assert subscriber.on("availability") == [b"online", b"offline"]
        assert subscriber.on("health")[-1] == b"well"
        assert {message.topic for message in subscriber.messages} == {
            f"{TOPIC}/{name}" for name in ("availability", "health", "poses")
        }
    with Subscriber(broker.port) as late:
        wait_until(lambda: late.on("health"))
        retained = {message.topic: bytes(message.payload) for message in late.messages if message.retain}
        assert retained == {f"{TOPIC}/availability": b"offline", f"{TOPIC}/health": b"well"}


def test_each_message_says_its_schema_and_when_it_expires(broker: Mosquitto) -> None:
    """The second of a kind like the first, though its properties are not made anew."""
    with Subscriber(broker.port) as subscriber, connection(MqttSettings(port=broker.port)) as ours:
        send_until_it_leaves(ours)
        for _ in range(2):
            ours.publish_acknowledged("event/fallen", b"{}", expires=60)
            ours.publish_acknowledged("event/fallen", b"{}")
            ours.publish_retained("health", b"{}")
        wait_until(lambda: len(subscriber.on("health")) == 2)

        def said(name: str) -> list[tuple[str, list[tuple[str, str]], bool]]:
            found = [message.properties for message in subscriber.messages if message.topic.endswith(name)]
            assert all(found)
            return [
                (each.ContentType, each.UserProperty, hasattr(each, "MessageExpiryInterval")) for each in found if each
            ]

        assert (
            said("event/fallen") == [("application/json", [("schema", "event/1")], expires) for expires in (1, 0)] * 2
        )
        assert said("health") == [("application/json", [("schema", "health/1")], False)] * 2


@pytest.mark.parametrize("expires", [0, 1, 60])
def test_what_is_packed_once_is_packed_as_paho_does(expires: int) -> None:
    once, plain = PackedOnce(PacketTypes.PUBLISH), Properties(PacketTypes.PUBLISH)
    for each in (once, plain):
        each.ContentType = "application/json"
        each.UserProperty = ("schema", "poses/1")
        if expires:
            each.MessageExpiryInterval = expires
    assert once.pack() == once.pack() == plain.pack()


def test_poses_that_cannot_leave_are_dropped_and_counted() -> None:
    with connection(MqttSettings(port=9)) as ours:
        assert not ours.publish("poses", b"old")
        assert (ours.messages_sent, ours.messages_dropped) == (0, 1)


def test_a_restarted_broker_hears_everything_again(broker: Mosquitto) -> None:
    with connection(MqttSettings(port=broker.port)) as ours:
        ours.publish_retained("health", b"well")
        send_until_it_leaves(ours)
        broker.stop()
        wait_until(lambda: not ours.publish("poses", b"{}"), what="noticed")
        ours.publish_retained("health", b"better")
        broker.start()
        with Subscriber(broker.port) as subscriber:
            wait_until(lambda: subscriber.on("availability") == [b"online"])
            wait_until(lambda: subscriber.on("health") == [b"better"])


def test_a_broker_that_is_away_at_the_start_is_found_later() -> None:
    with Mosquitto() as late:
        late.stop()
        with connection(MqttSettings(port=late.port)) as ours:
            assert not ours.publish("poses", b"{}")
            late.start()
            send_until_it_leaves(ours)


ENDED_BY_FORCE = """
import sys, time
from edge.config.settings import MqttSettings
from edge.mqtt.publisher import PackedOnce, Publisher
ours = Publisher(MqttSettings(port=int(sys.argv[1])), "posenet/hall", "posenet-edge-hall", 1)
ours.start()
while not ours.publish("poses", b"{}"):
    time.sleep(0.01)
sys.stdin.read()
"""


def test_the_last_will_says_offline(broker: Mosquitto) -> None:
    """The connection ends without a farewell."""
    with Subscriber(broker.port) as subscriber:
        command = [sys.executable, "-c", ENDED_BY_FORCE, str(broker.port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            wait_until(lambda: subscriber.on("poses"))
            assert subscriber.on("availability") == [b"online"]
            process.kill()
        wait_until(lambda: subscriber.on("availability") == [b"online", b"offline"])


OUTLIVED_BY_ITS_BROKER = """
import sys, time
from edge.config.settings import MqttSettings
from edge.mqtt.publisher import Publisher
ours = Publisher(MqttSettings(port=int(sys.argv[1])), "posenet/hall", "posenet-edge-hall", 1)
for name, payload in (("state", b"somebody has fallen"), ("availability", b"online")):
    ours.publish_retained(name, payload, 2)
ours.publish_retained("places", b"where the sofa is")
ours.start()
while not ours.publish("poses", b"{}"):
    time.sleep(0.01)
sys.stdin.read()
"""


def test_a_claim_ends_although_sensor_and_broker_were_killed(broker_folder: Path) -> None:
    """No last will takes it back then, and the broker has it on its disk."""
    broker_folder.chmod(0o777)
    saved = ("persistence true", f"persistence_location {broker_folder}/", "autosave_on_changes true")
    with Mosquitto("allow_anonymous true", *saved, "autosave_interval 1") as lasting:

        def kept() -> set[str]:
            with Subscriber(lasting.port) as subscriber:
                wait_until(lambda: subscriber.on("places"))
                return {message.topic.removeprefix(f"{TOPIC}/") for message in subscriber.messages}

        command = [sys.executable, "-c", OUTLIVED_BY_ITS_BROKER, str(lasting.port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            wait_until(lambda: kept() == {"state", "availability", "places"})
            lasting.signal(signal.SIGKILL)
            process.kill()
        lasting.stop()
        lasting.start()
        wait_until(lambda: kept() == {"places"})


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


def password_file(folder: Path) -> Path:
    path = folder / "password"
    path.write_text("hunter2\n")
    path.chmod(0o600)
    return path


def test_a_refused_password_is_said_once_and_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hasty = Hasty()
    with (
        Mosquitto("allow_anonymous false") as strict,
        connection(
            MqttSettings(port=strict.port, username="sensor", password_file=password_file(tmp_path)), hasty
        ) as ours,
    ):
        wait_until(lambda: hasty.tries > 5)
        assert not ours.publish("poses", b"{}")
    said = warnings(caplog)
    assert len(said) == 1
    assert "Not authorized" in said[0]
    assert "mqtt.password_file" in said[0]
    assert "hunter2" not in said[0]


def test_the_right_password_is_taken(broker_folder: Path, tmp_path: Path) -> None:
    # mosquitto 2 still reads plain passwords from this option's file when mosquitto_passwd -U has hashed them.
    passwords = broker_folder / "passwords"
    passwords.write_text("sensor:hunter2\n")
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    passwords.chmod(0o644)
    with (
        Mosquitto("allow_anonymous false", f"password_file {passwords}") as strict,
        connection(MqttSettings(port=strict.port, username="sensor", password_file=password_file(tmp_path))) as ours,
    ):
        send_until_it_leaves(ours)


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_renewed_password_and_authority_are_taken_without_a_restart(broker_folder: Path, tmp_path: Path) -> None:
    passwords, ours_file, ca = broker_folder / "passwords", password_file(tmp_path), tmp_path / "ca.pem"
    ours_file.write_text("the former one\n")
    passwords.write_text("sensor:hunter2\n")
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    passwords.chmod(0o644)
    former, authority = broker_folder / "former", Authority(broker_folder)
    former.mkdir()
    shutil.copy(Authority(former).ca, ca)
    certificate, key = authority.issue("127.0.0.1")
    lines = ("allow_anonymous false", f"password_file {passwords}", f"certfile {certificate}", f"keyfile {key}")
    hasty = Hasty()
    with Mosquitto(*lines) as strict:
        settings = MqttSettings(port=strict.port, username="sensor", password_file=ours_file, tls=True, ca_file=ca)
        with connection(settings, hasty) as ours:
            wait_until(lambda: hasty.tries > 2)
            shutil.copy(authority.ca, ca)
            ours_file.unlink()
            tries = hasty.tries
            wait_until(lambda: hasty.tries > tries + 2)
            assert not ours.connected
            password_file(tmp_path)
            send_until_it_leaves(ours)


def test_a_broker_that_takes_nothing_is_said(broker_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    rules = broker_folder / "rules"
    rules.write_text(f"topic write {TOPIC}/availability\n")
    with (
        Mosquitto("allow_anonymous true", f"acl_file {rules}") as strict,
        connection(MqttSettings(port=strict.port)) as ours,
    ):
        send_until_it_leaves(ours)
        assert not ours.refusal
        ours.publish_retained("health", b"well")
        wait_until(lambda: ours.refusal)
        for _ in range(20):
            ours.publish("poses", b"{}")
        assert ours.refusal, "poses are not answered, so they prove nothing"
    assert [message for message in warnings(caplog) if "Not authorized" in message and f"{TOPIC}/#" in message]


def test_an_absent_broker_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    hasty = Hasty()
    with connection(MqttSettings(port=9), backoff=hasty):
        wait_until(lambda: hasty.tries > 10)
    assert warnings(caplog) == [
        "broker 127.0.0.1:9: not reachable (Connection refused); check mqtt.host and mqtt.port; "
        "sensing goes on, trying again"
    ]


def test_an_unknown_name_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    hasty = Hasty()
    with connection(MqttSettings(host="nowhere.invalid"), backoff=hasty):
        wait_until(lambda: hasty.tries > 2, 60)
    assert "not reachable" in warnings(caplog)[0]


def test_a_flapping_broker_is_not_said_each_time(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with connection(MqttSettings(port=broker.port)) as ours:
        for _ in range(4):
            send_until_it_leaves(ours)
            broker.stop()
            wait_until(lambda: not ours.publish("poses", b"{}"))
            broker.start()
        send_until_it_leaves(ours)
    messages = [record.message for record in caplog.records]
    ends = [message for message in messages if "connected to" in message]
    begins = [message for message in messages if message not in ends]
    assert len(begins) == len(set(begins))
    assert len(ends) <= 1 + len(begins)


def test_the_last_word_of_the_log_is_true(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    """A connection is lost and found, as it was said a moment ago that another one was."""
    caplog.set_level(logging.INFO)
    with connection(MqttSettings(port=broker.port)) as ours:
        for _ in range(2):
            send_until_it_leaves(ours)
            broker.stop()
            wait_until(lambda: [each for each in caplog.records if "not reachable" in each.message])
            broker.start()
        wait_until(lambda: ours.connected)
        wait_until(lambda: caplog.records[-1].message == f"connected to broker {ours.address} (MQTT 5)")


def test_what_somebody_else_takes_away_or_overwrites_is_said_again(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.mqtt.publisher._SAY_AGAIN_S", 0.05)
    with Subscriber(broker.port) as other, connection(MqttSettings(port=broker.port)) as ours:
        ours.publish_retained("state", b"{}")
        for name, mine in (("availability", b"online"), ("state", b"{}")):
            for foreign in (b"", b"offline"):
                wait_until(lambda: other.on(name)[-1:] == [mine])  # noqa: B023
                other.publish(f"{TOPIC}/{name}", foreign)
                wait_until(lambda: other.on(name)[-2:] == [foreign, mine] or ours.dispatch())  # noqa: B023


def test_two_that_contradict_each_other_do_not_answer_without_end(broker: Mosquitto) -> None:
    """As at two brokers with a bridge between them, which throw nobody out."""
    with Subscriber(broker.port) as subscriber, connection(MqttSettings(port=broker.port)) as ours:
        twin = Publisher(MqttSettings(port=broker.port), TOPIC, "another", 1, Hasty())
        twin.start()
        both = (ours, twin)
        wait_until(lambda: all(each.connected for each in both))
        for each, payload in zip(both, (b"1", b"2"), strict=True):
            each.publish_retained("state", payload)
        for number in range(50):
            subscriber.publish("posenet/mark", str(number))
            wait_until(lambda: len(subscriber.on("mark")) > number)  # noqa: B023
            for each in both:
                each.dispatch()
        assert len(subscriber.on("state")) <= 4
        twin.stop()


BROKER_SAYS = {
    "max_packet_size 1000": (f"{TOPIC}/health has 2000 bytes, and the broker takes 1000", "max_packet_size"),
    "message_size_limit 1000": (
        f"{TOPIC}/health has 2000 bytes, and the broker takes less than 2000",
        "message_size_limit",
    ),
}


@pytest.mark.parametrize("limit", BROKER_SAYS)
def test_what_is_too_large_for_the_broker_is_named_and_all_else_goes_on(
    caplog: pytest.LogCaptureFixture, limit: str
) -> None:
    found, remedy = BROKER_SAYS[limit]
    caplog.set_level(logging.INFO)
    with Mosquitto("allow_anonymous true", limit) as small, Subscriber(small.port) as subscriber:
        with connection(MqttSettings(port=small.port)) as ours:
            send_until_it_leaves(ours)
            ours.publish_retained("health", b"x" * 2000)
            wait_until(lambda: ours.refusal == found)
            ours.publish_retained("state", b"{}")
            wait_until(lambda: subscriber.on("state"))
            assert ours.refusal == found, "that another one is taken proves nothing"
            ours.publish_retained("health", b"{}")
            wait_until(lambda: not ours.refusal)
            wait_until(lambda: subscriber.on("health") == [b"{}"])
            (said,) = [message for message in warnings(caplog) if found in message]
            assert remedy in said
            assert caplog.records[-1].message.endswith("takes what is published")
        # mosquitto's answer to what is above message_size_limit is none, so that one is tried once.
        assert subscriber.on("availability").count(b"offline") == 1 + ("message_size" in limit)


def test_poses_that_are_too_large_are_named_once(caplog: pytest.LogCaptureFixture) -> None:
    with (
        Mosquitto("allow_anonymous true", "max_packet_size 1000") as small,
        connection(MqttSettings(port=small.port)) as ours,
    ):
        send_until_it_leaves(ours)
        before = ours.messages_dropped
        for size in range(2000, 2020):
            assert not ours.publish("poses", b"x" * size)
            assert ours.publish("poses", b"x")
        assert ours.messages_dropped == before + 20
        assert ours.messages_sent == 21
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize(("limit", "qos"), [("retain_available false", 1), ("max_qos 0", 0)])
def test_what_the_broker_cannot_do_is_not_asked_of_it(limit: str, qos: int) -> None:
    with Mosquitto("allow_anonymous true", limit) as plain, Subscriber(plain.port) as subscriber:
        with connection(MqttSettings(port=plain.port)) as ours:
            ours.publish_retained("health", b"well")
            send_until_it_leaves(ours)
            assert ours.publish_acknowledged("event/left", b"{}")
            wait_until(lambda: subscriber.on("event/left") and subscriber.on("health"))
        wait_until(lambda: subscriber.on("availability") == [b"online", b"offline"])
        assert {message.qos for message in subscriber.messages if message.topic.endswith("left")} == {qos}


def disconnects(reason: int, words: str) -> Callable[[socket.socket], None]:
    """A broker that accepts, and then hangs up for a reason that it gives."""

    def talk(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                with server.accept()[0] as connection:
                    connection.recv(1000)
                    connection.sendall(bytes((0x20, 3, 0, 0, 0)))
                    spoken = words.encode()
                    properties = bytes((0x1F, 0, len(spoken))) + spoken
                    connection.sendall(bytes((0xE0, 2 + len(properties), reason, len(properties))) + properties)
                    connection.recv(1000)

    return talk


def test_why_the_broker_hangs_up_is_said_in_its_words(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        talk = disconnects(0x97, "only ten\na day")
        thread = threading.Thread(target=talk, args=[server], daemon=True)
        thread.start()
        hasty = Hasty()
        with connection(MqttSettings(port=server.getsockname()[1], protocol="5"), hasty) as ours:
            wait_until(lambda: hasty.tries > 2)
            assert ours.trouble == "hung up: Quota exceeded (only tena day)"
        server.shutdown(socket.SHUT_RDWR)
    assert [message for message in warnings(caplog) if "hung up: Quota exceeded (only tena day)" in message]


@contextmanager
def only_3_1_1() -> Iterator[int]:
    """The port of a broker that knows no MQTT 5."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).parent.parent / "support/old_broker.py"
    process = subprocess.Popen([sys.executable, str(script), str(port)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port))
        yield port
    finally:
        process.kill()
        process.wait()


def test_auto_falls_back_to_3_1_1(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.mqtt.connection.ANSWER_WITHIN_S", 0.5)  # this broker answers MQTT 5 with silence
    caplog.set_level(logging.INFO)
    with only_3_1_1() as port, connection(MqttSettings(port=port)) as ours:
        send_until_it_leaves(ours)
        wait_until(lambda: any("(MQTT 3.1.1)" in record.message for record in caplog.records))


def test_5_alone_never_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.mqtt.connection.ANSWER_WITHIN_S", 0.2)
    hasty = Hasty()
    with only_3_1_1() as port, connection(MqttSettings(port=port, protocol="5"), backoff=hasty) as ours:
        wait_until(lambda: hasty.tries > 3)
        assert not ours.publish("poses", b"{}")


def test_auto_prefers_5(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with connection(MqttSettings(port=broker.port)) as ours:
        send_until_it_leaves(ours)
    assert any("(MQTT 5)" in record.message for record in caplog.records)


def test_a_subscriber_of_the_old_protocol_hears_the_same(broker: Mosquitto) -> None:
    with (
        Subscriber(broker.port, protocol=MQTTProtocolVersion.MQTTv311) as subscriber,
        connection(MqttSettings(port=broker.port)) as ours,
    ):
        send_until_it_leaves(ours, b"a pose")
        wait_until(lambda: subscriber.on("poses") == [b"a pose"])


def test_a_port_that_takes_connections_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.mqtt.connection.ANSWER_WITHIN_S", 0.2)
    hasty = Hasty()
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        connection(MqttSettings(port=mute.getsockname()[1]), backoff=hasty) as ours,
    ):
        wait_until(lambda: hasty.tries > 2)
        assert not ours.publish("poses", b"{}")


def test_a_network_that_takes_nothing_more_costs_poses_and_no_memory(broker: Mosquitto) -> None:
    """The broker is stopped by a signal: the connection stands and nothing is read from it."""
    with connection(MqttSettings(port=broker.port)) as ours:
        send_until_it_leaves(ours)
        broker.signal(signal.SIGSTOP)
        try:
            for _ in range(2000):
                ours.publish("poses", b"x" * 20_000)
            assert ours.messages_dropped > 0
            assert not ours.has_room
            assert ours.messages_sent < 1000, "they wait in this process, beyond what the kernel takes"
        finally:
            broker.signal(signal.SIGCONT)
        wait_until(lambda: ours.publish("poses", b"{}"), what="going on")


def peer_ports() -> set[int]:
    """The other ends of this process's TCP connections."""
    mine = set()
    for entry in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(FileNotFoundError):
            mine.add(str(entry.readlink()))
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return {int(row[2].split(":")[1], 16) for row in rows if f"socket:[{row[9]}]" in mine}


def test_nothing_but_the_broker_is_connected_to(broker: Mosquitto) -> None:
    """paho's own thread would be woken over TCP on loopback, which the unit's IPAddressDeny= cuts off."""
    before = peer_ports()
    with connection(MqttSettings(port=broker.port)) as ours:
        send_until_it_leaves(ours)
        assert peer_ports() - before == {broker.port}


@pytest.fixture
def authority(broker_folder: Path) -> Authority:
    return Authority(broker_folder)


def test_tls_with_ones_own_authority(authority: Authority) -> None:
    with (
        authority.broker() as secure,
        connection(MqttSettings(port=secure.port, tls=True, ca_file=authority.ca)) as ours,
    ):
        send_until_it_leaves(ours)


def test_tls_with_a_client_certificate(authority: Authority) -> None:
    certificate, key = authority.issue("sensor.lan")
    with authority.broker("127.0.0.1", "require_certificate true") as strict:
        settings = MqttSettings(port=strict.port, tls=True, ca_file=authority.ca)
        hasty = Hasty()
        with connection(settings, backoff=hasty) as ours:
            wait_until(lambda: hasty.tries > 3)
            assert not ours.publish("poses", b"{}"), "the broker asks for one, or the next lines prove nothing"
        with connection(replace(settings, certificate_file=certificate, key_file=key)) as ours:
            send_until_it_leaves(ours)


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("breach", ["unknown authority", "another name"])
def test_a_broker_that_is_not_who_it_says_gets_nothing(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture, breach: str
) -> None:
    ca_file = None if breach == "unknown authority" else authority.ca
    name = "127.0.0.1" if breach == "unknown authority" else "other.lan"
    hasty = Hasty()
    with (
        authority.broker(name) as impostor,
        connection(MqttSettings(port=impostor.port, tls=True, ca_file=ca_file), backoff=hasty) as ours,
    ):
        wait_until(lambda: hasty.tries > 3)
        assert not ours.publish("poses", b"{}")
    said = warnings(caplog)
    assert len(said) == 1
    assert "no secure connection: " in said[0]


def test_tls_files_that_cannot_be_used_are_refused_by_name(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    for file in (garbage, tmp_path / "nowhere.pem"):
        with pytest.raises(BadSetting, match=rf"mqtt\.ca_file .*{file.name}: .*expected certificates in PEM"):
            make_tls(MqttSettings(tls=True, ca_file=file))
        with pytest.raises(BadSetting, match=rf"mqtt\.certificate_file .*{file.name}"):
            make_tls(MqttSettings(tls=True, certificate_file=file, key_file=file))


def test_tls_checks_the_certificate_and_the_name() -> None:
    context = make_tls(MqttSettings(tls=True))
    assert context
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert make_tls(MqttSettings()) is None
