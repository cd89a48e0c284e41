"""Which camera ``auto`` takes, with stand-ins for libcamera and for the devices."""

import errno
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.errors import CameraBarred, NoSource
from edge.sense.camera import auto_source, open_camera
from edge.sense.camera.v4l2 import devices
from edge.sense.camera.v4l2.devices import Device
from tests.support.camera import SHAPE, Time, make_settings
from tests.support.picamera2_stand_in import Hardware, make_library

ENCODER = Device("bcm2835-codec", "bcm2835-codec-decode", "which gives no frames")
WEBCAM, LOOPBACK = Device("uvcvideo", "Webcam"), Device("v4l2 loopback", "Dummy")
USB = {"Model": "Webcam", "Id": "/base/scb/pcie@7d500000/usb@0,0-1.2:1.0-046d:0825", "Num": 0}


@pytest.fixture
def hardware(monkeypatch: pytest.MonkeyPatch) -> Hardware:
    hardware = Hardware(Time())
    hardware.cameras = []
    picamera2, libcamera = make_library(hardware)
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)
    monkeypatch.setitem(sys.modules, "libcamera", libcamera)
    return hardware


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Device | int]:
    """Video devices by their names, as they are or with the number of the error that asking them gives."""
    nodes: dict[str, Device | int] = {}

    def query(path: Path) -> Device:
        found = nodes[path.name]
        if isinstance(found, int):
            raise OSError(found, os.strerror(found))
        return found

    monkeypatch.setattr(devices, "candidates", lambda: [Path("/dev") / name for name in nodes])
    monkeypatch.setattr(devices, "query", query)
    return nodes


def kind() -> str:
    return open_camera(make_settings("auto"), SHAPE, Time()).kind


def test_the_raspberry_pis_camera_comes_first(hardware: Hardware, nodes: dict[str, Device | int]) -> None:
    hardware.cameras = [{"Model": "imx219", "Id": "/base/soc/i2c0mux/i2c@1/imx219@10", "Num": 0}, USB]
    nodes.update(video0=WEBCAM)
    assert auto_source() == "picamera2"
    assert kind() == "picamera2"


def test_else_the_first_device_that_captures(hardware: Hardware, nodes: dict[str, Device | int]) -> None:
    nodes.update(video0=errno.EACCES, video10=ENCODER, video11=WEBCAM, video12=WEBCAM)
    assert auto_source() == "v4l2:/dev/video11"
    assert kind() == "v4l2"


def test_a_webcam_that_libcamera_sees_too_is_left_to_v4l2(
    hardware: Hardware, nodes: dict[str, Device | int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hardware.cameras = [USB]
    nodes.update(video0=WEBCAM)
    assert auto_source() == "v4l2:/dev/video0"
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert auto_source() == "picamera2"


def test_a_loopback_is_taken_where_there_is_no_webcam(hardware: Hardware, nodes: dict[str, Device | int]) -> None:
    nodes.update(video0=LOOPBACK, video1=LOOPBACK)
    assert auto_source() == "v4l2:/dev/video0"
    nodes.update(video2=WEBCAM)
    assert auto_source() == "v4l2:/dev/video2"


def test_without_any_it_says_what_was_looked_for(hardware: Hardware, nodes: dict[str, Device | int]) -> None:
    nodes.update(video0=errno.EACCES, video10=ENCODER)
    assert auto_source() is None
    with pytest.raises(NoSource) as caught:
        kind()
    message = str(caught.value)
    for words in (
        "libcamera lists no camera",
        "/dev/video0: permission denied, add the user to the video group",
        "/dev/video10 is 'bcm2835-codec-decode', which gives no frames",
        "--source video:clip.mp4",
        "--source stills:photo.jpg",
    ):
        assert words in message
    assert "\n" not in message


def test_a_device_that_rules_bar_is_no_missing_camera(hardware: Hardware, nodes: dict[str, Device | int]) -> None:
    nodes.update(video0=errno.EPERM, video10=ENCODER)
    with pytest.raises(CameraBarred, match=r"/dev/video0 is kept from this process by the device rules") as caught:
        kind()
    assert "usermod" not in str(caught.value)
    assert auto_source() is None
    nodes.update(video11=WEBCAM)
    assert auto_source() == "v4l2:/dev/video11"


@pytest.mark.parametrize(
    ("board", "first", "then"),
    [
        ("Raspberry Pi 5 Model B Rev 1.0\0", "apt install python3-picamera2", "there is no /dev/video*"),
        ("Radxa ROCK 5B\0", "there is no /dev/video*", "apt install python3-picamera2"),
        (None, "there is no /dev/video*", "apt install python3-picamera2"),
    ],
)
def test_without_libraries_it_says_what_to_install_the_likely_reason_first(
    board: str | None,
    first: str,
    then: str,
    monkeypatch: pytest.MonkeyPatch,
    nodes: dict[str, Device | int],
    tmp_path: Path,
) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    model = tmp_path / "model"
    if board is not None:
        model.write_text(board)
    # ``is_likely`` of the finders reads the board's name where the firmware puts it.
    monkeypatch.setattr(Path, "read_text", reading(Path("/proc/device-tree/model"), model))
    with pytest.raises(NoSource) as caught:
        kind()
    message = str(caught.value)
    assert message.startswith("no camera found: ")
    assert -1 < message.find(first) < message.find(then)
    assert "plug a webcam" in message
    nodes.update(video3=WEBCAM)
    with pytest.raises(NoSource, match=r"webcam /dev/video3 found but PyAV is not installed \(pip install"):
        kind()


def reading(path: Path, other: Path) -> Callable[..., str]:
    """``Path.read_text`` that reads another file in the place of one."""
    real = Path.read_text
    return lambda self, **how: real(other if self == path else self, **how)


def test_a_libcamera_that_fails_is_no_reason_to_look_no_further(
    hardware: Hardware, nodes: dict[str, Device | int]
) -> None:
    hardware.refuse["global_camera_info"] = RuntimeError("Failed to start CameraManager")
    nodes.update(video0=WEBCAM)
    assert auto_source() == "v4l2:/dev/video0"
    nodes.clear()
    with pytest.raises(NoSource, match="Failed to start CameraManager"):
        kind()
