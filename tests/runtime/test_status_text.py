"""The status lines of both services: what is written is read back, and nothing else is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import wire
from edge.errors import BadSetting
from edge.image_quality import BLINDNESSES
from edge.runtime.status_text import RELATIONS, ReportStatus, SenseStatus, parse_waiting, render_waiting

BREACHES = st.lists(st.sampled_from(wire.BREACHES), unique=True).map(tuple)
NODES = st.lists(st.from_regex(r"/dev/[a-z0-9/:.-]{1,12}", fullmatch=True), unique=True, max_size=4).map(tuple)
RUNNING = st.builds(
    SenseStatus,
    st.just("running"),
    st.floats(0, 1000).map(lambda rate: round(rate, 1)),
    st.integers(0, wire.MAX_POSES),
    st.sampled_from(("", *BLINDNESSES)),
    breaches=BREACHES,
)
SLOW = st.builds(
    replace,
    RUNNING,
    state=st.just("too_slow"),
    latency=st.floats(0.1, 1000).map(lambda latency: round(latency, 1)),
)
OTHERS = st.builds(
    SenseStatus,
    st.sampled_from([state for state in wire.STATES if state not in ("running", "too_slow")]),
    barred=NODES,
    breaches=BREACHES,
)
REPORT = st.builds(
    ReportStatus,
    st.sampled_from(list(RELATIONS)),
    st.from_regex(r"[^\s/]{1,40}:[0-9]{1,5}", fullmatch=True),
    st.sampled_from(["poses", "body", "events"]),
    st.sampled_from((*wire.STATES, "silent")),
)


@given(RUNNING | SLOW | OTHERS)
def test_what_sense_writes_is_read_back(status: SenseStatus) -> None:
    assert SenseStatus.parse(status.render()) == status


@given(REPORT)
def test_what_report_writes_is_read_back(status: ReportStatus) -> None:
    assert ReportStatus.parse(status.render()) == status


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (SenseStatus("running", 14.8, 2), "14.8 frames/s, 2 people, sealed"),
        (SenseStatus("running", 14.8, 1, "dark"), "14.8 frames/s, 1 person, dark, sealed"),
        (
            SenseStatus("running", 0.0, 0, breaches=("network", "exec")),
            "0.0 frames/s, 0 people, not sealed: network, exec",
        ),
        (
            SenseStatus("too_slow", 0.3, 1, "dark", latency=3.21),
            "0.3 frames/s, 1 person, dark, too slow: 3.2 s a frame, sealed",
        ),
        (SenseStatus("paused"), "paused, the camera is shut, sealed"),
        (
            SenseStatus("no_camera", barred=("/dev/media0", "/dev/video0")),
            "no camera, looking for it, device rules bar /dev/media0, /dev/video0, sealed",
        ),
        (ReportStatus("looking", "b:1", "body", "silent"), "looking for broker b:1, sharing body, sense is silent"),
    ],
)
def test_the_sentences(status: SenseStatus | ReportStatus, text: str) -> None:
    assert status.render() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "14.8 frames/s, 2 people",
        "14.8 frames/s, 2 people, asleep, sealed",
        "14.8 frames/s, 2 people, sealed, and more",
        "no camera, device rules bar /dev/video0, looking for it, sealed",
        "connected to broker b:1, sharing poses, sense is asleep",
        "connected to broker b:1, sharing poses",
    ],
)
def test_a_line_of_another_version_is_not_guessed_at(text: str) -> None:
    assert SenseStatus.parse(text) is None
    assert ReportStatus.parse(text) is None


@given(st.text())
def test_what_a_service_waits_for_is_one_line_and_read_back(error: str) -> None:
    line = render_waiting(BadSetting(error))
    assert line.isprintable()
    assert len(parse_waiting(line)) == len(error)
    assert SenseStatus.parse(line) is ReportStatus.parse(line) is None


@given(RUNNING | OTHERS | REPORT)
def test_no_other_line_is_taken_for_a_wait(status: SenseStatus | ReportStatus) -> None:
    assert parse_waiting(status.render()) == ""
