"""An answer is published only when what was asked is stored."""

import json
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import paho.mqtt.publish
import pytest

from edge import wire
from edge.config.settings import (
    CommandSettings,
    DeviceSettings,
    MqttSettings,
    ProfileSettings,
    Settings,
    ZoneSettings,
)
from edge.errors import RESTART, Told
from edge.mqtt.publisher import Publisher
from edge.pose import Person
from edge.report.commands import restart
from edge.report.loop import Report
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import RUN_SOCKET, Notifier
from edge.runtime.service import Service
from edge.tools.mosquitto import Mosquitto
from tests.support.disk import Disk, full_disk
from tests.support.stick_people import stick
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until


class Sense:
    """Shuts the camera as soon as it is told to, and says so with the next line."""

    def __init__(self, status: wire.StatusLine, happened: list[str]) -> None:
        self._status, self._happened = status, happened
        self._word = "resume"

    def poll(self, timeout: float) -> list[bytes]:
        threading.Event().wait(timeout)
        now = time.monotonic()
        state = "paused" if self._word == "pause" else "running"
        return [wire.encode(replace(self._status, state=state, monotonic=now, time=time.time()))]

    def send_command(self, word: str) -> None:
        self._happened.append(f"told {word}")
        self._word = word


class Crowd:
    """Ten people in each frame, as fast as they are taken."""

    def __init__(self) -> None:
        self._sequence = 0

    def poll(self, timeout: float) -> list[bytes]:
        threading.Event().wait(0.05)
        self._sequence += 1
        people = tuple(Person(number, stick(60.0 * number)) for number in range(1, 11))
        now = time.monotonic()
        return [wire.encode(wire.FrameLine(self._sequence, now, time.time(), 640, 480, people))]

    def send_command(self, word: str) -> None:
        return


class Running:
    """``report`` at a real broker, with what happens to it in order."""

    def __init__(self, broker: Mosquitto, status: wire.StatusLine, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = Settings(
            device=DeviceSettings(id="hall"),
            mqtt=MqttSettings(port=broker.port),
            command=CommandSettings(enabled=True),
            zone=(ZoneSettings("sofa", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))),),
            profile=(ProfileSettings("guests", ("fall",), paused=True),),
        )
        self._port = broker.port
        disk = Disk(monkeypatch)
        self.happened = disk.calls
        publish_retained = Publisher.publish_retained

        def recorded(ours: Publisher, name: str, payload: bytes, expires: int = 0) -> None:
            if name == "state":
                said = json.loads(payload)
                self.happened.append(f"said paused {said['paused']}, {said['sensitivity']}, {said['places_source']}")
                off = [name for kind in said["switch"].values() for name, on in kind.items() if not on]
                self.happened.append(f"said {said['profile']}, off {', '.join(off)}")
            publish_retained(ours, name, payload, expires)

        monkeypatch.setattr(Publisher, "publish_retained", recorded)
        self._stopping = threading.Event()
        notifier = Notifier({})
        reload = Reload("report", settings, lambda: settings, notifier, threading.Event())
        service = Service(settings, self._stopping, notifier, reload)
        report = Report(service, Sense(status, self.happened))
        self._thread = threading.Thread(target=report.run)

    def __enter__(self) -> "Running":
        """Returns when it has noted its names, the first thing that it stores."""
        self._thread.start()
        try:
            wait_until(lambda: "rename .names to names" in self.happened[:-1], what="names are noted")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def ask(self, name: str, word: str, answer: str) -> list[str]:
        """What happened from the command to its answer; repetitions of the state before left out."""
        wait_until(lambda: any(each.startswith("said paused") for each in self.happened))
        before = len(self.happened)
        paho.mqtt.publish.single(f"posenet/hall/command/{name}", word, qos=1, port=self._port)
        wait_until(lambda: answer in self.happened[before:], what=answer)
        return self.happened[before : self.happened.index(answer, before)]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    return tmp_path


def without_answers(happened: list[str]) -> list[str]:
    return [each for each in happened if not each.startswith("said")]


