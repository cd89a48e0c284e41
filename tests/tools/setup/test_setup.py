"""The wizard as somebody at a terminal has it: a real process, a real sense, a real broker."""

import os
import re
import signal
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.config.settings import DeviceSettings, MqttSettings, Settings
from edge.data_files import PHOTOS
from edge.tools.access_list import access_list
from edge.tools.mosquitto import Mosquitto
from tests.support.commands import PROJECT, command
from tests.support.strict_broker import strict_broker
from tests.support.waiting import wait_until
from tests.tools.setup.typist import CONTROL_C, Typist, typist

ASTRONAUT = PHOTOS / "astronaut.jpg"
PRESENT = "# Mine.\n[device]\nid = 'hall' # by the door\n"
PASSWORD = "what the sensor knows"
QUESTIONS = (
    "Which camera", "MQTT broker, HOST or HOST:PORT", "Is the connection encrypted (TLS)?", "User name at the broker",
    "Its password, not shown", "Name of this sensor, for people", "Its id, a part of every topic",
    "What may leave this device", "May it be commanded over MQTT", "Shall Home Assistant discover it?",
    "In which area of the house is it", "Write it?",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sensor.toml").write_text(PRESENT)
    return tmp_path


@pytest.fixture
def strict(broker_folder: Path) -> Iterator[Mosquitto]:
    rules = access_list(Settings(device=DeviceSettings(id="hall"), mqtt=MqttSettings(username="sensor")))
    with strict_broker(broker_folder, {"sensor": PASSWORD}, rules) as running:
        yield running


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def looks(at: Typist, *, sees: str) -> None:
    """Agrees to look, and sees these words, in the drawing or behind it; also where its process cannot be sealed."""
    at.answers("Look through it now?", "y")
    at.waits_for("The camera is being opened")

    def seen() -> bool:
        if at.reads("Look all the same? [y/N]: "):
            at.types(b"y\n")
        return at.reads(sees)

    wait_until(seen, 120, lambda: f"{sees!r} in {at.text[-2000:]!r}")


def agrees_to_the_rest(at: Typist, *, first: str) -> None:
    for question in QUESTIONS[QUESTIONS.index(first) :]:
        at.answers(question)


def test_from_the_camera_to_the_file(folder: Path, strict: Mosquitto) -> None:
    with typist("--config", "sensor.toml", folder=folder) as at:
        at.answers(QUESTIONS[0], f"stills:{ASTRONAUT}")
        looks(at, sees="1 person is seen.")
        at.waits_for("The picture is good")
        assert re.search("[\u2801-\u28ff]", at.text), "a skeleton"
        at.types(b"\n")
        at.waits_for("1 person was seen. The picture is good, brightness")
        at.answers("What now")
        # A port where nobody listens, then the right one with a wrong password.
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            at.answers(QUESTIONS[1], f"127.0.0.1:{taken.getsockname()[1]}")
            at.answers(QUESTIONS[2], "n")
            at.answers(QUESTIONS[3], "sensor")
            at.answers(QUESTIONS[4], "wrong")
            at.waits_for("does not answer (Connection refused)")
        at.answers("What now", "1")
        at.answers(QUESTIONS[1], f"127.0.0.1:{strict.port}")
        for question in QUESTIONS[2:5]:
            at.answers(question)
        at.waits_for("user sensor was refused")
        at.answers("What now", "1")
        at.answers(QUESTIONS[3])
        at.answers(QUESTIONS[4], PASSWORD)
        at.waits_for("posenet/hall/# can be written and read")
        at.answers(QUESTIONS[5], "Hall")
        agrees_to_the_rest(at, first=QUESTIONS[6])
        assert at.ends() == 0
        assert PASSWORD not in at.text
        assert "wrong" not in at.text
    written = (folder / "sensor.toml").read_text()
    assert written.startswith("# Mine.\n[device]\nid = 'hall' # by the door\nname = \"Hall\"\n")
    # The host is the default.
    secret = str(folder / "secrets/mqtt_password")
    assert tomllib.loads(written)["mqtt"] == {"port": strict.port, "username": "sensor", "password_file": secret}
    assert (folder / "secrets/mqtt_password").read_text() == f"{PASSWORD}\n"
    assert command("check-config", "--config", "sensor.toml", cwd=folder).returncode == 0
    # What it showed was never stored: here are these files alone, as before.
    assert set(files(folder)) == {"sensor.toml", "secrets/mqtt_password"}


@pytest.mark.parametrize("stopped_at", range(len(QUESTIONS)), ids=lambda number: QUESTIONS[number])
def test_ctrl_c_at_any_question_changes_nothing(folder: Path, broker: Mosquitto, stopped_at: int) -> None:
    before = files(folder)
    answers = {QUESTIONS[1]: f"127.0.0.1:{broker.port}", QUESTIONS[3]: "u", QUESTIONS[4]: "p"}
    with typist("--config", "sensor.toml", "--no-camera", folder=folder) as at:
        for question in QUESTIONS[:stopped_at]:
            at.answers(question, answers.get(question, ""))
        at.waits_for(QUESTIONS[stopped_at])
        at.waits_for("]: ")
        at.types(b"half a li" + CONTROL_C)
        at.waits_for("Stopped; nothing was changed.")
        assert at.ends() == 130
    assert files(folder) == before


@pytest.mark.parametrize("how", ["Ctrl-C", "end of input", "terminal closed"])
def test_while_the_camera_is_open_too(folder: Path, how: str) -> None:
    before = files(folder)
    with typist("--config", "sensor.toml", folder=folder) as at:
        at.answers(QUESTIONS[0], f"stills:{ASTRONAUT}")
        looks(at, sees="1 person is seen.")
        if how == "Ctrl-C":
            at.types(CONTROL_C)
            assert at.ends() == 130
        elif how == "end of input":
            at.types(b"\n")
            at.waits_for("What now")
            at.types(b"\x04")
            assert at.ends() == 130
        else:
            at.process.send_signal(signal.SIGHUP)
            assert at.process.wait(60) == -signal.SIGHUP
    assert files(folder) == before


def test_while_the_broker_is_asked(folder: Path) -> None:
    """A port that takes the connection and never answers."""
    with socket.socket() as silent, typist("--config", "sensor.toml", "--no-camera", folder=folder) as at:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        at.answers(QUESTIONS[0])
        at.answers(QUESTIONS[1], f"127.0.0.1:{silent.getsockname()[1]}")
        at.answers(QUESTIONS[2])
        at.answers(QUESTIONS[3])
        at.waits_for("Asking 127.0.0.1")
        at.types(CONTROL_C)
        assert at.ends() == 130
    assert files(folder) == {"sensor.toml": PRESENT.encode()}


@pytest.mark.parametrize(
    ("source", "says", "remedy"),
    [
        ("v4l2:/dev/video99", "/dev/video99", "check the cable and camera.source"),
        ("fake:missing", "fake camera: missing", "check the cable and camera.source"),
        ("fake:busy", "fake camera: busy", "end what else uses the camera"),
    ],
)
def test_a_camera_that_is_missing_or_busy(folder: Path, source: str, says: str, remedy: str) -> None:
    with typist("--config", "sensor.toml", folder=folder) as at:
        at.answers(QUESTIONS[0], source)
        looks(at, sees="BAD      camera: ")
        at.waits_for(says)
        at.waits_for(remedy)
        at.answers("What now", "3")
        at.answers(QUESTIONS[0], f"stills:{ASTRONAUT}")
        looks(at, sees="1 person is seen.")
        at.types(b"\n")
        at.waits_for("1 person was seen.")
        at.types(CONTROL_C)
        assert at.ends() == 130


def test_a_dark_room_is_said_in_words_and_an_empty_one_too(folder: Path) -> None:
    cv2.imwrite(str(folder / "night.png"), np.full((480, 640, 3), 2, np.uint8))
    before = files(folder)
    with typist("--config", "sensor.toml", "--plain", folder=folder) as at:
        at.answers(QUESTIONS[0], "stills:night.png")
        looks(at, sees="Nobody is seen.")
        at.waits_for("The picture is dark")
        at.types(b"\n")
        at.waits_for("Nobody was seen. The picture is dark, brightness")
        at.waits_for("switch a light on")
        at.waits_for("look again.")
        assert "\x1b" not in at.text, "plain lines"
        at.types(CONTROL_C)
        assert at.ends() == 130
    assert files(folder) == before


def test_a_serial_line_which_has_no_size(folder: Path) -> None:
    with typist("--config", "sensor.toml", folder=folder, rows=0, columns=0) as at:
        at.answers(QUESTIONS[0], f"stills:{ASTRONAUT}")
        looks(at, sees="1 person is seen.")
        at.waits_for("Press Enter when the camera looks where it should.")
        at.types(b"\n")
        at.waits_for("What now")


def test_no_colours_where_none_are_wanted(folder: Path) -> None:
    with typist("--config", "sensor.toml", folder=folder, NO_COLOR="1") as at:
        at.answers(QUESTIONS[0], f"stills:{ASTRONAUT}")
        looks(at, sees="1 person is seen.")
        at.types(b"\n")
        at.waits_for("What now")
        assert not re.search(r"\x1b\[[0-9;]*m", at.text.replace("\x1b[0m", ""))


def test_without_a_terminal_it_names_the_file_to_edit(folder: Path) -> None:
    result = command("setup", "--config", "sensor.toml", cwd=folder)
    assert result.returncode == os.EX_USAGE
    assert "edit sensor.toml, then posenet-edge check-config" in result.stderr
    assert "not a terminal" in result.stderr


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["--config", "nowhere/deep/sensor.toml", "--keep", "mqtt.hots"], "--keep mqtt.hots: no such setting", 64),
        (["--config", "."], "is a folder; expected a file", 64),
        (["--config", "broken.toml/sensor.toml"], "broken.toml is no folder", 64),
        (["--config", "broken.toml"], "broken.toml: not valid TOML", 78),
    ],
)
def test_what_cannot_be_done_is_told_before_the_first_question(
    folder: Path, words: list[str], says: str, code: int
) -> None:
    (folder / "broken.toml").write_text("[mqtt\n")
    with typist(*words, folder=folder) as at:
        at.waits_for(says)
        assert at.ends() == code
        assert "Which camera" not in at.text


