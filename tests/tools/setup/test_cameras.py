"""Cameras by their names in sysfs; none is opened."""

from pathlib import Path

import pytest

from edge.tools.setup.cameras import find_cameras


def plant(root: Path, number: int, name: str, index: int = 0, driver: str = "uvcvideo") -> None:
    node = root / f"sys/class/video4linux/video{number}"
    device = root / f"sys/devices/{number}"
    drivers = root / f"sys/bus/{driver}"
    for folder in (node, device, drivers):
        folder.mkdir(parents=True)
    (node / "name").write_text(f"{name}\n")
    (node / "index").write_text(f"{index}\n")
    (node / "device").symlink_to(device)
    (device / "driver").symlink_to(drivers)


def test_a_machine_without_any(tmp_path: Path) -> None:
    assert find_cameras(tmp_path) == []


def test_webcams_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    plant(tmp_path, 10, "Dummy video device (0x0000)", driver="none")
    plant(tmp_path, 2, "HD Pro \x1b[31mWebcam")
    assert find_cameras(tmp_path) == [
        ("v4l2:/dev/video2", "HD Pro [31mWebcam"),
        ("v4l2:/dev/video10", "Dummy video device (0x0000)"),
    ]


def test_nodes_that_give_no_pictures_are_left_out(tmp_path: Path) -> None:
    plant(tmp_path, 0, "Webcam")
    # As the kernel shows a webcam's metadata, and a Raspberry Pi's codec.
    plant(tmp_path, 1, "Webcam", index=1, driver="metadata")
    plant(tmp_path, 11, "bcm2835-codec-encode", driver="bcm2835-codec")
    assert [camera.source for camera in find_cameras(tmp_path)] == ["v4l2:/dev/video0"]


def test_the_link_that_lasts_is_preferred(tmp_path: Path) -> None:
    plant(tmp_path, 0, "Webcam")
    links = tmp_path / "dev/v4l/by-id"
    links.mkdir(parents=True)
    (links / "usb-046d_0825-video-index0").symlink_to("../../video0")
    assert [camera.source for camera in find_cameras(tmp_path)] == ["v4l2:/dev/v4l/by-id/usb-046d_0825-video-index0"]


def test_on_a_raspberry_pi_its_own_camera_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, 0, "Webcam")
    model = tmp_path / "proc/device-tree/model"
    model.parent.mkdir(parents=True)
    model.write_text("Raspberry Pi 5 Model B Rev 1.0\0")
    monkeypatch.setattr("edge.tools.setup.cameras.find_spec", lambda _: object())
    assert [camera.source for camera in find_cameras(tmp_path)] == ["picamera2", "v4l2:/dev/video0"]
    monkeypatch.setattr("edge.tools.setup.cameras.find_spec", lambda _: None)
    assert [camera.source for camera in find_cameras(tmp_path)] == ["v4l2:/dev/video0"]
