"""record, replay and simulate as a user starts them, with a real broker."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from paho.mqtt import publish

from edge.errors import BadRecording, NoSource
from edge.report.messages.schema import SCHEMAS
from edge.tools.mosquitto import Mosquitto
from edge.tools.play.recording import Recording
from edge.tools.simulate.scenes import SCENES
from tests.support.commands import COMMAND, command
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until


@contextmanager
def started(broker: Mosquitto, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One of the three verbs towards that broker; ended when the test is."""
    where = ["--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={broker.port}"]
    process = subprocess.Popen([*COMMAND, *arguments, *where], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=20)


def said(process: subprocess.Popen[str]) -> str:
    """What it said to its end."""
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    return errors


def messages(subscriber: Subscriber, device: str, name: str) -> list[Any]:
    topic = f"posenet/{device}/{name}"
    return [json.loads(m.payload) for m in list(subscriber.messages) if m.topic == topic and m.payload]


def what(message: dict[str, Any]) -> tuple[int, Any]:
    """All of it that a replay must give back."""
    return message["sequence"], message["poses"]


def retained(broker: Mosquitto) -> set[str]:
    """Topics on which something is kept."""
    with Subscriber(broker.port, "#") as late:
        # What is retained arrives before a message that is sent after it was asked for.
        late.publish("posenet/last", b"!")
        wait_until(lambda: late.on("last"))
    return {message.topic for message in late.messages if message.retain}


def test_what_another_device_announced_under_its_name_stays(broker: Mosquitto) -> None:
    topics = {"homeassistant/sensor/actor/temperature/config", "homeassistant/device/actor/config"}
    for topic in topics:
        publish.single(
            topic, '{"name": "Temperature", "dev": {"name": "Hallway"}}', retain=True, qos=1, port=broker.port
        )
    with started(broker, "simulate", "--scene=stand-still", "--name=actor", "--speed=50") as simulating:
        errors = said(simulating)
    assert simulating.returncode == 0
    for topic in topics:
        assert f'{topic}: left alone, it belongs to the device "Hallway"' in errors
    assert retained(broker) == topics


