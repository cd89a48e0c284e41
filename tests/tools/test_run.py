"""The whole line as a user starts it: a photo in, pose JSON at a real broker out; and then everything is killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import paho.mqtt.publish as publish
import pytest
from jsonschema import Draft202012Validator

from edge.data_files import PHOTOS
from edge.report import configuration
from edge.report.analytics.engine import Engine
from edge.report.homeassistant.messages import discovery_messages
from edge.report.messages.schema import SCHEMAS
from edge.tools.mosquitto import Mosquitto
from edge.tools.run import Child
from tests.support.commands import COMMAND, alive
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

ASTRONAUT = f"--source=stills:{PHOTOS / 'astronaut.jpg'}"


@contextmanager
def sensor(port: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """``posenet-edge run`` towards the broker at ``port``; ended when the test is."""
    settings = ["--set=device.id=hall", "--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={port}"]
    process = subprocess.Popen([*COMMAND, "run", *arguments, *settings], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def children(process: subprocess.Popen[str]) -> dict[str, int]:
    """Process ids of the children by verb."""
    found = {}
    pids = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in pids:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        if "edge" in words:
            found[words[words.index("edge") + 1]] = int(pid)
    return found


def more_poses(subscriber: Subscriber) -> None:
    """Waits until poses arrive that were not there yet."""
    before = len(subscriber.on("poses"))
    wait_until(lambda: len(subscriber.on("poses")) > before + 2, 40, "more poses")


def test_the_line_end_to_end_and_every_process_killed_in_turn(broker: Mosquitto) -> None:
    with Subscriber(broker.port) as subscriber, sensor(broker.port, ASTRONAUT) as process:
        more_poses(subscriber)
        wait_until(lambda: any(b'"running"' in health for health in subscriber.on("health")))
        for verb in ("sense", "report"):
            victim = children(process)[verb]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda verb=verb, victim=victim: children(process).get(verb, victim) != victim, what=verb)
            more_poses(subscriber)
        pids = children(process)
        assert set(pids) == {"sense", "report"}
        process.terminate()
        process.wait(20)
        assert process.returncode == 0
        assert not any(alive(pid) for pid in pids.values())
        wait_until(lambda: subscriber.on("availability")[-1] == b"offline")

    words = subscriber.on("availability")
    assert words[0] == b"online"
    assert b"offline" in words[:-1], "the last will of the killed report"
    for name in ("poses", "state", "health"):
        for payload in subscriber.on(name):
            Draft202012Validator(SCHEMAS[name]).validate(json.loads(payload))
    for payload in subscriber.on("arrived"):
        Draft202012Validator(SCHEMAS["event"]).validate(json.loads(payload))
    states = [json.loads(payload) for payload in subscriber.on("state")]
    assert states[0]["occupied"] is None, "nothing is known yet"
    assert (True, 1) in [(state["occupied"], state["people"]) for state in states]
    # Killed twice: each time somebody had to arrive anew, and never did anybody leave.
    assert not subscriber.on("left")
    assert False not in [state["occupied"] for state in states]
    for payload in subscriber.on("poses"):
        (pose,) = json.loads(payload)["poses"]
        nose = pose["keypoints"][0]
        assert nose["part"] == "nose"
        assert np.hypot(nose["position"]["x"] - 222, nose["position"]["y"] - 125) < 8
    health = json.loads(next(payload for payload in subscriber.on("health") if b'"running"' in payload))
    assert (health["state"], health["source"], health["lines_rejected"]) == ("running", "stills", {})
    assert {message.topic.split("/")[1] for message in subscriber.messages} == {"hall"}


def test_the_camera_is_shut_and_opened_over_mqtt(broker: Mosquitto) -> None:
    def say(word: str, retain: bool = False) -> None:
        publish.single("posenet/hall/command/camera", word, qos=1, retain=retain, port=broker.port)

    def paused() -> object:
        states = subscriber.on("state")
        return json.loads(states[-1])["paused"] if states else None

    with Subscriber(broker.port) as subscriber, sensor(broker.port, ASTRONAUT, "--set=command.enabled=true"):
        more_poses(subscriber)
        say("pause")
        wait_until(lambda: paused() is True)
        count = len(subscriber.on("poses"))
        wait_until(lambda: json.loads(subscriber.on("state")[-1])["occupied"] is None, what="nothing is known")
        assert len(subscriber.on("poses")) <= count + 1
        say("resume")
        more_poses(subscriber)
        wait_until(lambda: paused() is False)


def test_places_and_sensitivity_are_asked_for_over_mqtt(broker: Mosquitto) -> None:
    def say(name: str, payload: str) -> None:
        publish.single(f"posenet/hall/command/{name}", payload, qos=1, port=broker.port)

    def last(topic: str) -> dict[str, Any]:
        said = subscriber.on(topic)
        found: dict[str, Any] = json.loads(said[-1]) if said else {}
        return found

    whole = {"name": "room", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]], "point": "head"}
    with Subscriber(broker.port) as subscriber, sensor(broker.port, ASTRONAUT, "--set=command.enabled=true"):
        more_poses(subscriber)
        assert (last("places")["zone"], last("places")["source"]) == ([], "settings")
        say("places", json.dumps({"zone": [whole]}))
        wait_until(lambda: last("state").get("zones", {}).get("room", {}).get("occupied"), what="somebody in the zone")
        assert (last("state")["places_source"], last("places")["source"]) == ("command", "command")
        assert [zone["name"] for zone in last("places")["zone"]] == ["room"]
        say("places", json.dumps({"zone": [whole, whole]}))
        say("sensitivity", "low")
        wait_until(lambda: last("state")["sensitivity"] == "low")
        assert len(last("places")["zone"]) == 1
        say("places", "")
        wait_until(lambda: "zones" not in last("state"))


def test_on_a_desk_it_says_what_poses_mean_although_it_may_not_be_sealed(broker: Mosquitto) -> None:
    with Subscriber(broker.port) as subscriber, sensor(broker.port, ASTRONAUT) as process:
        more_poses(subscriber)
        words = Path(f"/proc/{children(process)['report']}/cmdline").read_text().split("\0")
    assert "--set=people.although_unsealed=true" in words


def test_nothing_but_numbers_and_fixed_words_crosses(broker: Mosquitto) -> None:
    """No payload on any topic holds bytes of a picture: each follows its schema, or the settings alone."""
    discovery = "homeassistant/device/hall/config"
    with Subscriber(broker.port, "#") as subscriber, sensor(broker.port, ASTRONAUT):
        more_poses(subscriber)
        wait_until(lambda: [message for message in subscriber.messages if message.topic == discovery])
    # On a slow machine discovery asks again whether the broker has said all; the question is empty.
    questions = {message.topic for message in subscriber.messages if "/echo/" in message.topic}
    assert questions <= {f"homeassistant/device/hall/echo/{number}" for number in range(1, 100)}
    assert not any(message.payload for message in subscriber.messages if message.topic in questions)
    assert {message.topic for message in subscriber.messages} - questions <= {
        discovery,
        *(f"posenet/hall/{name}" for name in ("availability", "poses", "state", "event/arrived", "places", "health"))
    }  # fmt: skip
    settings = configuration.load(None, ["device.id=hall"])
    expected = discovery_messages(settings, Engine(settings).keys, "hall")[discovery]
    for message in subscriber.messages:
        if message.topic == discovery:
            assert json.loads(message.payload) == expected


def test_killing_the_parent_takes_the_children_along(broker: Mosquitto) -> None:
    with Subscriber(broker.port) as subscriber, sensor(broker.port, ASTRONAUT) as process:
        more_poses(subscriber)
        pids = children(process)
        assert len(pids) == 2
        process.kill()
        wait_until(lambda: not any(alive(pid) for pid in pids.values()), what="children dead")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_cleanly_and_takes_its_socket_along(broker: Mosquitto, number: int) -> None:
    with Subscriber(broker.port) as subscriber, sensor(broker.port, ASTRONAUT) as process:
        more_poses(subscriber)
        words = Path(f"/proc/{children(process)['sense']}/cmdline").read_text().split("\0")
        socket = Path(next(word for word in words if word.startswith("--socket=")).removeprefix("--socket="))
        assert socket.exists()
        assert socket.parent.stat().st_mode & 0o077 == 0, "nobody else may listen or speak at the wall"
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert not socket.parent.exists()


def test_a_stuck_child_is_killed(broker: Mosquitto) -> None:
    with Subscriber(broker.port) as subscriber, sensor(broker.port, ASTRONAUT) as process:
        more_poses(subscriber)
        pids = children(process)
        os.kill(pids["sense"], signal.SIGSTOP)
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert "sense did not stop within" in errors
    assert not any(alive(pid) for pid in pids.values())


def test_the_end_of_the_source_is_a_good_end(broker: Mosquitto) -> None:
    with (
        Subscriber(broker.port) as subscriber,
        sensor(broker.port, ASTRONAUT, "--set=stills.loop=false", "--set=stills.seconds=1") as process,
    ):
        assert process.wait(30) == 0
        wait_until(lambda: subscriber.on("availability")[-1:] == [b"offline"])
        assert subscriber.on("poses")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--source=stills:nowhere"], os.EX_NOINPUT, "nowhere"),
        ([ASTRONAUT, "--set=model.file=nowhere.tflite"], os.EX_CONFIG, "nowhere.tflite"),
        ([ASTRONAUT, "--set=mqtt.username=u", "--set=mqtt.password_file=/nowhere"], os.EX_CONFIG, "/nowhere"),
    ],
)
def test_what_a_person_must_mend_ends_it_with_one_line(arguments: list[str], code: int, words: str) -> None:
    result = subprocess.run(
        [*COMMAND, "run", *arguments, "--set=mqtt.port=9"], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == code
    blaming = [line for line in result.stderr.splitlines() if words in line]
    assert len(blaming) == 1
    assert "Traceback" not in result.stderr


def test_a_camera_that_was_there_is_waited_for(broker: Mosquitto) -> None:
    """Once it has run, a source that is gone is no reason to end: the house must not lose its sensor."""
    with (
        Subscriber(broker.port) as subscriber,
        sensor(broker.port, "--source=fake:frames=5,fail=unplugged,missing,missing") as process,
    ):
        wait_until(lambda: any(b'"no_camera"' in health for health in subscriber.on("health")), 30)
        more_poses(subscriber)
        assert process.poll() is None


def test_a_broker_that_comes_later_and_goes_again() -> None:
    with Mosquitto() as late:
        late.stop()
        with sensor(late.port, ASTRONAUT) as process:
            wait_until(lambda: len(children(process)) == 2)
            late.start()
            for _ in range(2):
                with Subscriber(late.port) as subscriber:
                    more_poses(subscriber)
                    assert set(subscriber.on("availability")) == {b"online"}
                late.stop()
                late.start()


def test_single_mode_publishes_one_pose(broker: Mosquitto) -> None:
    with (
        Subscriber(broker.port) as subscriber,
        sensor(broker.port, ASTRONAUT, "--set=decode.mode=single", "--set=publish.positions=normalised"),
    ):
        more_poses(subscriber)
    message = json.loads(subscriber.on("poses")[-1])
    assert message["pose"]["keypoints"][0]["position"]["x"] == pytest.approx(222 / 512, abs=8 / 512)


def test_the_words_of_a_run_name_the_room_that_speaks(broker: Mosquitto) -> None:
    with sensor(broker.port, ASTRONAUT) as process, Subscriber(broker.port) as subscriber:
        more_poses(subscriber)
        process.terminate()
        _, errors = process.communicate(timeout=20)
    for line in errors.splitlines():
        assert re.match(r"posenet-edge (run|sense|report): ", line), line


def test_the_interpreter_is_the_same_in_all_processes(broker: Mosquitto) -> None:
    with sensor(broker.port, ASTRONAUT) as process:
        wait_until(lambda: len(children(process)) == 2)
        for pid in children(process).values():
            assert Path(f"/proc/{pid}/exe").resolve() == Path(sys.executable).resolve()


class Patience:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


def test_a_child_that_gives_no_sign_of_progress_is_killed_and_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Patience()
    child = Child("sense", [ASTRONAUT, f"--socket={tmp_path / 'wall.sock'}"], [], tmp_path, clock)

    def tend_until(condition: Callable[[], bool], what: str) -> None:
        def met() -> bool:
            child.tend()
            return condition()

        wait_until(met, 60, what)

    def signs() -> float:
        return child._sign_due - clock()

    try:
        tend_until(lambda: 0 < signs() < 21, "a first sign, when it is ready")
        first = child._process
        assert first is not None
        clock.ahead += 15
        tend_until(lambda: signs() > 15, "a further sign, as it lives")
        assert child._process is first
        os.kill(first.pid, signal.SIGSTOP)
        clock.ahead += 25
        tend_until(lambda: first.poll() is not None, "killed")
        tend_until(lambda: child._process not in (None, first), "started again")
    finally:
        child.await_stop(0.0)
    assert "sense hangs" in caplog.text
