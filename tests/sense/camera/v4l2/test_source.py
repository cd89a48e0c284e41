"""Webcams: a stand-in for the device, real packets and a real decoder.

A stand-in opens a Motion JPEG file in the webcam's place, and gives a packet only when there is one, as a device that
does not block. What the kernel and a real webcam do is not tested here.
"""

import errno
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import av.error
import numpy as np
import pytest

from edge.errors import CameraBarred, CameraFailed, NoSource, PosenetEdgeError, Unavailable
from edge.sense.camera import base
from edge.sense.camera.base import Clock
from edge.sense.camera.v4l2 import devices, grabber
from edge.sense.camera.v4l2.devices import Device
from edge.sense.camera.v4l2.formats import Offer, Sizes
from edge.sense.camera.v4l2.grabber import Grabber
from edge.sense.camera.v4l2.source import V4l2Source, attempts, failure
from tests.support.camera import (
    Time,
    clip_picture,
    make_clip,
    make_h264_stream,
    make_settings,
    number_of,
    request,
    shade,
    take,
)
from tests.support.v4l2_driver import Driver

PATH = Path("/dev/video0")


def av_error(number: int) -> Exception:
    """What PyAV raises for an error number."""
    try:
        av.error.err_check(-number, str(PATH))
    except av.error.FFmpegError as error:
        return error
    raise AssertionError


class Webcam:
    """A file in the place of a device. ``wanted`` packets are ready, then none until ``give`` is called again."""

    def __init__(self, path: Path) -> None:
        self._real = av.open(str(path))
        self.streams: Any = self._real.streams
        self._ready = 0
        self._lock = threading.Lock()
        self.dry = threading.Event()
        """Set whenever everything that was ready has been read."""
        self.error: Exception | None = None
        self.spoil: Callable[[bytes], bytes] = lambda data: data
        self.options: list[dict[str, str]] = []
        self.refuse: list[int] = []
        """Error numbers with which the next openings fail."""
        self.reading = self.closed = self.closed_while_read = False
        self.slowness = 0.0
        """Seconds that it takes to say that nothing is there."""
        self._packets = self._real.demux(video=0)

    def give(self, count: int = 1) -> None:
        with self._lock:
            self._ready += count
            self.dry.clear()

    def demux(self, video: int) -> Iterator[Any]:
        assert video == 0
        self.reading = True
        try:
            while True:
                with self._lock:
                    if not self._ready:
                        self.dry.set()
                        break
                    self._ready -= 1
                packet = next(self._packets, None)
                if packet is None or not packet.size:
                    return
                copy = av.Packet(self.spoil(bytes(packet)))
                copy.pts = packet.pts
                yield copy
            time.sleep(self.slowness)
            raise self.error or av_error(errno.EAGAIN)
        finally:
            self.reading = False

    def close(self) -> None:
        self.closed_while_read = self.closed_while_read or self.reading
        self.closed = True
        self._real.close()

    def open(self, name: str, format: str, options: dict[str, str], timeout: float) -> "Webcam":
        assert (name, format) == (str(PATH), "v4l2")
        self.options.append(options)
        if self.refuse:
            raise av_error(self.refuse.pop(0))
        return self


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """In the place of a descriptor of the device."""
    assert path == PATH
    yield 7


@pytest.fixture
def webcam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webcam]:
    yield from plug(Webcam(make_clip(tmp_path / "webcam.avi", "mjpeg", "yuvj420p")), monkeypatch)


@pytest.fixture
def h264_webcam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webcam]:
    yield from plug(Webcam(make_h264_stream(tmp_path / "webcam.h264")), monkeypatch)


def plug(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webcam]:
    monkeypatch.setattr(devices, "query", lambda _: Device("uvcvideo", "Webcam"))
    monkeypatch.setattr(devices, "opened", opened)
    monkeypatch.setattr(fcntl, "ioctl", Driver().ioctl)
    monkeypatch.setattr(av, "open", webcam.open)
    monkeypatch.setattr(grabber, "POLL_INTERVAL_S", 0.0005)
    monkeypatch.setattr(base, "POLL_S", 0.01)
    yield webcam
    webcam.close()


