"""The life cycle that all sources share, and what the package promises as a whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import Settings
from edge.errors import BadSetting, CameraFailed, PosenetEdgeError
from edge.sense.camera import open_camera
from edge.sense.camera.base import Picture, Pictures, Source, frame_numbers
from edge.sense.camera.fake import source as fake
from edge.sense.camera.registry import Address, parse_address
from tests.support.camera import SHAPE, Time, make_settings, request, take


class Counting(Source):
    """Gives the same array again and again, and counts what happens to it."""

    kind = "fake"

    def __init__(self, settings: Settings, time: Time) -> None:
        super().__init__(request(settings, time), time.clock)
        self.cached = np.zeros((2, 3, 3), np.uint8)
        self.opened = self.closed = self.given = self.ended = 0
        self.fail = False

    def _open(self) -> None:
        self.opened += 1
        if self.fail:
            raise CameraFailed("no")

    def _close(self) -> None:
        self.closed += 1

    def _pictures(self) -> Pictures:
        # Kept, so that only closing it ends it.
        self.pictures = self._give()
        return self.pictures

    def _give(self) -> Pictures:
        try:
            while True:
                self.given += 1
                yield Picture(self.cached, self._clock.now() - 0.25)
        finally:
            self.ended += 1


def test_frames_are_the_receivers_own() -> None:
    source = Counting(make_settings(), Time())
    first, second = take(source, 2)
    first.content[:] = 7
    assert not second.content.any()
    assert not source.cached.any()


def test_both_clocks_mean_the_same_moment() -> None:
    time = Time()
    (frame,) = take(Counting(make_settings(), time), 1)
    assert frame.captured_at == time.now - 0.25
    assert frame.time == time.now + 1.7e9 - 0.25
    assert frame.filmed_at == frame.captured_at


def test_a_source_that_fails_to_open_is_closed() -> None:
    source = Counting(make_settings(), Time())
    source.fail = True
    with pytest.raises(CameraFailed), source:
        pass
    assert source.closed == 1
    source.fail = False
    assert len(take(source, 1)) == 1


def test_closing_twice_is_fine_and_opening_twice_is_not() -> None:
    source = Counting(make_settings(), Time())
    with source:
        with pytest.raises(CameraFailed, match="open already"):
            source.__enter__()
        assert source.closed == 0
    source.__exit__(None, None, None)


def test_frames_of_a_closed_source_raise() -> None:
    source = Counting(make_settings(), Time())
    with pytest.raises(CameraFailed, match="closed"):
        source.frames()
    with source:
        frames = source.frames()
        next(frames)
    with pytest.raises(CameraFailed, match="closed"):
        next(frames)
    assert source.ended == 1


def test_stopping_ends_frames_and_what_lies_below() -> None:
    time = Time()
    source = Counting(make_settings(), time)
    with source:
        frames = source.frames()
        next(frames)
        time.set()
        assert list(frames) == []
        assert source.ended == 1
        assert list(source.frames()) == []
    assert source.given == 1


def test_frames_left_early_leave_nothing_behind() -> None:
    source = Counting(make_settings(), Time())
    with source:
        for _ in source.frames():
            break
        assert source.ended == 1


def test_pace_counts_at_its_rate() -> None:
    time = Time()
    pace = frame_numbers(10, time, time.clock)
    assert [next(pace) for _ in range(4)] == [0, 1, 2, 3]
    assert time.waits == pytest.approx([0.1, 0.1, 0.1])


def test_pace_leaves_out_what_is_past() -> None:
    time = Time()
    pace = frame_numbers(10, time, time.clock)
    next(pace)
    time.now += 0.55
    assert next(pace) == 5
    assert time.waits == []
    assert next(pace) == 6
    assert time.waits == pytest.approx([0.05])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("auto", Address("auto", "")),
        ("picamera2", Address("picamera2", "")),
        ("v4l2:/dev/video0", Address("v4l2", "/dev/video0")),
        ("video:a:b.mp4", Address("video", "a:b.mp4")),
        ("stills:photos/", Address("stills", "photos/")),
        ("fake", Address("fake", "")),
        ("fake:", Address("fake", "")),
        ("fake:frames=2,end", Address("fake", "frames=2,end")),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "usb", "Auto", " auto", "auto:", "picamera2:0", "clip.mp4", "x\ny"),
        *("v4l2", "v4l2:", "video:", "stills:\0"),
    ],
)
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(BadSetting) as caught:
        parse_address(text)
    message = str(caught.value)
    assert "\n" not in message
    assert repr(text) in message
    assert "expected" in message


@pytest.mark.parametrize(
    "text",
    ["rtsp://cam/1", "http://10.0.0.7:8080/video", "video:https://cam/x.mjpg", "v4l2:RTSP://cam", "udp://@:1234"],
)
def test_a_camera_in_the_network_is_refused_and_why(text: str) -> None:
    with pytest.raises(BadSetting) as caught:
        parse_address(text)
    message = str(caught.value)
    assert repr(text) in message
    assert "network" in message
    assert "v4l2loopback" in message


def test_a_password_in_an_address_is_not_told() -> None:
    with pytest.raises(BadSetting) as caught:
        parse_address("rtsp://me:secret@cam/1")
    assert "secret" not in str(caught.value)


def test_a_file_as_an_address() -> None:
    with pytest.raises(BadSetting, match="expected a path, as in video:/"):
        parse_address("file:///home/me/clip.mp4")


def test_an_aspect_stretches_before_the_picture_is_turned() -> None:
    source = Counting(make_settings(aspect="2:1", rotate=90), Time())
    source.cached = np.repeat(np.arange(6, dtype=np.uint8).reshape(2, 3, 1) * 40, 3, axis=2)
    (frame,) = take(source, 1)
    assert (frame.width, frame.height) == (2, 4), "3x2, shown at 4x2"
    assert frame.content[0, -1, 0] == 0
    assert frame.content[-1, 0, 0] == 200


@pytest.mark.parametrize(
    ("aspect", "size"), [("4:3", (768, 576)), ("16:9", (1024, 576)), ("5:4", (720, 576)), ("1:1", (720, 720))]
)
def test_the_aspect_of_a_grabber(aspect: str, size: tuple[int, int]) -> None:
    source = Counting(make_settings(aspect=aspect), Time())
    source.cached = np.zeros((576, 720, 3), np.uint8)
    (frame,) = take(source, 1)
    assert (frame.width, frame.height) == size


KINDS = st.sampled_from(["auto", "picamera2", "v4l2", "video", "stills", "fake", ""])
PATHS = st.sampled_from([".", "/", "/dev/null", "/proc/self/mem", "README.md", "~", "\ud800", "x" * 5000])
SOURCES = st.one_of(
    st.text(),
    st.builds("{}:{}".format, KINDS, st.text()),
    st.builds("{}:{}".format, KINDS, PATHS),
    st.builds("fake:{}".format, st.text(alphabet="frames=1,stllipubyendmg.", max_size=40)),
)


@given(SOURCES)
def test_any_text_is_a_camera_or_one_of_our_errors(source: str) -> None:
    fake.forget()
    try:
        frames = take(open_camera(make_settings(source), SHAPE, Time()), 2)
    except PosenetEdgeError as error:
        assert str(error).isprintable()
    else:
        assert all(frame.content.ndim == 3 for frame in frames)
