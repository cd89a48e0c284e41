"""``posenet-edge top``: what a sensor said of itself, as lines and as JSON."""

import json
import os
import time
from typing import Any

import paho.mqtt.publish
import pytest

from edge.report.messages.message import as_json
from edge.tools.mosquitto import Mosquitto
from edge.tools.top import draw
from scripts.message_docs import examples
from tests.support.commands import command

HEALTH: dict[str, Any] = examples()["health"]


def row(lines: list[str], name: str) -> list[str]:
    (found,) = (line.split() for line in lines if line.split()[:1] == [name])
    return found[1:]


def test_stages_and_counts_have_a_row_each_with_what_came_in_a_minute() -> None:
    later = HEALTH | {"time": HEALTH["time"] + 30.0, "frames_dropped": 8, "lines_rejected": {"stale": 2, "too_fast": 5}}
    lines = draw("hall", [HEALTH, later], False, later["time"] + 12)
    assert "running, sealed" in lines[0]
    assert "(said 12 s ago)" in lines[0]
    assert row(lines, "invoke") == ["31.2", "33.8", "41.0"]
    assert row(lines, "analytics") == ["0.40", "0.85", "1.20"]
    assert row(lines, "frames_dropped") == ["8", "10.0"]
    assert row(lines, "lines_rejected.stale") == ["2", "0.0"]
    assert row(lines, "lines_rejected.too_fast") == ["5", "10.0"]


def test_a_sensor_that_started_anew_has_no_rate_and_one_that_is_silent_no_stages() -> None:
    silent = HEALTH | dict.fromkeys(("stages", "frames", "frame_rate", "temperature", "sense_memory", "sealed"))
    lines = draw("hall", [HEALTH, silent | {"time": HEALTH["time"] + 1, "messages_sent": 0}], True, HEALTH["time"] + 1)
    assert "OFFLINE, seal not known" in lines[0]
    assert "temperature ?" in lines[1]
    assert row(lines, "messages_sent") == ["0", "-"]
    assert not [line for line in lines if line.strip().startswith(("invoke", "frames "))]
    assert row(lines, "gate"), "report still tells of itself"


@pytest.mark.parametrize("option", ["--once", "--json"])
def test_it_prints_what_is_retained_and_ends(broker: Mosquitto, option: str) -> None:
    payload = as_json(HEALTH | {"time": time.time(), "name": "Hall\x1b[2J"})
    paho.mqtt.publish.single("posenet/hall/health", payload, retain=True, qos=1, port=broker.port)
    result = command("top", option, f"--set=mqtt.port={broker.port}")
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout
    if option == "--json":
        assert json.loads(result.stdout)["hall"]["frames"] == HEALTH["frames"]
    else:
        assert result.stdout.startswith("hall  Hall[2J  running, sealed")


def test_without_a_terminal_or_a_broker_it_is_one_line() -> None:
    result = command("top")
    assert (result.returncode, len(result.stderr.splitlines())) == (os.EX_USAGE, 1)
    assert "--once or --json" in result.stderr
    result = command("top", "--once", "--set=mqtt.port=9")
    assert (result.returncode, len(result.stderr.splitlines())) == (os.EX_UNAVAILABLE, 1)