def source(**settings: Any) -> V4l2Source:
    fake_time = Time()
    return V4l2Source(request(make_settings(f"v4l2:{PATH}", **settings), fake_time, PATH), fake_time.clock)


def test_gives_frames(webcam: Webcam) -> None:
    webcam.give(1)
    with source() as camera:
        frames = camera.frames()
        for number in range(5):
            frame = next(frames)
            assert number_of(frame) == number
            assert np.abs(frame.content.astype(int) - clip_picture(number))[20:40, 24:56].max() < 12
            webcam.give(1)
    assert webcam.closed


def test_gives_the_latest_frame_only(webcam: Webcam) -> None:
    with source() as camera:
        frames = camera.frames()
        seen = []
        for count in (1, 4, 10):
            webcam.give(count)
            assert webcam.dry.wait(10)
            seen.append(number_of(next(frames)))
    assert seen == [0, 4, 14]


def test_is_not_read_faster_than_it_was_asked_to(webcam: Webcam) -> None:
    fake_time = Time()
    with V4l2Source(request(make_settings(frame_rate=10.0), fake_time, PATH), fake_time.clock) as camera:
        frames = camera.frames()
        for _ in range(3):
            webcam.give(1)
            next(frames)
    assert fake_time.waits == pytest.approx([0.09, 0.09])


def test_closing_ends_the_thread_before_the_device(webcam: Webcam) -> None:
    before = threading.active_count()
    webcam.slowness = 0.02
    webcam.give(1)
    with source() as camera:
        next(camera.frames())
        assert threading.active_count() == before + 1
        camera.__exit__(None, None, None)
        assert threading.active_count() == before
    assert webcam.closed
    assert not webcam.closed_while_read


def test_a_device_that_says_nothing(webcam: Webcam) -> None:
    now = iter(range(1000))
    fake_time = Time()
    clock = Clock(lambda: float(next(now)), lambda: 0.0)
    with (
        V4l2Source(request(make_settings(timeout=4.0), fake_time, PATH), clock) as camera,
        pytest.raises(CameraFailed, match="'/dev/video0' gave no frame for 4 s"),
    ):
        next(camera.frames())
    assert webcam.closed


