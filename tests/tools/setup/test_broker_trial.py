"""Answers about a broker, tried at real ones: what is wrong is named by its cause, with what to answer instead."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.config.settings import DeviceSettings, HomeAssistantSettings, MqttSettings, Settings
from edge.tools.access_list import access_list
from edge.tools.checks.finding import Finding, Level
from edge.tools.mosquitto import Mosquitto
from edge.tools.setup.broker_trial import try_broker
from tests.support.authority import Authority
from tests.support.strict_broker import strict_broker

PASSWORD = "what the sensor knows"


def tried(port: int, discovery: str = "device", identity: str = "hall", **mqtt: Any) -> dict[str, Finding]:
    settings = Settings(
        device=DeviceSettings(id=identity),
        mqtt=MqttSettings(host="127.0.0.1", port=port, **mqtt),
        homeassistant=HomeAssistantSettings(discovery=discovery),
    )
    return {finding.check: finding for finding in try_broker(settings.mqtt, settings)}


def worst(found: dict[str, Finding]) -> Finding:
    """The only one that is not good."""
    (one,) = (finding for finding in found.values() if finding.level is not Level.GOOD)
    return one


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    return file


@pytest.fixture
def strict(broker_folder: Path) -> Iterator[Mosquitto]:
    rules = access_list(Settings(device=DeviceSettings(id="hall"), mqtt=MqttSettings(username="sensor")))
    rules += "\nuser reader\ntopic read #\n\nuser writer\ntopic write #\n"
    with strict_broker(broker_folder, dict.fromkeys(("sensor", "reader", "writer"), PASSWORD), rules) as running:
        yield running


def test_a_broker_that_lets_everybody(broker: Mosquitto) -> None:
    found = tried(broker.port)
    assert list(found) == [
        "broker name",
        "broker port",
        "broker login",
        "broker limits",
        "own topics",
        "Home Assistant",
    ]
    assert {finding.level for finding in found.values()} == {Level.GOOD}
    assert "Home Assistant" not in tried(broker.port, discovery="off")


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_the_access_list_of_the_sample_suffices(strict: Mosquitto, password: Path, protocol: str) -> None:
    found = tried(strict.port, username="sensor", password_file=password, protocol=protocol)
    assert {finding.level for finding in found.values()} == {Level.GOOD}, found


@pytest.mark.parametrize(("protocol", "lacks"), [("5", "write"), ("3.1.1", "write or read")])
def test_another_id_than_in_the_access_list(strict: Mosquitto, password: Path, protocol: str, lacks: str) -> None:
    found = tried(strict.port, identity="door", username="sensor", password_file=password, protocol=protocol)
    assert worst(found)[:3] == ("own topics", Level.BAD, f"user sensor may not {lacks} posenet/door/#")


@pytest.mark.parametrize(("user", "lacks"), [("reader", "write"), ("writer", "read")])
def test_who_may_do_half_of_it(strict: Mosquitto, password: Path, user: str, lacks: str) -> None:
    assert f"may not {lacks} posenet/hall/#" in worst(tried(strict.port, username=user, password_file=password)).found


def test_discovery_alone_is_a_warning(broker_folder: Path) -> None:
    rules = broker_folder / "rules"
    rules.write_text("topic readwrite posenet/#\n")
    with Mosquitto("allow_anonymous true", f"acl_file {rules}") as running:
        warned = worst(tried(running.port))
    assert (warned.check, warned.level) == ("Home Assistant", Level.WARNING)
    assert "homeassistant/+/hall/#" in warned.found


def test_a_login_that_is_refused(strict: Mosquitto, password: Path) -> None:
    assert "without a user name" in worst(tried(strict.port)).found
    password.write_text("another")
    refused = worst(tried(strict.port, username="sensor", password_file=password))
    assert "user sensor was refused: there is no such user, or the password is another" in refused.found
    assert "another" not in refused.found.replace("password is another", "")
    assert "nobody was refused" in worst(tried(strict.port, username="nobody", password_file=password)).found


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = worst(tried(taken.getsockname()[1]))
    assert (found.check, found.level) == ("broker port", Level.BAD)


def test_tls_where_there_is_none_and_none_where_there_is_tls(broker: Mosquitto, broker_folder: Path) -> None:
    found = worst(tried(broker.port, tls=True))
    assert (found.found, found.remedy) == (
        "this port is not encrypted",
        "answer n to TLS, or type the port that is",
    )
    authority = Authority(broker_folder)
    with authority.broker() as secure:
        found = worst(tried(secure.port))
        assert (found.found, found.remedy[:15]) == ("this port is encrypted", "answer y to TLS")
        assert {each.level for each in tried(secure.port, tls=True, ca_file=authority.ca).values()} == {Level.GOOD}
        stranger = worst(tried(secure.port, tls=True))
        assert (stranger.check, "mqtt.ca_file" in stranger.remedy) == ("broker certificate", True)


def test_a_name_that_does_not_resolve() -> None:
    settings = Settings(mqtt=MqttSettings(host="x" * 60 + ".invalid"))
    (found,) = try_broker(settings.mqtt, settings)
    assert (found.check, found.level) == ("broker name", Level.BAD)
