"""The real Picamera2 on libcamera's virtual camera, through the product's own source, from a plain checkout."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from tests.rehearsal.broker import BROKER, SENSOR, Listener, nose
from tests.rehearsal.cache import PROJECT
from tests.rehearsal.equipment import SIZE, photo
from tests.rehearsal.machine import Machine, Running
from tests.support.waiting import wait_until

HERE = "/root/posenet-edge"
EDGE = f"{HERE}/.venv/bin/posenet-edge"
SENSE = f"PYTHONFAULTHANDLER=1 {EDGE} sense --stdout --set camera.timeout=1 --source"
CAMERA = """
from threading import Event
from edge.config.loader import load
from edge.errors import CameraFailed
from edge.sense.camera import open_camera
settings = load(None, ["camera.source=picamera2"])
camera, another = (open_camera(settings, (257, 353), Event()) for _ in range(2))
"""
OPEN_TWICE = f"""{CAMERA}
with camera:
    frames = camera.frames()
    next(frames)
    try:
        with another:
            print("opened twice")
    except CameraFailed as error:
        print(error)
    print(next(frames).content.shape)
    frames.close()
"""
OPEN_AGAIN = f"""{CAMERA}
for _ in range(3):
    with camera:
        frames = camera.frames()
        print(next(frames).content.shape, next(frames).content.shape)
        frames.close()
"""


@pytest.fixture(scope="module")
def desk(blank: list[Path], make_machine: Callable[[str, list[Path]], Machine]) -> Iterator[Machine]:
    """A machine with a checkout, set up by its own script."""
    with make_machine("desk", blank) as machine:
        machine.unpack(PROJECT, HERE)
        machine.run("scripts/setup video", folder=HERE, timeout=600)
        encoded = cv2.imencode(".png", photo())[1].tobytes()
        machine.write("/root/photo.png", encoded)
        yield machine


def lines(running: Running, kind: str) -> list[dict[str, Any]]:
    """The lines of that kind that a ``sense --stdout`` has given so far."""
    found = [json.loads(line) for line in running.lines() if line.startswith("{")]
    return [line for line in found if line["kind"] == kind]


def frames(running: Running) -> list[dict[str, Any]]:
    """One for each frame."""
    return lines(running, "frame")


def failures(running: Running) -> int:
    """How often it has opened the camera in vain, or lost it."""
    return max((line["camera_failures"] for line in lines(running, "status")), default=0)


def test_setup_lets_the_systems_picamera2_in(desk: Machine) -> None:
    assert "dist-packages" in desk.say(f"{HERE}/.venv/bin/python -c 'import picamera2; print(picamera2.__file__)'")


@pytest.mark.parametrize("source", ["picamera2", "auto"])
def test_the_camera_shows_what_the_photo_shows(desk: Machine, source: str) -> None:
    with desk.start(f"{SENSE} stills:/root/photo.png") as photo_shown, desk.start(f"{SENSE} {source}") as camera_shown:
        for running in (photo_shown, camera_shown):
            wait_until(lambda running=running: len(frames(running)) > 5, what=lambda running=running: running.tail())
        first, second = frames(photo_shown)[0], frames(camera_shown)[5]
    assert (second["width"], second["height"]) == SIZE
    # Part, x, y: the camera's picture went through NV12, which halves its colours.
    expected, found = first["persons"][0][2][0], second["persons"][0][2][0]
    assert found[:2] == pytest.approx(expected[:2], abs=3.0)
    assert found[2] > 0.9
    assert '"source":"picamera2"' in camera_shown.text()


def test_it_can_be_closed_and_opened_again(desk: Machine) -> None:
    shapes = desk.say(f"{HERE}/.venv/bin/python -c '{OPEN_AGAIN}'").splitlines()
    assert shapes == [f"({SIZE[1]}, {SIZE[0]}, 3) ({SIZE[1]}, {SIZE[0]}, 3)"] * 3


def test_a_camera_in_use_is_called_busy(desk: Machine) -> None:
    # Between two processes the virtual camera is not exclusive, as a real one is; within one it is.
    said = desk.say(f"{HERE}/.venv/bin/python -c '{OPEN_TWICE}'")
    assert "busy" in said.splitlines()[0]
    assert said.splitlines()[1] == f"({SIZE[1]}, {SIZE[0]}, 3)"


def test_a_camera_that_gives_no_frames_is_opened_again(desk: Machine) -> None:
    with desk.start(f"{SENSE} picamera2") as sense:
        wait_until(lambda: frames(sense), what=sense.tail)
        with desk.fault("frozen"):
            wait_until(lambda: failures(sense) >= 2, what=sense.tail)
        count = len(frames(sense))
        wait_until(lambda: len(frames(sense)) > count, what=sense.tail)
    assert "gave no frame for 1 s" in sense.text()


def test_a_camera_that_is_unplugged_is_found_again(desk: Machine) -> None:
    with desk.start(f"{SENSE} auto") as sense:
        wait_until(lambda: frames(sense), what=sense.tail)
        with desk.fault("frozen"), desk.fault("unplugged"):
            wait_until(lambda: failures(sense) >= 2, what=sense.tail)
        count = len(frames(sense))
        wait_until(lambda: len(frames(sense)) > count, what=sense.tail)


def test_without_a_camera_it_says_so_and_ends(desk: Machine) -> None:
    with desk.fault("unplugged"):
        ended = desk.run(f"{SENSE} auto", check=False)
    assert ended.returncode == 66
    assert "no camera found" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_run_brings_poses_to_the_broker(desk: Machine) -> None:
    options = f"--set mqtt.host={BROKER} --set mqtt.username={SENSOR} --set mqtt.password_file=/root/password"
    with Listener(desk) as listener, desk.start(f"{EDGE} run --source picamera2 {options}"):
        message = listener.wait_for_pose()
        wait_until(lambda: "online" in listener.on("availability"))
    assert message["image"] == {"width": SIZE[0], "height": SIZE[1]}
    assert 0 < nose(message)[0] < SIZE[0]
