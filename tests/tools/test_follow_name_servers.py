"""The filter of ``report`` follows the name servers, and nothing else of what was applied changes."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import MetricsSettings, MqttSettings, Settings
from edge.tools import apply, follow_name_servers
from edge.tools.audit.broker import networks
from edge.tools.dropins import broker_addresses, name_servers, report_dropin
from edge.tools.follow_name_servers import follow
from edge.tools.unit_files import APPLY_DROPIN, REPORT


class Device:
    """The drop-in of ``report``, what was applied last, and what systemctl was asked for."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.resolver = folder / "resolv.conf"
        self.dropin = folder / f"{REPORT}.d" / APPLY_DROPIN
        self._applied = folder / "applied.json"
        self._asked = folder / "asked"
        program = folder / "bin" / "systemctl"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$@" >> {self._asked}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        monkeypatch.setattr(apply, "UNITS", folder)
        monkeypatch.setattr(apply, "APPLIED", self._applied)

    def apply(self, settings: Settings) -> None:
        apply.write_dropin(REPORT, report_dropin(settings, Path("/site")))
        self._applied.write_text(json.dumps(settings.as_dict(), default=str))

    def servers(self, *servers: str) -> None:
        self.resolver.write_text("".join(f"nameserver {each}\n" for each in servers))

    def allowed(self) -> set[str]:
        (line,) = [
            line for line in self.dropin.read_text().splitlines() if line.startswith("IPAddressAllow=") and line[15:]
        ]
        return set(line[15:].split())

    def asked(self) -> list[str]:
        return self._asked.read_text().splitlines() if self._asked.exists() else []


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    return Device(tmp_path, monkeypatch)


RELOADS = ["daemon-reload", f"try-reload-or-restart --no-block {REPORT}"]
"""What was seen, with systemd 252 and 257, to change the filter of a running service."""
NAMED = Settings(mqtt=MqttSettings(host="broker.lan", username="u", password_file=Path("/s/p")))


def test_other_name_servers_are_let_through_without_a_restart(device: Device) -> None:
    device.apply(NAMED)
    before = device.dropin.read_text().splitlines()
    device.servers("100.100.100.100", "2001:db8::53", "fe80::1%eth0")
    assert follow(device.resolver)
    assert {"100.100.100.100", "2001:db8::53", "fe80::1"} <= device.allowed()
    assert device.asked() == RELOADS
    others = [line for line in device.dropin.read_text().splitlines() if line not in before]
    assert len(others) == 1, "all other lines are as apply wrote them"
    device.servers("9.9.9.9")
    assert follow(device.resolver)
    assert "9.9.9.9" in device.allowed()
    assert "100.100.100.100" not in device.allowed(), "who is asked no more is not let through"


def test_the_same_name_servers_are_no_reason_to_reload(device: Device) -> None:
    device.apply(NAMED)
    device.servers("9.9.9.9")
    assert follow(device.resolver)
    device.resolver.write_text("# renewed\nsearch lan\nnameserver 9.9.9.9\noptions edns0\n")
    assert not follow(device.resolver)
    assert device.asked() == RELOADS


@pytest.mark.parametrize("text", [None, "", "# no network\nsearch lan\n", "nameserver nonsense\n"])
def test_between_two_networks_nothing_changes(device: Device, text: str | None) -> None:
    device.apply(NAMED)
    device.servers("9.9.9.9")
    follow(device.resolver)
    device.resolver.unlink()
    if text is not None:
        device.resolver.write_text(text)
    assert not follow(device.resolver)
    assert "9.9.9.9" in device.allowed()


@pytest.mark.parametrize("host", ["192.168.1.7", "fe80::7%eth0", "localhost"])
def test_a_broker_with_an_address_needs_no_name_server(device: Device, host: str) -> None:
    device.apply(Settings(mqtt=MqttSettings(host=host)))
    device.servers("9.9.9.9")
    assert not follow(device.resolver)
    assert len(device.allowed()) == 1


def test_a_port_for_metrics_stays_open(device: Device) -> None:
    device.apply(Settings(mqtt=MqttSettings(host="broker.lan"), metrics=MetricsSettings("127.0.0.1:9753")))
    device.servers("9.9.9.9")
    assert follow(device.resolver)
    assert {"9.9.9.9", "localhost"} <= device.allowed()


def test_where_nothing_was_applied_there_is_nothing_to_follow(device: Device) -> None:
    device.servers("9.9.9.9")
    assert not follow(device.resolver)
    assert not device.dropin.exists()


def test_it_looks_until_nothing_changes_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd does not tell of what changes while this runs."""
    told: list[object] = []
    looks = iter([True, True, False])
    monkeypatch.setattr("time.sleep", told.append)
    monkeypatch.setattr(follow_name_servers, "follow", lambda: told.append("look") or next(looks))
    follow_name_servers.main()
    assert told[1::2] == ["look"] * 3
    assert all(seconds >= 1 for seconds in told[::2]), "whoever writes there all the time must not keep it busy"


def test_a_broker_in_tailscale_is_reached_by_its_name(tmp_path: Path) -> None:
    allowed = networks(" ".join(broker_addresses("broker.tail1234.ts.net", tmp_path / "none")))
    for address in ("100.64.0.1/32", "100.127.255.254/32", "fd7a:115c:a1e0::1/128"):
        (one,) = networks(address)
        assert any(one.version == each.version and one.subnet_of(each) for each in allowed), address  # type: ignore[arg-type]
    (outside,) = networks("100.128.0.1/32")
    assert not any(outside.version == each.version and outside.subnet_of(each) for each in allowed)  # type: ignore[arg-type]


ADDRESS = st.ip_addresses().map(str)
SCOPE = st.sampled_from(["", "%eth0", "%2", "%wlan0.7"])
NOISE = st.one_of(st.binary(max_size=40), st.sampled_from([b"nameserver", b"nameserver x", b"#nameserver 1.2.3.4"]))


@given(st.lists(st.one_of(st.tuples(ADDRESS, SCOPE), NOISE), max_size=8))
def test_every_name_server_of_the_file_is_found_and_systemd_can_read_it(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[str, str] | bytes]
) -> None:
    lines = [part if isinstance(part, bytes) else f"nameserver {part[0]}{part[1]}".encode() for part in parts]
    file = tmp_path_factory.mktemp("resolver") / "resolv.conf"
    file.write_bytes(b"\n".join(lines))
    found = name_servers(file)
    assert {part[0] for part in parts if not isinstance(part, bytes)} <= set(found)
    networks(" ".join(found))
