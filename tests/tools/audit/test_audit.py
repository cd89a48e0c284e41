"""The verb: what it prints, how it ends, and what it tells without judging."""

import argparse
import json
import os
from pathlib import Path

import pytest

from edge.config.settings import MqttSettings, PublishSettings, Settings
from edge.errors import UsageError
from edge.tools.audit import audit, data_sharing, table
from edge.tools.audit.broker import find_broker, networks
from edge.tools.audit.capture import capture, run_tcpdump
from edge.tools.audit.result import Answer, Claim, Finding, Verdict, find, judge
from edge.tools.audit.system import System

GOOD = Finding("sense: runs", Verdict.HOLDS, "process 46")
BAD = Finding("sense: nowhere to write", Verdict.FAILS, "/var/tmp may be written")
DARK = Finding("report: no device open", Verdict.UNKNOWN, "it does not run")


def raises() -> Answer:
    raise PermissionError(1, "Operation not permitted")


def test_what_cannot_be_looked_at_is_no_pass() -> None:
    assert find(Claim("x", raises)).verdict is Verdict.UNKNOWN
    assert "not permitted" in find(Claim("x", raises)).found


def test_many_breaches_are_counted() -> None:
    answer = judge((str(n) for n in range(20)), "none")
    assert answer == (Verdict.FAILS, "0; 1; 2; 3; 4; 5; and 14 more")
    assert judge([], "none") == (Verdict.HOLDS, "none")


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ([GOOD, GOOD], "all 2 claims hold"),
        ([GOOD, BAD], "1 of 2 do not hold"),
        ([GOOD, DARK], "1 of 2 could not be told"),
        ([GOOD, BAD, DARK], "1 of 3 do not hold, 1 of 3 could not be told"),
    ],
)
def test_the_last_line(findings: list[Finding], line: str) -> None:
    assert table.last_line(findings) == line
    assert table.render(findings, {"sharing": "poses"}).splitlines()[-1] == line


def test_the_table_names_each_verdict() -> None:
    lines = table.render([GOOD, BAD, DARK], {"sharing": "poses"}).splitlines()
    assert [line[:15].strip() for line in lines[:3]] == ["pass", "FAIL", "could not tell"]
    assert "sharing: poses" in lines


def test_the_same_as_json() -> None:
    found = json.loads(table.as_json([GOOD, BAD, DARK], {"sharing": "poses"}))
    assert [claim["verdict"] for claim in found["claims"]] == ["pass", "fail", "could not tell"]
    assert found["holds"] is False
    assert json.loads(table.as_json([GOOD], {}))["holds"] is True


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
    system = System(proc=tmp_path, systemctl=lambda words: "ActiveState=inactive\nMainPID=0\n")
    with pytest.raises(audit.DoesNotHold) as raised:
        audit.audit(arguments(json=True), system)
    assert (raised.value.exit_code, str(raised.value)) == (1, "")
    claims = json.loads(capsys.readouterr().out)["claims"]
    assert [claim["claim"] for claim in claims if claim["verdict"] == "pass"] == []
    assert {"sense: runs", "report: runs"} <= {claim["claim"] for claim in claims if claim["verdict"] == "fail"}


def test_all_that_holds_ends_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    claims = [Claim("x", lambda: Answer(Verdict.HOLDS, "y"))]
    monkeypatch.setattr(audit, "all_claims", lambda *_: iter(claims))
    audit.audit(arguments(), System(systemctl=lambda words: ""))
    assert capsys.readouterr().out.splitlines()[-1] == "all 1 claims hold"


def test_it_says_what_takes_long(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import time

    monkeypatch.setattr(audit, "_PATIENCE", 0.05)

    def slow() -> Answer:
        time.sleep(0.2)
        return Answer(Verdict.HOLDS, "")

    with audit._progress() as now:
        list(audit._test([Claim("nowhere to write", slow)], now))
    assert "audit: nowhere to write ..." in capsys.readouterr().err


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


def test_the_broker_is_looked_up(tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 192.168.1.1\nnameserver fe80::1%eth0\n")
    broker = find_broker(MqttSettings(host="127.0.0.1", tls=True), resolver)
    assert broker == ("127.0.0.1", {"127.0.0.1"}, 8883, {"192.168.1.1", "fe80::1"})
    assert not broker.is_named
    assert not find_broker(MqttSettings(host="localhost"), resolver).is_named
    assert find_broker(MqttSettings(host="nowhere.invalid"), resolver).is_named


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

    answer = capture(["192.168.1.7"], 1883, tcpdump)
    assert answer.found == "50 bytes/s to the broker in 20 s, the largest of 2 packets 700 bytes"
    assert "tcp port 1883 and (host 192.168.1.7)" in asked


def test_without_tcpdump_or_packets_nothing_is_told() -> None:
    def missing(_: object) -> str:
        raise FileNotFoundError

    assert capture(["192.168.1.7"], 1883, missing).verdict is Verdict.UNKNOWN
    assert capture(["192.168.1.7"], 1883, lambda _: "").verdict is Verdict.UNKNOWN


def test_a_tcpdump_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tcpdump").write_text("#!/bin/sh\necho 'tcpdump: no such device' >&2\nexit 1\n")
    (tmp_path / "tcpdump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(OSError, match="no such device"):
        run_tcpdump([])
