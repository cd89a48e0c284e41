"""What is said of each sensor now, in words, and that silence, distance and sleep are gaps in its day."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from edge.config.settings import Settings
from edge.report import configuration
from edge.report.analytics.event import Event
from edge.report.messages.event import event_payload
from edge.report.messages.message import as_json
from edge.report.messages.places import places_payload
from edge.report.messages.state import STATE_MESSAGE
from edge.tools.view.history import NO_RECORD
from edge.tools.view.hub import Hub
from edge.tools.view.message import Message, read
from edge.tools.view.overview import Overview
from edge.tools.view.sensor_state import STATE_HOLDS_S
from edge.wire import StatusLine
from tests.support.outbox import NUMBER
from tests.tools.view.stage import STATUS, health_of


class Listening:
    """An overview whose time passes only where a test says so; ``said`` is what browsers are told."""

    def __init__(self) -> None:
        self.now = time.monotonic()
        self.said: list[Message] = []
        hub = Hub()
        hub.join(self.said.append)
        self.overview = Overview(hub, lambda: self.now, lambda: self.now)
        self.broker(True)

    def broker(self, connected: bool) -> None:
        self.overview.hear(Message("", "broker", {"connected": connected}, self.now))

    def hear(self, name: str, payload: bytes) -> None:
        message = read(f"hall/{name}", payload)
        assert message, payload
        self.overview.hear(message._replace(since=self.now))

    def state(self, **state: Any) -> None:
        self.hear("state", as_json(STATE_MESSAGE.build(time=time.time(), **state)))

    def health(self, status: StatusLine | None = STATUS, blindness: str | None = "", name: str = "Hall") -> None:
        self.hear("health", health_of(name, status, blindness))

    def passes(self, seconds: float) -> None:
        """Time passes, in which the overview looks every second."""
        for _ in range(round(seconds)):
            self.now += 1.0
            self.overview.turn()

    @property
    def summary(self) -> dict[str, Any]:
        return [message.data for message in self.said if message.kind == "summary"][-1]

    @property
    def row(self) -> dict[str, tuple[str, bool]]:
        return {row.term: (row.words, row.is_bad) for row in self.summary["rows"]}

    @property
    def spans(self) -> list[tuple[float, str]]:
        """How long each was, and what."""
        told = self.overview.history("hall")
        assert told
        return [(round(begin - end, 1), word) for begin, end, word in told["spans"]]


@pytest.fixture
def hall() -> Listening:
    listening = Listening()
    listening.hear("availability", b"online")
    return listening


def test_a_state_that_is_not_renewed_is_no_empty_room(hall: Listening) -> None:
    hall.state(occupied=False, people=0)
    assert (hall.summary["room"], hall.summary["headline"]) == ("empty", "Empty")
    hall.passes(STATE_HOLDS_S + 50)
    assert hall.summary["room"] == "unknown"
    assert hall.summary["headline"] == "Nothing is known of the room: not heard for 2 min"
    spans = [each for each in hall.spans if each[0]]
    assert spans == [(pytest.approx(STATE_HOLDS_S, abs=2), "empty"), (pytest.approx(50, abs=2), "unknown")]


@pytest.mark.parametrize(
    ("name", "payload", "room", "headline"),
    [
        ("availability", b"offline", "offline", "Nothing is known of the room: offline"),
        ("health", b'{"version": 1}', "unknown", "another version of posenet-edge"),
        ("health", health_of("Hall", STATUS, "dark"), "unknown", "the camera sees nothing (dark)"),
        ("health", health_of("Hall", replace(STATUS, state="no_camera")), "unknown", "no camera"),
        ("health", health_of("Hall", replace(STATUS, state="paused")), "unknown", "paused, the camera is shut"),
        ("health", health_of("Hall", None, None), "unknown", "sense is silent"),
    ],
)
def test_why_nothing_is_known_is_said(hall: Listening, name: str, payload: bytes, room: str, headline: str) -> None:
    hall.state(occupied=False, people=0)
    hall.state(occupied=None, people=None)
    hall.hear(name, payload)
    assert hall.summary["room"] == room
    assert headline in hall.summary["headline"]
    assert hall.spans[-1][1] == room


def test_offline_has_nobody_and_no_groups(hall: Listening) -> None:
    hall.health()
    hall.state(occupied=True, people=2, zones={"sofa": {"occupied": True, "people": 2, "dwelling": None}}, fall=True)
    assert hall.summary["alarm"]
    hall.hear("availability", b"offline")
    summary = hall.summary
    assert (summary["groups"], summary["persons"], summary["alarm"]) == ([], {}, "")
    assert hall.row == {"Sensor": ("offline", True)}


@pytest.mark.parametrize(
    ("changed", "sensor", "seal"),
    [
        ({}, ("running", False), ("sealed", False)),
        ({"breaches": ("network",)}, ("running", False), ("not sealed", True)),
        ({"state": "refused", "breaches": ("network",)}, ("not sealed", True), ("not sealed", True)),
        ({"source": "video", "breaches": ("network",)}, ("running, a clip", False), ("no seal needed", False)),
        ({"source": "stills", "breaches": ("network",)}, ("running, photos", False), ("no seal needed", False)),
        ({"source": "fake", "breaches": ("network",)}, ("running, a test picture", False), ("no seal needed", False)),
        ({"source": "video", "state": "ended"}, ("clip is over, a clip", False), ("no seal needed", False)),
        ({"state": "paused"}, ("paused", False), ("sealed", False)),
        ({"state": "no_frames"}, ("no frames", True), ("sealed", False)),
    ],
    ids=str,
)
def test_a_seal_is_asked_only_of_a_camera(
    hall: Listening, changed: dict[str, Any], sensor: tuple[str, bool], seal: tuple[str, bool]
) -> None:
    hall.health(replace(STATUS, **changed))
    assert (hall.row["Sensor"], hall.row["Seal"]) == (sensor, seal)


def test_a_simulated_sensor_is_told_from_one_whose_camera_process_is_silent(hall: Listening) -> None:
    hall.health(None, None)
    hall.state(occupied=None, people=None)
    assert hall.row["Sensor"] == ("sense is silent", True)
    # Somebody knows that nobody is there, without a camera process: it is played.
    hall.state(occupied=False, people=0)
    assert hall.row["Sensor"] == ("simulated or replayed", False)
    assert hall.row["Seal"] == ("no seal needed", False)


def test_a_new_name_is_said(hall: Listening) -> None:
    assert hall.summary["name"] == "hall"
    hall.health(name="غرفة 🛋")
    assert hall.summary["name"] == "غرفة 🛋"
    hall.health(name="Room")
    assert hall.summary["name"] == "Room"


def test_a_day_has_gaps_where_nothing_was_heard(hall: Listening) -> None:
    hall.state(occupied=True, people=1)
    hall.passes(10)
    hall.hear("availability", b"offline")
    hall.passes(20)
    hall.broker(False)
    hall.passes(30)
    hall.broker(True)
    hall.hear("availability", b"online")
    hall.state(occupied=False, people=0)
    hall.passes(40)
    spans = [each for each in hall.spans if each[0]]
    assert spans == [(10, "occupied"), (20, "offline"), (30, NO_RECORD), (40, "empty")]


def test_while_this_machine_slept_nothing_was_heard(hall: Listening) -> None:
    hall.state(occupied=False, people=0)
    hall.passes(5)
    hall.now += 3600
    hall.passes(1)
    assert [each for each in hall.spans if each[0]][:2] == [(5, "empty"), (3601, NO_RECORD)]


def test_what_was_taken_back_is_gone(hall: Listening) -> None:
    hall.health()
    hall.state(occupied=True, people=1)
    hall.passes(3)
    for name in ("state", "health"):
        hall.hear(name, b"")
    assert hall.summary["room"] == "unknown"
    hall.hear("availability", b"")
    assert hall.said[-1].kind == "gone"
    hall.passes(4)
    assert hall.spans[-1] == (4, "unknown")
    hall.hear("availability", b"online")
    assert hall.said[-1].kind == "summary"


def test_events_of_the_day_are_kept_and_the_same_one_once(hall: Listening) -> None:
    event = {
        "version": 2,
        "time": time.time(),
        "kind": "arrived",
        "id": None,
        "zone": None,
        "people": 1,
        "confidence": 0.9,
        "run": "a1b2c3d4",
        "sequence": 1,
    }
    for name in ("event/arrived", "late/arrived"):
        hall.hear(name, json.dumps(event).encode())
    late = event | {"time": time.time() - 600, "sequence": 2}
    hall.hear("late/arrived", json.dumps(late).encode())
    told = hall.overview.history("hall")
    assert told
    assert [each["words"] for each in told["events"]] == ["arrived, late", "arrived"]
    assert told["events"][0]["age"] == pytest.approx(600, abs=30)


CORNERS = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]
LABELLED: dict[str, Any] = {
    "zone": [
        {"name": "majlis", "polygon": CORNERS, "label": "مجلس"},
        {"name": "bed", "polygon": CORNERS, "label": "Bett"},
        {"name": "bed-2", "polygon": CORNERS, "label": "Bett"},
        {"name": "sofa", "polygon": CORNERS},
    ],
    "line": [{"name": "door", "start": [0.1, 0.2], "end": [0.3, 0.4], "label": "Tür 🚪"}],
    "rule": [{"name": "reach", "when": "left_wrist above nose", "label": "Greift 👩\u200d👧"}],
}


def test_labels_are_shown_as_the_sensor_publishes_them(hall: Listening) -> None:
    settings = configuration.lay_over(Settings(), LABELLED, "test")
    free = {"occupied": False, "people": 0, "dwelling": None}

    def told() -> list[list[str]]:
        hall.state(
            occupied=False,
            zones=dict.fromkeys(("majlis", "bed", "bed-2", "sofa"), free),
            lines={"door": {"in": 2, "out": 1}},
            rules={"reach": True},
        )
        for event in (
            Event("zone_entered", 3, zone="majlis", confidence=0.5),
            Event("line_crossed", 3, details={"line": "door", "direction": "in"}),
            Event("rule", details={"rule": "reach"}),
        ):
            number = len(hall.said)
            said = event_payload(event, time.time()) | NUMBER | {"sequence": number}
            hall.hear(f"event/{event.kind}", as_json(said))
        words = [message.data["words"] for message in hall.said if message.kind == "event"][-3:]
        history = hall.overview.history("hall")
        assert history
        assert [each["words"] for each in history["events"]][-3:] == words
        return [*(lines for _, lines in hall.summary["groups"]), words]

    by_name = [
        ["majlis: free", "bed: free", "bed-2: free", "sofa: free"],
        ["door: 2 in, 1 out"],
        ["reach: holds"],
        ["zone entered, person 3, zone majlis", "line crossed, person 3, line door, direction in", "rule, rule reach"],
    ]
    assert told() == by_name, "the page knows no label before the sensor has said it"
    hall.hear("places", as_json(places_payload(settings, "settings", time.time())))
    # The one that is written from right to left is isolated from the English words around it.
    assert told() == [
        ["\u2068مجلس\u2069: free", "Bett (bed): free", "Bett (bed-2): free", "sofa: free"],
        ["Tür 🚪: 2 in, 1 out"],
        ["Greift 👩\u200d👧: holds"],
        [
            "zone entered, person 3, zone \u2068مجلس\u2069",
            "line crossed, person 3, line Tür 🚪, direction in",
            "rule, rule Greift 👩\u200d👧",
        ],
    ]
    hall.hear("places", b"")
    assert told() == by_name


def test_summaries_are_said_on_a_change_only(hall: Listening) -> None:
    hall.health()
    for _ in range(5):
        hall.state(occupied=True, people=1)
        hall.passes(5)
    assert len([message for message in hall.said if message.kind == "summary"]) == 3


def test_of_a_stranger_nothing_is_known() -> None:
    assert Listening().overview.history("attic") is None


def test_there_is_a_bound_on_sensors() -> None:
    listening = Listening()
    for number in range(200):
        message = read(f"d{number}/availability", b"online")
        assert message
        listening.overview.hear(message)
    assert len({message.device for message in listening.said if message.kind == "summary"}) == 64
