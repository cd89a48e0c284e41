"""Doctor at a real broker: the way there, its certificate, the login, and what it keeps of the sensor."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
import trustme
from paho.mqtt.enums import CallbackAPIVersion

from edge.config.settings import CameraSettings, DeviceSettings, MqttSettings, PublishSettings, Settings
from edge.mqtt.credentials import make_tls
from edge.report.messages.health import health_payload
from edge.report.messages.message import as_json
from edge.runtime.status_text import ReportStatus, SenseStatus
from edge.tools.checks.finding import Finding, Level
from edge.tools.checks.machine import Machine, Unit, run_command
from edge.tools.doctor.broker import check_broker, check_name, check_own_certificate, check_port, check_tls
from edge.tools.doctor.broker_session import Visit
from edge.tools.doctor.health import check_health
from edge.tools.mosquitto import Mosquitto
from edge.wire import StatusLine
from tests.support.authority import Authority
from tests.support.outbox import OUTBOX

GOOD, UNKNOWN, WARNING, BAD = Level.GOOD, Level.UNKNOWN, Level.WARNING, Level.BAD
CONNECTED = ReportStatus("connected", "127.0.0.1:1883", "poses", "running")
REPORT = Unit("posenet-report.service", {"ActiveState": "active", "StatusText": CONNECTED.render()})
SENSE = Unit("posenet-sense.service", {"ActiveState": "active", "StatusText": SenseStatus("running", 14.8, 2).render()})
BLIND = Unit("posenet-sense.service", {"ActiveState": "active", "StatusText": SenseStatus("no_camera").render()})


def at(port: int, **mqtt: Any) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=port, **mqtt)


def round_of(
    mqtt: MqttSettings, report: Unit | None = None, share: str = "poses", sense: Unit = SENSE
) -> dict[str, Finding]:
    """What doctor finds on the way to that broker, by check."""
    settings = Settings(
        device=DeviceSettings(id="hall"), mqtt=mqtt, publish=PublishSettings(share=share), camera=CameraSettings()
    )
    return {finding.check: finding for finding in check_broker(Machine(), settings, report, sense)}


def levels(found: dict[str, Finding]) -> dict[str, Level]:
    return {check: finding.level for check, finding in found.items()}


@contextmanager
def publishing(port: int, health: bytes, poses: bool = True, availability: bytes = b"online") -> Iterator[None]:
    """A stand-in for report: two retained messages, and poses all the time."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for name, payload in (("health", health), ("availability", availability)):
        client.publish(f"posenet/hall/{name}", payload, qos=1, retain=True).wait_for_publish(10)
    stop = False

    def talk() -> None:
        while not stop:
            client.publish("posenet/hall/poses", b"{}")
            time.sleep(0.02)

    thread = threading.Thread(target=talk, daemon=True)
    if poses:
        thread.start()
    try:
        yield
    finally:
        stop = True
        if poses:
            thread.join(5)
        client.disconnect()
        client.loop_stop()


def health_of(status: StatusLine | None, age: float = 1.0, **changes: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"time": time.time() - age, "uptime": 60.0, "name": "hall", "software": "1", **OUTBOX}
    about |= {"blindness": "", "suggested_rotate": None}
    return health_payload(status, {}, 100, 0, {}, **about) | changes


def test_a_sensor_that_is_well(broker: Mosquitto, status_line: StatusLine) -> None:
    with publishing(broker.port, as_json(health_of(status_line))):
        found = round_of(at(broker.port), REPORT)
    assert set(levels(found).values()) == {GOOD}, found
    assert set(found) >= {
        "broker name",
        "broker port",
        "broker login",
        "broker limits",
        "health",
        "state",
        "lines refused",
        "poses",
    }
    assert "14.8 frames/s" in found["state"].found


def test_a_sensor_whose_poses_do_not_arrive(broker: Mosquitto, status_line: StatusLine) -> None:
    with publishing(broker.port, as_json(health_of(status_line)), poses=False):
        assert round_of(at(broker.port), REPORT)["poses"].level is BAD
        assert round_of(at(broker.port), REPORT, share="events")["poses"].level is GOOD
        assert round_of(at(broker.port), REPORT, sense=BLIND)["poses"].level is UNKNOWN


def test_nothing_is_kept_of_this_sensor(broker: Mosquitto) -> None:
    found = round_of(at(broker.port), REPORT)
    assert (found["health"].level, found["poses"].level) == (UNKNOWN, UNKNOWN), "it may be hidden from this user"
    assert round_of(at(broker.port))["health"].level is UNKNOWN, "on a desk nothing ought to be there"
    with publishing(broker.port, b""):
        assert round_of(at(broker.port), REPORT)["health"].level is BAD, "what else there is can be read"