def test_pause_shuts_the_camera_at_once_and_is_confirmed_when_it_is_stored(
    broker: Mosquitto, status_line: wire.StatusLine, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Subscriber(broker.port) as subscriber, Running(broker, status_line, monkeypatch) as running:
        wait_until(lambda: subscriber.on("state"))
        happened = running.ask("camera", "pause", "said paused True, normal, settings")
        stored = ["fsync .paused: ", "rename .paused to paused", f"fsync {state.name}/"]
        assert without_answers(happened) == ["told pause", *stored]
        assert (state / "paused").exists()
        happened = running.ask("camera", "resume", "said paused False, normal, settings")
        assert without_answers(happened) == [f"fsync {state.name}/", "told resume"]
        assert not (state / "paused").exists()


@pytest.mark.parametrize(
    ("name", "word", "answer"),
    [
        ("sensitivity", "high", "said paused False, high, settings"),
        ("places", '{"zone": []}', "said paused False, normal, command"),
        ("switch/zone/sofa", "OFF", "said home, off sofa"),
        ("switch/detector/fall", "OFF", "said home, off fall"),
    ],
)
def test_settings_are_confirmed_when_they_are_stored(
    broker: Mosquitto,
    status_line: wire.StatusLine,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    word: str,
    answer: str,
) -> None:
    with Subscriber(broker.port) as subscriber, Running(broker, status_line, monkeypatch) as running:
        wait_until(lambda: subscriber.on("state"))
        happened = without_answers(running.ask(name, word, answer))
        kind, _, switched = name.removeprefix("switch/").partition("/")
        if switched:
            name, word = "switches", json.dumps({"profile": "home", kind: {switched: False}})
        assert happened == [f"fsync .{name}: {word}", f"rename .{name} to {name}", f"fsync {state.name}/"]


def test_a_profile_that_pauses_shuts_the_camera_at_once_and_is_confirmed_when_it_is_stored(
    broker: Mosquitto, status_line: wire.StatusLine, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Subscriber(broker.port) as subscriber, Running(broker, status_line, monkeypatch) as running:
        wait_until(lambda: subscriber.on("state"))
        happened = without_answers(running.ask("profile", "guests", "said guests, off fall"))
        folder = f"fsync {state.name}/"
        stored = ['fsync .switches: {"profile": "guests"}', "rename .switches to switches", folder]
        # A sensitivity is taken back with it.
        assert happened == ["told pause", folder, *stored]
        happened = without_answers(running.ask("profile", "home", "said home, off "))
        assert happened == [folder, folder, "told resume"]
        assert not (state / "switches").exists()


def test_on_a_full_disk_the_camera_is_shut_until_the_next_start(
    broker: Mosquitto,
    status_line: wire.StatusLine,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Subscriber(broker.port) as subscriber, Running(broker, status_line, monkeypatch) as running:
        wait_until(lambda: subscriber.on("state"))
        monkeypatch.setattr(os, "fsync", full_disk)
        assert "told pause" in running.ask("camera", "pause", "said paused True, normal, settings")
        assert "No space left on device; it is not kept for the next start" in caplog.text
        assert [file.name for file in state.iterdir()] == ["names"]


def test_each_stage_of_a_frame_is_timed_and_told(broker: Mosquitto) -> None:
    settings = Settings(
        device=DeviceSettings(id="hall"), mqtt=MqttSettings(port=broker.port, topic="crowd", health_interval=1.0)
    )
    stopping, notifier = threading.Event(), Notifier({})
    reload = Reload("report", settings, lambda: settings, notifier, threading.Event())
    report = Report(Service(settings, stopping, notifier, reload), Crowd())
    thread = threading.Thread(target=report.run)

    def all_timed() -> bool:
        said = [json.loads(payload)["report_stages"] for payload in subscriber.on("health")]
        return any(all(0 < each["p50"] <= each["p99"] for each in stages.values()) for stages in said)

    with Subscriber(broker.port, "crowd/#") as subscriber:
        thread.start()
        try:
            wait_until(all_timed, what="all stages are timed")
        finally:
            stopping.set()
            thread.join()


class Quiet:
    """Nobody says anything; remembers what is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def poll(self, timeout: float) -> list[bytes]:
        threading.Event().wait(timeout)
        return []

    def send_command(self, word: str) -> None:
        self.told.append(word)


def test_a_restart_is_told_to_sense_and_ends_with_a_code_that_starts_it_again(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(restart, "APART_S", 0.0)
    settings = Settings(
        device=DeviceSettings(id="hall"), mqtt=MqttSettings(port=broker.port), command=CommandSettings(enabled=True)
    )
    notifier, stopping, lines = Notifier({RUN_SOCKET: str(tmp_path / "nobody")}), threading.Event(), Quiet()
    reload = Reload("report", settings, lambda: settings, notifier, threading.Event())
    report = Report(Service(settings, stopping, notifier, reload), lines)
    ended: list[int] = []

    def run() -> None:
        try:
            report.run()
        except Told as told:
            ended.append(told.exit_code)

    thread = threading.Thread(target=run)
    with Subscriber(broker.port) as subscriber:
        thread.start()
        try:
            wait_until(lambda: b"online" in subscriber.on("availability"))
            subscriber.publish("posenet/hall/command/restart", "restart")
            thread.join(10)
        finally:
            stopping.set()
            thread.join()
        wait_until(lambda: subscriber.on("availability")[-1] == b"offline")
    assert (ended, lines.told) == ([RESTART], ["resume", "restart"])
