"""The verb: what it prints, how it ends, and what it tells without judging."""

import argparse
import json
import os
from pathlib import Path

import pytest

from edge.config.settings import MqttSettings, PublishSettings, Settings
from edge.errors import UsageError
from edge.tools.audit import audit, data_sharing
from edge.tools.audit.broker import find_broker, find_brokers, networks
from edge.tools.audit.capture import capture, run_tcpdump
from edge.tools.audit.system import System
from edge.tools.checks.finding import Answer, CouldNotTell, Level
from edge.tools.checks.machine import Result
from edge.tools.checks.output import NotAllGood
from edge.tools.checks.runner import Check


def arguments(**more: object) -> argparse.Namespace:
    given = {"config": None, "set": ["mqtt.host=192.168.1.7"], "json": False, "capture": False}
    return argparse.Namespace(**given | more)


def test_it_wants_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UsageError, match="run it as root"):
        audit.audit(arguments())


def test_where_nothing_runs_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    system = System(tmp_path, lambda words: Result(0, "ActiveState=inactive\nMainPID=0\n"))
    with pytest.raises(NotAllGood) as raised:
        audit.audit(arguments(json=True), system)
    assert (raised.value.exit_code, str(raised.value)) == (1, "")
    levels = {found["check"]: found["level"] for found in json.loads(capsys.readouterr().out)["findings"]}
    assert set(levels.values()) == {"unknown", "bad"}
    assert {levels["sense: runs"], levels["report: runs"]} == {"bad"}


def test_all_that_holds_ends_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    claims = [Check("x", lambda: Answer(Level.GOOD, "y"))]
    monkeypatch.setattr(audit, "all_claims", lambda *_: iter(claims))
    audit.audit(arguments(), System(run=lambda words: Result(0)))
    assert capsys.readouterr().out.splitlines()[-1] == "1 checks: 1 good"


def test_what_could_not_be_told_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind() -> Answer:
        raise CouldNotTell("it does not run")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(audit, "all_claims", lambda *_: iter([Check("x", blind)]))
    with pytest.raises(NotAllGood) as raised:
        audit.audit(arguments(), System(run=lambda words: Result(0)))
    assert raised.value.exit_code == 1


def test_the_log_is_counted_with_what_journald_makes_of_its_limit() -> None:
    unit = {"LogRateLimitBurst": "30", "LogRateLimitIntervalUSec": "30s", "SyslogLevelPrefix": "no"}
    line = 8 * 48 * 1024
    assert data_sharing.log_bits(unit, free=1 << 20) == line
    assert data_sharing.log_bits(unit, free=1 << 32) == 4 * line
    assert data_sharing.log_bits(unit | {"SyslogLevelPrefix": "yes"}, free=1 << 32) == 20 * line
    assert data_sharing.log_bits(unit | {"LogRateLimitIntervalUSec": "1min"}, free=1 << 20) == line / 2
    assert data_sharing.log_bits({}, free=1 << 20) == float("inf")


def test_the_bound_is_told_for_the_level_of_sharing() -> None:
    notes = data_sharing.tell(Settings(publish=PublishSettings(share="events")), 1e6)
    assert notes["sharing"] == "events"
    assert "2 KB picture" in str(notes["leak"])
    assert "1e+03 kbit/s" in str(notes["log"])


def test_a_log_without_a_limit_is_called_so() -> None:
    assert data_sharing.tell(Settings(), data_sharing.log_bits({}, free=1 << 20))["log"].startswith("not bounded: ")


def test_the_broker_is_looked_up(tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 192.168.1.1\nnameserver fe80::1%eth0\n")
    broker = find_broker(MqttSettings(host="127.0.0.1", tls=True), resolver)
    assert broker == ("127.0.0.1", {"127.0.0.1"}, 8883, {"192.168.1.1", "fe80::1"})
    assert not broker.is_named
    assert not find_broker(MqttSettings(host="localhost"), resolver).is_named
    assert not find_broker(MqttSettings(host="fe80::7%lo"), resolver).is_named
    assert find_broker(MqttSettings(host="nowhere.invalid"), resolver).is_named


def test_every_broker_is_looked_up() -> None:
    brokers = find_brokers(MqttSettings(host="127.0.0.1", fallbacks="192.168.1.8, 192.168.1.9:1884"))
    assert [each.endpoints for each in brokers] == [
        {("127.0.0.1", 1883)},
        {("192.168.1.8", 1883)},
        {("192.168.1.9", 1884)},
    ]


def test_networks_are_read_as_systemd_does() -> None:
    assert networks("localhost 10.0.0.7") == networks("127.0.0.0/8 ::1/128 10.0.0.7/32")


CAPTURED = """\
1700000000.100000 eth0  Out IP 192.168.1.9.40000 > 192.168.1.7.1883: tcp 300
1700000000.110000 eth0  In  IP 192.168.1.7.1883 > 192.168.1.9.40000: tcp 0
1700000000.200000 eth0  Out IP 192.168.1.9.40000 > 192.168.1.7.1883: tcp 700
"""


def test_a_capture_tells_sizes_and_rate_only() -> None:
    asked: list[str] = []

    def tcpdump(words: object) -> str:
        asked.extend(words)  # type: ignore[call-overload]
        return CAPTURED

    answer = capture([("192.168.1.7", 1883)], tcpdump)
    assert answer.found == "50 bytes/s to the broker in 20 s, the largest of 2 packets 700 bytes"
    assert "(tcp port 1883 and host 192.168.1.7)" in asked


def test_without_tcpdump_or_packets_nothing_is_told() -> None:
    def missing(_: object) -> str:
        raise FileNotFoundError

    for tcpdump, why in ((missing, "not installed"), (lambda _: "", "nothing was sent")):
        with pytest.raises(CouldNotTell, match=why):
            capture([("192.168.1.7", 1883)], tcpdump)


def test_a_tcpdump_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tcpdump").write_text("#!/bin/sh\necho 'tcpdump: no such device' >&2\nexit 1\n")
    (tmp_path / "tcpdump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(OSError, match="no such device"):
        run_tcpdump([])