def test_a_name_that_does_not_resolve() -> None:
    def resolve(*_: object, **__: object) -> list[tuple[Any, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    found = check_name(MqttSettings(host="broker.lan"), resolve)
    assert (found.level, "broker.lan" in found.found) == (BAD, True)
    assert check_name(MqttSettings(host="x" * 80 + ".lan")).level is BAD, "no label is so long"
    assert check_name(MqttSettings(host="127.0.0.1")).level is GOOD


def test_a_broker_that_is_away() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        mqtt = at(taken.getsockname()[1])
        assert "refused" in check_port(mqtt).found
        assert levels(round_of(mqtt)) == {"broker name": GOOD, "broker port": BAD, "health": UNKNOWN}


def test_a_port_that_is_no_broker() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def hang_up() -> None:
            for _ in range(3):
                listener.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        found = round_of(at(listener.getsockname()[1]))
        assert found["broker login"].level is BAD
        assert "mqtt.tls" in found["broker login"].remedy


@pytest.fixture
def locked(broker_folder: Path) -> Iterator[tuple[Mosquitto, Path]]:
    """A broker with the user ``hall`` and the password ``right``, who may write their topics and read none."""
    program = shutil.which("mosquitto_passwd")
    assert program
    users, rules = broker_folder / "users", broker_folder / "rules"
    subprocess.run([program, "-c", "-b", str(users), "hall", "right"], check=True, capture_output=True)
    rules.write_text("user hall\ntopic write posenet/hall/#\n")
    for path in (users, rules):
        path.chmod(0o644)
    with Mosquitto("allow_anonymous false", f"password_file {users}", f"acl_file {rules}") as running:
        yield running, broker_folder / "password"


@pytest.mark.parametrize("protocol", ["auto", "5", "3.1.1"])
def test_a_wrong_password(locked: tuple[Mosquitto, Path], protocol: str) -> None:
    broker, file = locked
    file.write_text("wrong\n")
    file.chmod(0o600)
    mqtt = at(broker.port, username="hall", password_file=file, protocol=protocol)
    found = round_of(mqtt)["broker login"]
    assert (found.level, "mqtt.password_file" in found.remedy) == (BAD, True), found
    assert "wrong" not in found.found
    assert round_of(at(broker.port))["broker login"].level is BAD, "nobody without a name"
    file.write_text("right\n")
    assert round_of(mqtt)["broker login"].level is GOOD


def test_a_user_who_may_not_read(locked: tuple[Mosquitto, Path]) -> None:
    broker, file = locked
    file.write_text("right\n")
    file.chmod(0o600)
    found = round_of(at(broker.port, username="hall", password_file=file), REPORT)
    assert found["broker login"].level is GOOD
    assert (found["health"].level, found["poses"].level) == (UNKNOWN, UNKNOWN)
    assert "let this user read" in found["health"].remedy or "let it read" in found["health"].remedy


@pytest.fixture
def authority(broker_folder: Path) -> Authority:
    return Authority(broker_folder)


def certificate_of(broker: Mosquitto, ca: Path) -> Finding:
    mqtt = at(broker.port, tls=True, ca_file=ca)
    context = make_tls(mqtt)
    assert context
    return check_tls(mqtt, context, time.time())


@pytest.mark.parametrize(
    ("name", "days", "level", "words", "remedy"),
    [
        ("127.0.0.1", 365.5, GOOD, "valid for 36", ""),
        ("127.0.0.1", 10.2, WARNING, "expires in 10 days", "renew it"),
        ("127.0.0.1", -1.0, BAD, "expired", "this device's clock"),
        ("broker.lan", 365.0, BAD, "not valid for", "set mqtt.host"),
    ],
)
def test_certificates(authority: Authority, name: str, days: float, level: Level, words: str, remedy: str) -> None:
    with authority.broker(name, days=days) as broker:
        found = certificate_of(broker, authority.ca)
    assert (found.level, words in found.found, remedy in found.remedy) == (level, True, True), found


def test_a_certificate_that_soon_expires_does_not_end_the_round(authority: Authority) -> None:
    with authority.broker(days=10) as broker:
        found = levels(round_of(at(broker.port, tls=True, ca_file=authority.ca)))
    assert (found["broker certificate"], found["broker login"]) == (WARNING, GOOD)


def test_a_certificate_of_somebody_else(authority: Authority, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with authority.broker() as broker:
        found = certificate_of(broker, tmp_path / "other.pem")
    assert (found.level, "mqtt.ca_file" in found.remedy) == (BAD, True)


def test_no_encryption_where_some_was_expected(authority: Authority, broker: Mosquitto) -> None:
    found = certificate_of(broker, authority.ca)
    assert (found.level, "no secure connection" in found.found) == (BAD, True)
    assert "mqtt.tls" in found.remedy


def test_encryption_where_none_was_expected(authority: Authority) -> None:
    with authority.broker() as broker:
        assert round_of(at(broker.port))["broker login"].level is BAD


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
@pytest.mark.parametrize(("days", "level"), [(200.0, GOOD), (5.0, WARNING), (-3.0, BAD)])
def test_the_devices_own_certificate(authority: Authority, days: float, level: Level) -> None:
    certificate, key = authority.issue("hall", days)
    assert check_own_certificate(certificate, run_command, time.time()).level is level
    assert check_own_certificate(key, run_command, time.time()).level is UNKNOWN


def kept(health: object, availability: bytes = b"online") -> dict[str, Finding]:
    """What doctor says of a retained message."""
    payload = health if isinstance(health, bytes) else json.dumps(health).encode()
    visit = Visit(messages={"health": payload, "availability": availability})
    return {finding.check: finding for finding in check_health(visit, Settings(), time.time(), True)}


@pytest.mark.parametrize(
    ("changes", "check", "level", "words"),
    [
        ({"state": "no_camera"}, "state", BAD, "no camera"),
        ({"state": "no_frames"}, "state", BAD, "no frames"),
        ({"state": "too_slow", "latency_ms": 3210.0}, "state", WARNING, "too slow: 3.2 s a frame"),
        ({"state": "refused"}, "state", BAD, "not sealed"),
        ({"state": "silent"}, "state", BAD, "nothing is heard"),
        ({"state": "ended"}, "state", WARNING, "over"),
        ({"frame_rate": 0.0}, "state", WARNING, "0.0 frames/s"),
        ({"lines_rejected": {"unknown_field": 1}}, "lines refused", BAD, "unknown_field 1"),
        ({"lines_rejected": {"stale": 3}}, "lines refused", GOOD, "3"),
        ({"lines_rejected": {"too_fast": 500}}, "lines refused", WARNING, "500"),
        ({"messages_dropped": 5000}, "losses", WARNING, "5000 of 5100"),
        ({"frames_dropped": 201}, "losses", WARNING, "too slow"),
        ({"frames_damaged": 201}, "losses", WARNING, "201 frames were damaged, 100 seen"),
        ({"lines_dropped": 1000}, "losses", WARNING, "missed 1000"),
        ({"camera_failures": 5}, "losses", WARNING, "failed 5 times"),
        ({"camera_failures": 5, "sense_uptime": 864000}, "losses", GOOD, ""),
        ({"events_kept": 3}, "events", GOOD, "3 wait"),
        ({"events_lost": 1}, "events", WARNING, "1 were lost"),
        ({"outbox": "disk"}, "events", WARNING, "outbox.keep is ram"),
        ({"suggested_rotate": 90}, "orientation", WARNING, "hardly anybody is seen upright"),
        ({"model_choice": "fits"}, "model in use", GOOD, "257 x 353, the largest that keeps 10 frames/s"),
        ({"model_choice": "too_slow"}, "model in use", WARNING, "too slow for 10 frames/s"),
        ({"state": "dancing\n"}, "health", BAD, "not this sensor's"),
        ({"lines_rejected": "many"}, "health", BAD, "not this sensor's"),
        ({"frames": float("nan")}, "health", BAD, "not this sensor's"),
        ({"version": 1}, "health", BAD, "another version of the messages: wrong_version: found 1, expected 2"),
    ],
)
def test_health(status_line: StatusLine, changes: dict[str, Any], check: str, level: Level, words: str) -> None:
    found = kept(health_of(status_line) | changes)[check]
    assert (found.level, words in found.found) == (level, True), found


def test_old_health(status_line: StatusLine) -> None:
    found = kept(health_of(status_line, age=7300.0))
    assert {check: finding.level for check, finding in found.items()} == {"health": BAD}
    assert "2 h ago" in found["health"].found
    assert "offline" in kept(health_of(status_line), b"offline")["health"].found
    assert kept(health_of(status_line, age=-90.0))["health"].level is GOOD


@pytest.mark.parametrize("payload", [b"", b"online", b"[]", b'{"version": 2}', b"\xff", b"[" * 60000, b"1" * 5000])
def test_what_somebody_else_wrote_there(payload: bytes) -> None:
    assert {check: finding.level for check, finding in kept(payload).items()} == {"health": BAD}