def test_the_transcript_in_the_docs_is_what_a_terminal_shows(tmp_path: Path, broker_folder: Path) -> None:
    with (
        strict_broker(broker_folder, {"sensor": PASSWORD}, "user sensor\ntopic readwrite #\n") as broker,
        typist("--config", "sensor.toml", folder=tmp_path) as at,
    ):
        at.answers(QUESTIONS[0], f"stills:{ASTRONAUT}")
        looks(at, sees="1 person is seen.")
        at.waits_for("The picture is good")
        at.types(b"\n")
        at.answers("What now")
        at.answers(QUESTIONS[1], f"127.0.0.1:{broker.port}")
        at.answers(QUESTIONS[2])
        at.answers(QUESTIONS[3], "sensor")
        at.answers(QUESTIONS[4], PASSWORD)
        at.answers(QUESTIONS[5], "Hall")
        at.answers(QUESTIONS[6], "hall")
        at.answers(QUESTIONS[7])
        at.answers(QUESTIONS[8], "y")
        at.answers(QUESTIONS[9])
        at.answers(QUESTIONS[10], "Hall")
        at.answers(QUESTIONS[11])
        assert at.ends() == 0
        shown = as_in_the_docs(at.transcript(), tmp_path, broker.port)
    page = (PROJECT / "docs/setup.md").read_text()
    (told,) = re.findall(r"```\n(Asks what a sensor needs.*?)```", page, re.DOTALL)
    assert words_of(told) == words_of(shown), shown


def as_in_the_docs(transcript: str, folder: Path, port: int) -> str:
    """With a camera in place of a photo, and paths and ports that are easily read."""
    text = transcript.replace(f"stills:{ASTRONAUT}", "v4l2:/dev/video0").replace(str(folder), "/home/me")
    return text.replace(f":{port}", ":1883").replace(f"port = {port}", "port = 1883")


def words_of(transcript: str) -> list[str]:
    """Its words without what differs from machine to machine: line breaks, the seal on a desk, an id, the rate."""
    text = re.sub(
        r"Its process cannot be sealed here.*?Look all the same\? \[y/N\]: y\n", "", transcript, flags=re.DOTALL
    )
    text = re.sub(r"No camera is found here\..*?docs/cameras\.md has more\.", "", text, flags=re.DOTALL)
    text = re.sub(r"(?m)^ +\d+  (?!auto|poses|body|events|go on|look again$|another camera).*$", "", text)
    text = re.sub(r"(?m)^ +\d+  (auto|look again$)", r"\1", text)
    text = re.sub(r"\b[\w-]+-[0-9a-f]{4}\b", "ID", text)
    return re.sub(r"\d+(\.\d+)? (%|a second)", r"N \2", text).split()