def test_what_is_simulated_is_recorded_and_what_is_recorded_is_replayed(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "scene.gz"
    simulated = ["simulate", "--scene=stand-still", "--name=actor", "--noise", "--seed=3", "--rate=10"]
    with Subscriber(broker.port) as subscriber, started(broker, *simulated) as simulating:
        wait_until(lambda: len(messages(subscriber, "actor", "poses")) > 2)
        with started(broker, "record", str(path), "--device=actor") as recording:
            wait_until(path.exists)
            already = len(messages(subscriber, "actor", "poses"))
            wait_until(lambda: len(messages(subscriber, "actor", "poses")) > already + 30)
            recording.send_signal(signal.SIGINT)
            summary = said(recording)
            assert recording.returncode == 0
        simulating.send_signal(signal.SIGINT)
        assert "nothing of it is retained" in said(simulating)
        assert simulating.returncode == 0
    live = [what(message) for message in messages(subscriber, "actor", "poses")]
    frames = list(Recording(path).frames())
    assert f"{path}: {len(frames)} frames in " in summary
    assert len(frames) > 25
    assert retained(broker) == set()

    with Subscriber(broker.port) as subscriber, started(broker, "replay", str(path)) as replaying:
        assert f"{len(frames)} frames" in said(replaying)
        assert replaying.returncode == 0
        wait_until(lambda: subscriber.on("availability")[-1:] == [b""], what="cleared")
    again = [what(message) for message in messages(subscriber, "actor-replay", "poses")]
    assert [sequence for sequence, _ in again] == [frame.sequence for frame in frames]
    begun = live.index(again[0])
    assert again == live[begun : begun + len(again)], "the same poses in the same order"

    assert {message.topic.split("/")[1] for message in subscriber.messages} == {"actor-replay"}
    for name in ("poses", "state", "health"):
        for message in messages(subscriber, "actor-replay", name):
            Draft202012Validator(SCHEMAS[name]).validate(message)
    assert (True, 1) in [(s["occupied"], s["people"]) for s in messages(subscriber, "actor-replay", "state")]
    (arrived,) = messages(subscriber, "actor-replay", "event/arrived")
    assert time.time() - 60 < arrived["time"] < time.time(), "now, not when it was recorded"
    (health, *_) = messages(subscriber, "actor-replay", "health")
    assert (health["state"], health["sealed"], health["name"]) == ("silent", None, "actor-replay")
    assert messages(subscriber, "actor-replay", "health")[-1]["lines_rejected"] == {}
    assert list(dict.fromkeys(subscriber.on("availability"))) == [b"online", b"offline", b""]
    assert retained(broker) == set()


def test_what_is_played_fast_means_the_same(broker: Mosquitto) -> None:
    """Who arrives at 0.5 s and has left after 5 s of an empty room does so on the scene's clock, 8 times as fast."""
    with (
        Subscriber(broker.port) as subscriber,
        started(broker, "simulate", "--scene=leave", "--speed=8", "--rate=10", "--set=publish.share=events") as playing,
    ):
        assert "posenet/simulated" in said(playing)
        wait_until(lambda: subscriber.on("availability")[-1:] == [b""])
    assert (len(subscriber.on("arrived")), len(subscriber.on("left"))) == (1, 1)
    assert not subscriber.on("poses")
    assert messages(subscriber, "simulated", "state")[-1]["occupied"] is False
    shown = command("simulate", "--scene=leave", "--rate=10", "--events")
    assert [line.split()[2].rstrip(",") for line in shown.stdout.splitlines()][:1] == ["arrived"]
    assert "left, confidence" in shown.stdout


def test_normalised_positions_are_recorded_in_px(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "scene.gz"
    with (
        started(broker, "record", str(path), "--device=simulated", "--seconds=60") as recording,
        started(broker, "simulate", "--scene=stand-still", "--loop", "--set=publish.positions=normalised"),
    ):
        wait_until(path.exists)
        time.sleep(0.5)
        recording.send_signal(signal.SIGTERM)
        assert "at most 1 people" in said(recording)
    (person,) = next(iter(Recording(path).frames())).persons
    assert all(0 < point.x < 640 and 0 < point.y < 480 for point in person.pose.keypoints)
    assert max(point.x for point in person.pose.keypoints) > 300


def sequences(path: Path) -> set[int]:
    """What can be read of a recording that goes on."""
    found = set()
    with contextlib.suppress(BadRecording, NoSource):
        for frame in Recording(path).frames():
            found.add(frame.sequence)
    return found


def test_a_broker_that_goes_away_does_not_end_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "scene.gz"
    with Mosquitto() as broker, started(broker, "record", str(path), "--device=hall") as recording:
        for number in (1, 2):
            message = {
                "version": 1,
                "sequence": number,
                "time": number,
                "image": {"width": 4, "height": 3},
                "positions": "pixels",
                "poses": [],
            }
            with Subscriber(broker.port) as other:

                def published(number: int = number, message: Any = message, other: Subscriber = other) -> bool:
                    other.publish("posenet/hall/poses", json.dumps(message))
                    time.sleep(0.1)
                    return number in sequences(path)

                wait_until(published, 40)
            broker.stop()
            broker.start()
        recording.terminate()
        assert "connection lost" in said(recording)
        assert recording.returncode == 0


def test_nothing_to_record(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "hall.gz"
    with (
        Subscriber(broker.port) as other,
        started(broker, "record", str(path), "--device=hall", "--seconds=3") as process,
    ):
        while process.poll() is None:
            other.publish("posenet/hall/poses", b"dear diary")
            time.sleep(0.1)
        errors = said(process)
    assert process.returncode == os.EX_UNAVAILABLE
    assert "nothing to record came on posenet/hall/poses" in errors
    assert "messages left out (not_json " in errors
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["record", "there.gz"], os.EX_USAGE, "--force"),
        (["record", "nowhere/hall.gz"], os.EX_IOERR, "nowhere"),
        (["record", "hall.gz", "--seconds=0"], os.EX_USAGE, "--seconds"),
        (["record", "hall.gz", "--device=#"], os.EX_CONFIG, "device.id"),
        (["record", "hall.gz"], os.EX_UNAVAILABLE, "Connection refused"),
        (["replay", "nowhere.gz"], os.EX_NOINPUT, "nowhere.gz"),
        (["replay", "there.gz"], os.EX_DATAERR, "line 1"),
        (["simulate", "--scene=dance", "--events"], os.EX_USAGE, "squats"),
        (["simulate", "--scene=fall", "--speed=0"], os.EX_USAGE, "--speed 0"),
        (["simulate", "--scene=fall", "--rate=nan"], os.EX_USAGE, "--rate nan"),
        (["simulate", "--scene=fall", "--seed=-1"], os.EX_USAGE, "--seed -1"),
        (["simulate", "--scene=fall", "--name=a/b", "--events"], os.EX_CONFIG, "device.id"),
        (["simulate", "--scene=fall", "--name=hall", "--set=device.id=hall"], os.EX_USAGE, "the sensor itself"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    (tmp_path / "there.gz").write_text("dear diary")
    result = command(*arguments, "--set=mqtt.port=9", cwd=tmp_path)
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"posenet-edge {arguments[0]}: ")
    assert words in line
    assert (result.returncode, result.stdout) == (code, "")
    assert (tmp_path / "there.gz").read_text() == "dear diary"


def test_every_scene_is_listed() -> None:
    listed = command("simulate", "--list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(SCENES)
    for line, scene in zip(listed, SCENES.values(), strict=True):
        assert all(words in line for words in (scene.description, *scene.expected))
