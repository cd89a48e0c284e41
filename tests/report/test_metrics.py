"""Metrics as the parser of Prometheus reads them, and who is answered."""

import http.client
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from edge import wire
from edge.config import loader
from edge.errors import BadSetting, OutputFailed
from edge.report.fields import Counts, Number
from edge.report.messages.health import HEALTH, health_payload
from edge.report.metrics import render, serving
from edge.runtime import incidents
from scripts.message_docs import examples
from tests.support.outbox import OUTBOX
from tests.support.wire_lines import STATUSES

HEALTH_NOW: dict[str, Any] = examples()["health"]


def parsed(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = list(text_string_to_metric_families(text))
    samples: Iterator[Sample] = (sample for family in families for sample in family.samples)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def test_values_of_each_kind_have_base_units_and_labels() -> None:
    found = parsed(render(HEALTH_NOW | {"sealed": False, "breaches": ["network"], "name": 'Hall "\\\n'}))
    assert found["posenet_edge_temperature_celsius", ()] == 51.5
    assert found["posenet_edge_inference_seconds", ()] == pytest.approx(0.0312)
    assert found["posenet_edge_sense_memory_bytes", ()] == 92e6
    assert found["posenet_edge_frames_total", ()] == 5421
    assert found["posenet_edge_lines_rejected_total", (("reason", "stale"),)] == 2
    assert found["posenet_edge_lines_rejected_total", (("reason", "too_fast"),)] == 0
    assert found["posenet_edge_sealed", ()] == 0
    assert found["posenet_edge_breaches", (("posenet_edge_breaches", "network"),)] == 1
    assert found["posenet_edge_state", (("posenet_edge_state", "running"),)] == 1
    assert found["posenet_edge_state", (("posenet_edge_state", "paused"),)] == 0
    assert found["posenet_edge_stage_seconds", (("quantile", "0.99"), ("stage", "invoke"))] == pytest.approx(0.041)
    stage = (("quantile", "0.5"), ("stage", "gate"))
    assert found["posenet_edge_report_stage_seconds", stage] == pytest.approx(0.0002)
    assert any(name == "posenet_edge_info" and ("name", 'Hall "\\\n') in labels for name, labels in found)


def test_every_number_of_health_is_a_metric() -> None:
    text = render(HEALTH_NOW)
    numbers = {key for key, field in HEALTH.fields.items() if isinstance(field, Number | Counts)} - {"instance"}
    for key in numbers:
        assert f"posenet_edge_{key.removesuffix('_ms')}" in text, key
    for kind in incidents.KINDS:
        assert ("posenet_edge_incidents_total", (("reason", kind),)) in parsed(text)


@given(STATUSES)
def test_whatever_sense_says_can_be_parsed(status: wire.StatusLine) -> None:
    about: dict[str, Any] = {"time": 0.0, "uptime": 1.0, "name": "hall", "software": "1", "suggested_rotate": None}
    about |= OUTBOX
    assert parsed(render(health_payload(status, {}, 0, 0, {}, blindness=None, **about)))


def test_what_is_not_known_is_no_metric() -> None:
    about: dict[str, Any] = {"time": 0.0, "uptime": 1.0, "name": "hall", "software": "1", "suggested_rotate": None}
    about |= OUTBOX
    names = {name for name, _ in parsed(render(health_payload(None, {}, 5, 0, {}, blindness=None, **about)))}
    assert "posenet_edge_messages_sent_total" in names
    assert not names & {"posenet_edge_frames_total", "posenet_edge_stage_seconds", "posenet_edge_sealed"}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_it_is_served_on_a_port_of_this_machine() -> None:
    address = f"127.0.0.1:{free_port()}"
    latest: list[dict[str, Any] | None] = [None]
    with serving(address, lambda: latest[0]):
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"http://{address}/metrics")
        latest[0] = HEALTH_NOW
        with urllib.request.urlopen(f"http://{address}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
            assert parsed(answer.read().decode())
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://{address}/")
        with pytest.raises(OutputFailed, match="expected a free port"), serving(address, lambda: None):
            pass
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://{address}/metrics")


def test_it_is_served_on_a_unix_socket_that_only_its_group_may_use(tmp_path: Path) -> None:
    path = tmp_path / "metrics.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    with serving(f"unix:{path}", lambda: HEALTH_NOW):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        connection = http.client.HTTPConnection("metrics")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(path))
        connection.request("GET", "/metrics")
        assert parsed(connection.getresponse().read().decode())
        connection.close()
    assert not path.exists()
    path.write_text("a file")
    with pytest.raises(OutputFailed, match="something else is there"), serving(f"unix:{path}", lambda: None):
        pass
    assert path.read_text() == "a file"


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:9753", "192.168.1.2:9753", "[::]:9753", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "unix:x"]
)
def test_nothing_but_this_machine_may_ask(listen: str) -> None:
    with pytest.raises(BadSetting, match="a port on loopback"):
        loader.load(None, [f"metrics.listen={listen}"])


@pytest.mark.parametrize("listen", ["", "127.0.0.1:65535", "[::1]:1", "localhost:9753", "unix:/run/x/metrics.sock"])
def test_what_may_be_set(listen: str) -> None:
    assert loader.load(None, [f'metrics.listen="{listen}"']).metrics.listen == listen