def test_stopping_while_it_says_nothing(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_time = Time()
    with V4l2Source(request(make_settings(), fake_time, PATH), fake_time.clock) as camera:
        monkeypatch.setattr(Grabber, "take", lambda *_: fake_time.set())
        assert list(camera.frames()) == []


def test_a_device_that_is_unplugged(webcam: Webcam) -> None:
    webcam.give(2)
    with source() as camera:
        frames = camera.frames()
        assert webcam.dry.wait(10)
        assert number_of(next(frames)) == 1
        webcam.error = av_error(errno.ENODEV)
        with pytest.raises(CameraFailed, match="unplugged"):
            next(frames)


def test_a_device_that_just_ends(webcam: Webcam) -> None:
    webcam.give(100)
    with source() as camera, pytest.raises(CameraFailed, match="unplugged"):
        for _ in camera.frames():
            pass


@pytest.mark.parametrize("opening", [True, False])
def test_an_input_output_error_is_no_unplugging(webcam: Webcam, opening: bool) -> None:
    if opening:
        webcam.refuse = [errno.EIO]
    webcam.error = av_error(errno.EIO)
    with pytest.raises(CameraFailed, match=r"input/output error.*cable.*power supply") as caught:
        take(source())
    assert "unplugged" not in str(caught.value)


def give_one_by_one(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has each packet seen: the next one is ready only when it is asked for."""
    take_one = Grabber.take

    def give_and_take(grabber: Grabber, timeout: float) -> object:
        webcam.give(1)
        assert webcam.dry.wait(10)
        return take_one(grabber, timeout)

    monkeypatch.setattr(Grabber, "take", give_and_take)


def test_damaged_frames_are_left_out(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(20))

    def spoil(data: bytes) -> bytes:
        """Of three packets one is rubbish, one is empty and one is whole."""
        return [b"\xff\xd8rubbish", b"", data][next(numbers) % 3]

    webcam.spoil = spoil
    with source() as camera:
        give_one_by_one(webcam, monkeypatch)
        seen = [number_of(frame) for _, frame in zip(range(6), camera.frames(), strict=False)]
        assert camera.damage.total == 12
    assert seen == [2, 5, 8, 11, 14, 17]


def test_a_frame_that_was_cut_off_does_not_show_an_older_one(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = iter((None, 0.9, 0.5, -20, None))

    def spoil(data: bytes) -> bytes:
        cut = next(cuts)
        return data if cut is None else data[: int(cut * len(data)) if cut > 0 else int(cut)]

    webcam.spoil = spoil
    with source() as camera:
        give_one_by_one(webcam, monkeypatch)
        frames = camera.frames()
        assert [number_of(next(frames)) for _ in range(2)] == [0, 4]


@pytest.mark.parametrize("end", [b"", b"\xff\xd9" + bytes(500), b"\xff\xd9\xff\xd9", b"\xff\xd9rubbish"])
def test_a_whole_frame_with_another_end_is_shown(webcam: Webcam, end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some webcams leave the mark of the end out, and many fill their packets up."""
    webcam.spoil = lambda data: data[:-2] + end
    with source() as camera:
        give_one_by_one(webcam, monkeypatch)
        frames = camera.frames()
        assert [number_of(next(frames)) for _ in range(3)] == [0, 1, 2]


def test_more_than_a_few_damaged_frames_are_fine_if_not_in_a_row(
    webcam: Webcam, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(range(20))
    webcam.spoil = lambda data: data if next(numbers) % 10 == 9 else b"\xff\xd8rubbish"
    with source() as camera:
        give_one_by_one(webcam, monkeypatch)
        frames = camera.frames()
        assert [number_of(next(frames)) for _ in range(2)] == [9, 19]


def test_nothing_but_damaged_frames_is_a_failure(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    webcam.spoil = lambda _: b"\xff\xd8rubbish"
    with source() as camera:
        give_one_by_one(webcam, monkeypatch)
        with pytest.raises(
            CameraFailed, match=r"10 damaged frames in a row; try another cable.*a camera\.size other than 64x48"
        ):
            next(camera.frames())


def test_frames_without_bytes_are_damaged_too(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FFmpeg gives those that have not the length of the size that was agreed on."""
    webcam.spoil = lambda _: b""
    with source() as camera:
        give_one_by_one(webcam, monkeypatch)
        with pytest.raises(CameraFailed, match=r"10 damaged frames in a row.*a camera\.size other than 64x48"):
            next(camera.frames())


def test_options() -> None:
    small, motion_jpeg, sized, bare = attempts("640x480", 15.0)
    # AVFMT_FLAG_NONBLOCK is 0x0004 in libavformat/avformat.h.
    assert small == {"fflags": "+4", "video_size": "640x480", "framerate": "15"}
    assert motion_jpeg == {**small, "input_format": "mjpeg"}
    assert sized == {"fflags": "+4", "video_size": "640x480"}
    assert bare == {"fflags": "+4"}
    assert attempts("1280x720", 15.0)[0]["input_format"] == "mjpeg"
    assert attempts("640x480", 60.0)[0]["input_format"] == "mjpeg"
    assert attempts("320x240", 0.1)[0]["framerate"] == "0.1"


def offer(fourcc: str, *sizes: tuple[int, int]) -> Offer:
    return Offer(fourcc, tuple(Sizes(size, size) for size in sizes))


OFFERS = (offer("YUYV", (640, 480)), offer("MJPG", (640, 480), (1920, 1080)), offer("H264", (1920, 1080)))


def test_options_for_what_a_webcam_offers() -> None:
    raw, motion_jpeg, sized, bare = attempts("638x478", 15.0, OFFERS)
    assert raw == {"fflags": "+4", "video_size": "640x480", "framerate": "15", "input_format": "yuyv422"}
    assert motion_jpeg == {**raw, "input_format": "mjpeg"}
    assert sized == {"fflags": "+4", "video_size": "638x478"}
    assert bare == {"fflags": "+4"}
    assert attempts("1920x1080", 15.0, OFFERS)[0]["video_size"] == "1920x1080"
    assert attempts("1280x720", 15.0, OFFERS[2:])[0]["input_format"] == "h264"


def test_ffmpeg_knows_these_options(tmp_path: Path) -> None:
    # An option that FFmpeg doesn't take gives EINVAL; these come as far as the device, which isn't there.
    for options in attempts("640x480", 15.0) + attempts("640x480", 15.0, OFFERS):
        with pytest.raises(av.error.FileNotFoundError):
            av.open(str(tmp_path / "video0"), format="v4l2", options=options)


def test_what_a_webcam_cannot_do_is_asked_more_modestly(webcam: Webcam) -> None:
    webcam.refuse = [errno.EINVAL, errno.EINVAL]
    webcam.give(1)
    assert len(take(source(size="1280x720"), 1)) == 1
    assert webcam.options == attempts("1280x720", 15.0)[:3]


def test_a_size_that_is_not_offered_is_the_nearest_and_said(
    webcam: Webcam, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fcntl, "ioctl", Driver({"MJPG": [(64, 48), (320, 240)]}).ioctl)
    webcam.give(1)
    with caplog.at_level(logging.WARNING):
        (frame,) = take(source(size="80x60"), 1)
    assert (frame.width, frame.height) == (64, 48)
    assert webcam.options[0]["video_size"] == "64x48"
    assert "'/dev/video0' gives 64x48 in place of camera.size = 80x60; it offers 64x48, 320x240" in caplog.text


@pytest.mark.parametrize(
    ("pixels", "width", "height", "refused"),
    [
        ("yuyv422", 641, 481, True),
        ("yuyv422", 640, 481, False),
        ("yuv420p", 640, 481, True),
        ("nv12", 642, 482, False),
        ("rgb24", 641, 481, False),
        ("gray", 641, 481, False),
    ],
)
def test_raw_frames_with_odd_sides(
    pixels: str, width: int, height: int, refused: bool, webcam: Webcam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "ioctl", Driver({"YUYV": [(641, 481), (640, 480)]}).ioctl)
    context = SimpleNamespace(name="rawvideo", format=av.VideoFormat(pixels), width=width, height=height, options={})
    webcam.streams = SimpleNamespace(video=[SimpleNamespace(codec_context=context)])
    expected = pytest.raises(
        CameraFailed, match=rf"gives {width}x{height}, whose odd sides.*{pixels}.*640x480, 641x481"
    )
    with expected if refused else nullcontext(), source():
        pass
    assert webcam.closed


def test_a_size_that_is_given_needs_no_word(
    webcam: Webcam, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    webcam.give(2)
    with caplog.at_level(logging.WARNING):
        take(source(size="64x48"), 1)
    assert caplog.text == ""


def test_a_webcam_with_nothing_that_can_be_read(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "ioctl", Driver({"HEVC": [(640, 480)], "Z16 ": [(640, 480)]}).ioctl)
    with pytest.raises(CameraFailed, match=r"offers only HEVC, Z16, expected raw pixels.*MJPG or H264"):
        take(source())
    assert webcam.options == []


def test_a_webcam_that_gives_h264_only(h264_webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest frame is shown, and those before it, which it needs, are decoded."""
    monkeypatch.setattr(fcntl, "ioctl", Driver({"H264": [(64, 48)]}).ioctl)
    with source() as camera:
        frames = camera.frames()
        seen = []
        for count in (1, 4, 10):
            h264_webcam.give(count)
            assert h264_webcam.dry.wait(10)
            frame = next(frames)
            seen.append(min(range(20), key=lambda number: abs(shade(number) - frame.content[20:40, 24:56, 0].mean())))
    assert seen == [0, 4, 14]
    assert h264_webcam.options[0]["input_format"] == "h264"


def test_a_webcam_whose_frames_no_decoder_reads(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "ioctl", Driver({"H264": [(640, 480)]}).ioctl)
    # So PyAV gives a stream for which its FFmpeg was built without a decoder.
    webcam.streams = SimpleNamespace(video=[SimpleNamespace(codec_context=None)])
    with pytest.raises(Unavailable, match=r"gives H264, which the installed PyAV has no decoder for; pip install"):
        take(source())
    assert webcam.options[0]["input_format"] == "h264"
    assert webcam.closed


def test_controls_are_set_before_it_is_opened(
    webcam: Webcam, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    webcam.refuse = [errno.EBUSY]
    with caplog.at_level(logging.WARNING), pytest.raises(CameraFailed, match="busy"):
        take(source(power_line=50))
    assert "'/dev/video0' has no control for camera.power_line, which is ignored" in caplog.text


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.EBUSY, CameraFailed, "is busy"),
        (errno.EACCES, CameraFailed, "permission denied.*usermod -aG video"),
        (errno.EPERM, CameraBarred, "device rules.*DeviceAllow="),
        (errno.ENOENT, NoSource, "no such device"),
        (errno.ENODEV, CameraFailed, "unplugged"),
        (errno.ENOTTY, NoSource, "no video device"),
        (errno.EIO, CameraFailed, "input/output error"),
        (errno.ENOSYS, CameraFailed, "cannot be used"),
        (errno.EINVAL, CameraFailed, "cannot be used"),
    ],
)
def test_errors_of_a_device_are_ours(
    number: int, kind: type[PosenetEdgeError], words: str, webcam: Webcam, monkeypatch: pytest.MonkeyPatch
) -> None:
    webcam.refuse = [number] * 4
    with pytest.raises(kind, match=words) as opening:
        take(source())
    assert len(webcam.options) == (4 if number == errno.EINVAL else 1)

    def refuse(_: Path) -> Device:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(devices, "query", refuse)
    with pytest.raises(kind, match=words) as asking:
        take(source())
    for caught in (opening, asking):
        assert ("usermod" in str(caught.value)) == (number == errno.EACCES)
        assert "'/dev/video0'" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_error_without_a_number() -> None:
    assert "RuntimeError" in str(failure(PATH, RuntimeError()))


def test_a_device_that_is_no_camera(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "query", lambda _: Device("bcm2835-codec", "bcm2835-codec-decode", "which is none"))
    with pytest.raises(NoSource, match=r"'bcm2835-codec-decode' \(bcm2835-codec\), which is none"):
        take(source())
    assert webcam.options == []


@pytest.mark.parametrize("number", [0, errno.EACCES, errno.EPERM])
def test_a_node_that_the_sandbox_does_not_open(webcam: Webcam, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("/dev/mycam")

    def query(_: Path) -> Device:
        if number:
            raise OSError(number, os.strerror(number))
        return Device("uvcvideo", "Webcam")

    monkeypatch.setattr(devices, "query", query)
    fake_time = Time()
    camera = V4l2Source(request(make_settings(f"v4l2:{path}"), fake_time, path), fake_time.clock)
    with pytest.raises(NoSource, match=r"'/dev/mycam', and the sandbox opens nothing but /dev/video\*.*/dev/v4l/by-id"):
        take(camera)
    assert webcam.options == []


@pytest.fixture
def loopback(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> Webcam:
    monkeypatch.setattr(devices, "query", lambda _: Device("v4l2 loopback", "Dummy video device (0x0000)"))
    return webcam


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EINVAL, errno.EIO])
def test_a_loopback_to_which_nobody_writes_yet(loopback: Webcam, number: int) -> None:
    loopback.refuse = [number] * 4
    with pytest.raises(CameraFailed, match=r"is a loopback to which no program writes frames now.*docs/cameras\.md"):
        take(source())


def test_a_loopback_to_which_nobody_writes_any_more(loopback: Webcam) -> None:
    now = iter(range(1000))
    fake_time = Time()
    clock = Clock(lambda: float(next(now)), lambda: 0.0)
    with (
        V4l2Source(request(make_settings(timeout=4.0), fake_time, PATH), clock) as camera,
        pytest.raises(CameraFailed, match=r"is a loopback to which no program writes frames now"),
    ):
        next(camera.frames())


def test_a_loopback_with_a_writer_is_a_webcam(loopback: Webcam) -> None:
    loopback.give(1)
    assert len(take(source(), 1)) == 1


def test_a_device_that_gives_no_frame_while_it_is_opened(webcam: Webcam, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyAV looks for a first frame of a coded stream, for as long as it was told to."""

    def nothing(*_: object, **__: object) -> object:
        raise av.error.ExitError(1414092869, "Immediate exit requested")

    monkeypatch.setattr(av, "open", nothing)
    with pytest.raises(CameraFailed, match="gave no frame for 5 s; check the cable"):
        take(source())
