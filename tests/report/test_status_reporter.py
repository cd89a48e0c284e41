"""When ``state`` and ``health`` are published, and what ``systemctl status`` shows."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from edge import wire
from edge.config.settings import CommandSettings, DeviceSettings, MqttSettings, OutboxSettings, Settings
from edge.report.analytics.engine import Engine
from edge.report.commands.overrides import SettingsInForce
from edge.report.commands.state_store import StateStore
from edge.report.messages.schema import MESSAGES
from edge.report.outbox.outbox import Outbox
from edge.report.status_reporter import StatusReporter

SETTINGS = Settings(mqtt=MqttSettings(health_interval=30.0), command=CommandSettings(enabled=True))


class Publisher:
    """Takes what is published, as far as it is what the messages declare."""

    twin = False
    address, connected, refusal, trouble, messages_sent, messages_dropped = "broker:1883", True, "", "", 7, 2

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.expires: dict[str, int] = {}

    def publish_retained(self, name: str, payload: bytes, expires: int) -> None:
        self.expires[name] = expires
        if name == "availability":
            assert payload == b"online"
        else:
            self.messages.append((name, MESSAGES[name].read(payload)))


class Sensor:
    """A reporter with everything around it; ``pass_time`` checks it every quarter of a second."""

    def __init__(self, status: wire.StatusLine, settings: Settings = SETTINGS) -> None:
        self.settings = SettingsInForce(settings, StateStore({}))
        self.publisher = Publisher()
        self.shown = ""
        self.rejected = Counter[str]()
        self._engine = Engine(settings)
        self._status = status
        self._now = 1000.0
        self._reporter = StatusReporter(
            self.settings,
            self.publisher,  # type: ignore[arg-type]
            Outbox(OutboxSettings(), self.publisher),  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            "hall-1a2b",
            self.rejected,
            {},
            lambda: self._now,
        )

    def status(self, text: str) -> None:
        """As the notifier of systemd."""
        self.shown = text

    def hear(self, state: str, **changes: Any) -> None:
        line = replace(self._status, state=state, monotonic=self._now, **changes)
        self._reporter.hear(line)
        self._engine.hear(line)

    def pass_time(self, seconds: float, state: str = "", **changes: Any) -> list[tuple[str, dict[str, Any]]]:
        """What is published meanwhile; state: what ``sense`` says at each check, with what changed in its line."""
        before = len(self.publisher.messages)
        for _ in range(round(4 * seconds)):
            self._now += 0.25
            if state:
                self.hear(state, **changes)
            self._reporter.check(self._engine)
        return self.publisher.messages[before:]

    def healths(self, seconds: float, state: str = "", **changes: Any) -> list[dict[str, Any]]:
        return [message for name, message in self.pass_time(seconds, state, **changes) if name == "health"]


@pytest.mark.parametrize(("interval", "expires"), [(30.0, 90), (1.0, 90), (600.0, 1800)])
def test_what_is_retained_ends_with_the_sensor(status_line: wire.StatusLine, interval: float, expires: int) -> None:
    """State is said again after 30 s, the others after the interval; two may be lost."""
    sensor = Sensor(status_line, replace(SETTINGS, mqtt=MqttSettings(health_interval=interval)))
    sensor.pass_time(1, "running")
    assert sensor.publisher.expires == {"state": 90, "health": expires, "availability": expires}


def test_health_comes_at_its_interval_and_at_once_when_the_state_changed(status_line: wire.StatusLine) -> None:
    sensor = Sensor(status_line)
    assert [each["state"] for each in sensor.healths(60, "running")] == ["running", "running"]
    assert [each["state"] for each in sensor.healths(2, "no_camera")] == ["no_camera"]


def test_health_says_at_once_that_the_camera_is_blind(status_line: wire.StatusLine) -> None:
    sensor = Sensor(status_line)
    assert [each["blindness"] for each in sensor.healths(3, "running")] == ["no"]
    assert [each["blindness"] for each in sensor.healths(10, "running", brightness=0.01)] == ["dark"]
    assert [each["blindness"] for each in sensor.healths(10, "running")] == ["no"]
    assert [each["blindness"] for each in sensor.healths(10)] == [None], "silent"


def test_a_camera_on_its_side_is_said_in_health_and_once_in_the_log(
    status_line: wire.StatusLine, caplog: pytest.LogCaptureFixture
) -> None:
    sensor = Sensor(status_line)
    assert [each["suggested_rotate"] for each in sensor.healths(10, "running")] == [None]
    turned = wire.Found(right=2)
    for hour in range(24):
        sensor.pass_time(5, "running", found=turned, uptime=3600.0 * hour)
    assert sensor.healths(60, "running", found=turned, uptime=86400.0)[-1]["suggested_rotate"] == 270
    assert [record.message for record in caplog.records if "camera.rotate = 270" in record.message] == [
        "hardly anybody is seen upright: set camera.rotate = 270, or hang the camera upright"
    ]


def test_a_state_that_flutters_does_not_flood(status_line: wire.StatusLine) -> None:
    sensor = Sensor(status_line)
    said = [health for _ in range(40) for state in ("running", "no_frames") for health in sensor.healths(0.25, state)]
    assert len(said) <= 21


def test_a_shorter_interval_holds_at_once(status_line: wire.StatusLine) -> None:
    sensor = Sensor(status_line)
    sensor.healths(5, "running")
    sensor.settings.reload(replace(SETTINGS, mqtt=MqttSettings(health_interval=2.0)))
    assert len(sensor.healths(10, "running")) == 5


def test_after_five_seconds_without_a_word_sense_is_silent_and_a_pause_unknown(status_line: wire.StatusLine) -> None:
    sensor = Sensor(status_line)
    paused = [message["paused"] for name, message in sensor.pass_time(2, "paused") if name == "state"]
    assert paused == [True]
    assert "sense is paused" in sensor.shown
    assert sensor.healths(4.5) == []
    after = sensor.pass_time(2)
    assert [message["state"] for name, message in after if name == "health"] == ["silent"]
    assert [message["paused"] for name, message in after if name == "state"] == [None]
    assert sensor.shown.endswith("sense is silent")


def test_a_slow_machine_is_too_slow_and_never_silent_between_its_lines(status_line: wire.StatusLine) -> None:
    sensor = Sensor(status_line)
    slow = {"latency_ms": 8000.0, "frame_rate": 0.1}
    said = []
    for _ in range(10):
        said += sensor.healths(0.25, "too_slow", **slow)
        # Nothing comes while it works on the next frame.
        said += sensor.healths(7.75)
    assert {health["state"] for health in said} == {"too_slow"}
    assert sensor.shown.endswith("sense is too_slow")
    assert [health["state"] for health in sensor.healths(25)][-1] == "silent"


def test_health_counts_and_names_the_device(status_line: wire.StatusLine) -> None:
    sensor = Sensor(status_line)
    sensor.rejected["stale"] = 3
    (health,) = sensor.healths(1, "running")
    assert health["name"] == "hall-1a2b"
    assert health["lines_rejected"]["stale"] == 3
    (health,) = Sensor(status_line, replace(SETTINGS, device=DeviceSettings(name="Hall"))).healths(1, "running")
    assert health["name"] == "Hall"


@pytest.mark.parametrize(
    ("name", "payload", "key", "value"),
    [("sensitivity", b"low", "sensitivity", "low"), ("places", b'{"zone": []}', "places_source", "command")],
)
def test_state_says_what_was_overridden(
    status_line: wire.StatusLine, name: str, payload: bytes, key: str, value: str
) -> None:
    sensor = Sensor(status_line)
    sensor.pass_time(1, "running")
    sensor.settings.override(name, payload)
    ((_, state),) = sensor.pass_time(1, "running")
    assert state[key] == value
