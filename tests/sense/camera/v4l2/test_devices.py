"""VIDIOC_QUERYCAP, with stand-ins for the devices: answers as real drivers give them, and a real null device."""

import errno
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sense.camera.v4l2 import devices
from edge.sense.camera.v4l2.devices import Device, parse_capability

CAPTURE, OUTPUT, M2M_MPLANE, M2M, META = 0x1, 0x2, 0x4000, 0x8000, 0x800000
CAPTURE_MPLANE, STREAMING, DEVICE_CAPS, MEDIA = 0x1000, 0x04000000, 0x80000000, 0x20000000


def answer(driver: str, node: int, whole: int | None = None, card: str = "A card") -> bytes:
    """A ``struct v4l2_capability``, spelt out here once more."""
    whole = (node if whole is None else whole) | DEVICE_CAPS
    fields = (driver.encode(), card.encode(), b"usb-0000:01:00.0-1.2", 0x060600, whole, node)
    return struct.pack("<16s32s32sIII", *fields) + bytes(12)


CONVERTS = "a codec or scaler"
LIBCAMERA = "through libcamera only; expected --source picamera2"
SET_UP = "set up by libcamera"


@pytest.mark.parametrize(
    ("driver", "node", "refusal"),
    [
        ("uvcvideo", CAPTURE | STREAMING, ""),
        ("uvcvideo", META | STREAMING, "data about them; a webcam has another /dev/video"),
        ("v4l2 loopback", CAPTURE | STREAMING, ""),
        # With its default options it says that it can do both, and does as soon as a program writes to it.
        ("v4l2 loopback", CAPTURE | OUTPUT | STREAMING, ""),
        ("v4l2 loopback", CAPTURE | OUTPUT | M2M | STREAMING, ""),
        ("v4l2 loopback", OUTPUT | STREAMING, "a loopback with exclusive_caps, to which no program writes frames now"),
        ("vivid", OUTPUT | STREAMING, "an output: programs write frames to it"),
        ("bm2835 mmal", CAPTURE | STREAMING | 0x01200004, ""),
        ("bcm2835-codec", M2M_MPLANE | STREAMING, CONVERTS),
        ("bcm2835-codec", M2M | STREAMING, CONVERTS),
        ("bcm2835-isp", OUTPUT | STREAMING, "an output"),
        ("bcm2835-isp", CAPTURE | STREAMING, LIBCAMERA),
        ("unicam", CAPTURE | STREAMING, LIBCAMERA),
        ("unicam", CAPTURE | STREAMING | MEDIA, LIBCAMERA),
        ("rp1-cfe", CAPTURE | META | STREAMING | MEDIA, LIBCAMERA),
        ("pispbe", CAPTURE_MPLANE | STREAMING | MEDIA, LIBCAMERA),
        ("rockchip-isp", CAPTURE_MPLANE | STREAMING, SET_UP),
        ("ipu6-isys", CAPTURE | STREAMING | MEDIA, SET_UP),
        ("rpivid", M2M_MPLANE | STREAMING, CONVERTS),
        ("old", CAPTURE, "gives no frames"),
        ("tuner", STREAMING, "gives no frames"),
    ],
)
def test_which_nodes_are_cameras_and_what_the_others_are(driver: str, node: int, refusal: str) -> None:
    device = parse_capability(answer(driver, node))
    assert device[:2] == (driver, "A card")
    assert bool(device.refusal) == bool(refusal)
    assert refusal in device.refusal


def test_a_node_counts_by_what_it_can_do_and_not_its_device() -> None:
    whole = CAPTURE | META | STREAMING
    assert parse_capability(answer("uvcvideo", META | STREAMING, whole)).refusal
    assert not parse_capability(answer("uvcvideo", CAPTURE | STREAMING, whole)).refusal
    # Drivers from before device_caps leave it empty.
    old = answer("gspca", 0, CAPTURE | STREAMING)
    assert not parse_capability(old[:84] + struct.pack("<I", CAPTURE | STREAMING) + old[88:]).refusal


@given(st.binary(min_size=104, max_size=104))
def test_any_answer_can_be_read(data: bytes) -> None:
    device = parse_capability(data)
    assert len(device.driver) <= 16
    assert len(device.card) <= 32


@pytest.fixture
def video_node(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes plain files pass for character devices of video4linux."""
    real = Path.stat

    def make(node: Path) -> None:
        def about(path: Path, **how: bool) -> object:
            if path != node:
                return real(path, **how)
            real(path, **how)
            return SimpleNamespace(st_mode=stat.S_IFCHR | 0o660, st_rdev=os.makedev(81, 0))

        monkeypatch.setattr(Path, "stat", about)

    return make


def test_a_device_is_asked_and_closed(tmp_path: Path, video_node: Callable[[Path], None]) -> None:
    node = tmp_path / "video0"
    node.touch()
    video_node(node)
    handles = []

    def ioctl(handle: int, request: int, data: bytearray, mutate: bool) -> int:
        # _IOR('V', 0, 104 bytes), put together as in asm-generic/ioctl.h.
        assert request == 2 << 30 | 104 << 16 | ord("V") << 8
        assert len(data) == 104
        assert mutate
        os.fstat(handle)
        handles.append(handle)
        data[:] = answer("uvcvideo", CAPTURE | STREAMING, card="Webcam C270")
        return 0

    assert devices.query(node, ioctl) == Device("uvcvideo", "Webcam C270")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handles[0])

    def refuse(*_: object) -> int:
        handles.append(_[0])  # type: ignore[arg-type]
        raise OSError(errno.ENODEV, "No such device")

    with pytest.raises(OSError, match="No such device"):
        devices.query(node, refuse)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handles[1])


@pytest.mark.parametrize("path", ["/dev/null", "README.md", "/dev"])
def test_nothing_but_video_devices_is_opened(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("opened"))
    with pytest.raises(OSError, match="not a video device") as caught:
        devices.query(Path(path))
    assert caught.value.errno == errno.ENOTTY


def test_no_such_device(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        devices.query(tmp_path / "video0")


def test_devices_are_listed_by_number(tmp_path: Path) -> None:
    for name in ("video10", "video2", "video0", "videodev", "video", "vbi0"):
        (tmp_path / name).touch()
    assert [path.name for path in devices.candidates(tmp_path)] == ["video0", "video2", "video10"]
    assert devices.candidates(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/dev/video0", None),
        ("/dev/video63", None),
        ("/dev/vbi0", "/dev/vbi0"),
        ("/dev/videodev", "/dev/videodev"),
        ("/dev/cameras/video0", "/dev/cameras/video0"),
        ("/srv/video0", "/srv/video0"),
    ],
)
def test_nodes_that_the_sandbox_opens(path: str, leads_to: str | None) -> None:
    assert devices.outside(Path(path)) == (Path(leads_to) if leads_to else None)


def test_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    link, other = tmp_path / "usb-046d_0825-index0", tmp_path / "mine"
    link.symlink_to("/dev/video2")
    other.symlink_to("/dev/null")
    assert devices.outside(link) is None
    assert devices.outside(other) == Path("/dev/null")
