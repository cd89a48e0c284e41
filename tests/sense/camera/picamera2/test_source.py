"""The Raspberry Pi's camera against a stand-in; the real library is rehearsed elsewhere."""

import itertools
import logging
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import BadSetting, CameraFailed, NoSource, Unavailable
from edge.sense.camera.picamera2.source import Picamera2Source
from tests.support.camera import Time, make_settings, request, take
from tests.support.picamera2_stand_in import Hardware, make_library
from tests.support.pixel_layouts import LAID, colours


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def hardware(time: Time, monkeypatch: pytest.MonkeyPatch) -> Hardware:
    hardware = Hardware(time)
    picamera2, libcamera = make_library(hardware)
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)
    monkeypatch.setitem(sys.modules, "libcamera", libcamera)
    return hardware


def camera(time: Time, **settings: object) -> Picamera2Source:
    made_from = request(make_settings("picamera2", **settings), time)  # type: ignore[arg-type]
    return Picamera2Source(made_from, time.clock, boottime=lambda: time.now + 500)


def show_colours(hardware: Hardware, name: str) -> None:
    """The camera gives ``colours`` in this format, whatever it is asked for."""
    lay, depth = LAID[name]
    hardware.adjust = {"format": name, "size": (48, 32)}
    hardware.buffer = lambda stream: lay(colours(), stream["stride"] - int(48 * depth), 4096)


def test_asks_for_true_rgb_at_a_size_for_the_model(time: Time, hardware: Hardware) -> None:
    (frame,) = take(camera(time), 1)
    configuration = hardware.configuration
    assert configuration["main"]["format"] == "BGR888"
    assert configuration["main"]["size"] == (354, 200)
    assert configuration["raw"] == {"size": (2304, 1296)}
    assert configuration["buffer_count"] == 4
    assert configuration["controls"] == {"FrameDurationLimits": (66667, 66667), "AwbMode": 0, "AfMode": 2}
    assert frame.content.shape == (200, 354, 3)


def test_the_sensor_mode_sees_the_whole_room(time: Time, hardware: Hardware) -> None:
    hardware.sensor = (1920, 1080)
    hardware.modes = [
        {"size": (1280, 720), "crop_limits": (320, 180, 1280, 720)},
        {"size": (1920, 1080), "crop_limits": (0, 0, 1920, 1080)},
    ]
    take(camera(time), 1)
    assert hardware.configuration["raw"] == {"size": (1920, 1080)}


def test_a_camera_that_does_not_list_its_modes(time: Time, hardware: Hardware) -> None:
    hardware.refuse["sensor_modes"] = RuntimeError("no raw stream")
    take(camera(time), 1)
    assert hardware.configuration["raw"] == {"size": (2304, 1296)}


def test_a_tuning_file(time: Time, hardware: Hardware, tmp_path: Path) -> None:
    file = tmp_path / "imx219_noir.json"
    file.write_text('{"version": 2.0, "target": "bcm2835", "algorithms": []}')
    take(camera(time, picamera={"tuning_file": file}), 1)
    assert hardware.tuning == str(file)
    take(camera(time), 1)
    assert hardware.tuning is None


def test_a_tuning_file_that_is_none_is_told_before_the_camera_is_opened(
    time: Time, hardware: Hardware, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting, match=r"tuning_file: '.*nowhere\.json' cannot be read \(No such file"):
        take(camera(time, picamera={"tuning_file": tmp_path / "nowhere.json"}))
    assert hardware.closed == 0


def test_a_camera_on_its_side(time: Time, hardware: Hardware) -> None:
    (frame,) = take(camera(time, rotate=90), 1)
    assert hardware.configuration["main"]["size"] == (258, 146)
    assert frame.content.shape == (258, 146, 3)


def test_a_size_that_was_set_is_made_even(time: Time, hardware: Hardware) -> None:
    take(camera(time, size="641x481"), 1)
    assert hardware.configuration["main"]["size"] == (640, 480)


@pytest.mark.parametrize("name", ["BGR888", "RGB888", "XBGR8888", "NV12", "YUV420"])
def test_what_configure_made_of_it_counts(name: str, time: Time, hardware: Hardware) -> None:
    show_colours(hardware, name)
    (frame,) = take(camera(time), 1)
    assert frame.content.shape == (32, 48, 3)
    assert np.abs(frame.content.astype(int) - colours()).max() <= 4


def test_every_request_is_released_before_its_frame_is_given(time: Time, hardware: Hardware) -> None:
    with camera(time) as opened:
        for number, _ in zip(range(20), opened.frames(), strict=False):
            assert hardware.taken == hardware.released == number + 1
    assert hardware.taken == hardware.released
    assert hardware.cancelled == 0


def test_a_request_is_released_when_its_frame_cannot_be_read(time: Time, hardware: Hardware) -> None:
    hardware.refuse["make_buffer"] = RuntimeError("Stream 'main'\nis not defined")
    with pytest.raises(CameraFailed, match="Stream 'main' is not defined"):
        take(camera(time))
    assert hardware.taken == hardware.released == 1
    hardware.refuse.clear()


def test_what_an_older_frame_left_in_the_buffer_is_not_read(time: Time, hardware: Hardware) -> None:
    _, coded = cv2.imencode(".jpg", colours()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])
    hardware.adjust = {"format": "MJPEG", "size": (48, 32)}
    hardware.buffer = lambda _: coded.ravel()
    hardware.bytes_used = (coded.size,)
    assert len(take(camera(time), 3)) == 3
    hardware.bytes_used = (coded.size // 2,)
    with pytest.raises(CameraFailed, match="damaged"):
        take(camera(time), 1)


def test_a_buffer_may_have_a_plane_of_brightness_and_one_of_colour(time: Time, hardware: Hardware) -> None:
    hardware.adjust = {"format": "NV12", "size": (48, 32)}
    stride = 128
    hardware.buffer = lambda _: np.full(stride * 48, 128, np.uint8)
    hardware.bytes_used = (stride * 32, stride * 16)
    assert len(take(camera(time), 3)) == 3
    hardware.bytes_used = (stride * 32,)
    with pytest.raises(CameraFailed, match="damaged"):
        take(camera(time), 1)


def test_damaged_frames_are_left_out_and_many_in_a_row_a_failure(time: Time, hardware: Hardware) -> None:
    whole = hardware.buffer
    numbers = itertools.count()
    # Of ten frames one is whole, then none.
    hardware.buffer = lambda stream: whole(stream) if next(numbers) in (9, 19) else np.zeros(5, np.uint8)
    frames = []
    with camera(time) as opened:
        with pytest.raises(CameraFailed, match="camera 0 gave 10 damaged frames in a row; check the cable"):
            frames.extend(opened.frames())
        assert opened.damage.total == 28
    assert len(frames) == 2
    assert hardware.taken == hardware.released == 30


def test_a_camera_that_stops_is_a_failure_and_leaves_no_request(time: Time, hardware: Hardware) -> None:
    hardware.frames_left = 3
    source = camera(time, timeout=2.0)
    frames = []
    with source as opened:
        begun = time.now
        with pytest.raises(CameraFailed, match="no frame for 2 s"):
            frames.extend(opened.frames())
        assert time.now - begun >= 2.0
        assert hardware.cancelled == 1
    assert hardware.closed == 1
    assert hardware.taken == hardware.released
    hardware.frames_left = 5
    assert len(take(source, 5)) == 5


def test_an_answer_that_came_just_too_late_is_released(time: Time, hardware: Hardware) -> None:
    with camera(time) as opened:
        frames = opened.frames()
        next(frames)
        hardware.frames_left = 0
        library = hardware.open[0]
        cancel = library.cancel_all_and_flush

        def answer_first() -> None:
            hardware.frames_left = 1
            library.fill()
            cancel()

        library.cancel_all_and_flush = answer_first
        with pytest.raises(CameraFailed, match="no frame"):
            next(frames)
    assert hardware.taken == hardware.released == 2


def test_a_slow_camera_is_given_time(time: Time, hardware: Hardware) -> None:
    hardware.frames_left = 0
    with pytest.raises(CameraFailed, match="no frame for 30 s"):
        take(camera(time, frame_rate=0.1, timeout=5.0))


def test_stopping_ends_a_wait_and_takes_the_request_back(time: Time, hardware: Hardware) -> None:
    hardware.frames_left = 1
    with camera(time) as opened:
        frames = opened.frames()
        next(frames)
        time.set()
        assert list(frames) == []
    assert hardware.closed == 1


def test_stopping_while_nothing_comes(time: Time, hardware: Hardware) -> None:
    hardware.frames_left = 0
    with camera(time) as opened:
        library = hardware.open[0]
        wait = library.wait

        def stop_meanwhile(job: object, timeout: float) -> object:
            time.set()
            return wait(job, timeout)

        library.wait = stop_meanwhile
        assert list(opened.frames()) == []
    assert hardware.cancelled == 1


def test_is_not_read_faster_than_it_was_asked_to(time: Time, hardware: Hardware) -> None:
    # The stand-in gives 30 a second, whatever FrameDurationLimits says, as a camera without that control does.
    hardware.controls = ()
    frames = take(camera(time, frame_rate=10.0), 11)
    assert frames[-1].captured_at - frames[0].captured_at >= 0.9
    assert hardware.configuration["controls"] == {}


def test_the_time_is_the_sensors(time: Time, hardware: Hardware) -> None:
    hardware.metadata = {"SensorTimestamp": int((time.now + 500 - 0.02) * 1e9)}
    (frame,) = take(camera(time), 1)
    assert frame.captured_at == pytest.approx(1000.0 - 0.02)
    assert frame.time == pytest.approx(1000.0 - 0.02 + 1.7e9)
    hardware.metadata = {"SensorTimestamp": 12345}
    (frame,) = take(camera(time), 1)
    assert frame.captured_at == time.now


def test_is_closed_once_and_can_be_opened_again(time: Time, hardware: Hardware) -> None:
    source = camera(time)
    for number in (1, 2):
        assert len(take(source, 2)) == 2
        source.__exit__(None, None, None)
        assert hardware.closed == number
        assert hardware.open == []


def test_two_at_once_are_one_too_many(time: Time, hardware: Hardware) -> None:
    with (
        camera(time),
        pytest.raises(CameraFailed, match=r"busy or did not start .*Device or resource busy.*fuser"),
        camera(time),
    ):
        pass
    assert hardware.open == []


def test_an_older_picamera2_says_less_about_a_busy_camera(time: Time, hardware: Hardware) -> None:
    hardware.refuse["__init__"] = RuntimeError("Camera __init__ sequence did not complete.")
    with pytest.raises(CameraFailed, match="busy"):
        take(camera(time))


@pytest.mark.parametrize("call", ["configure", "start", "capture_request"])
def test_a_camera_that_fails_is_closed(call: str, time: Time, hardware: Hardware) -> None:
    hardware.refuse[call] = RuntimeError("Configuration failed:\n{...}")
    with pytest.raises(CameraFailed, match=r"camera 0 .*Configuration failed: \{") as caught:
        take(camera(time))
    assert "\n" not in str(caught.value)
    assert hardware.open == []


def test_a_camera_that_fails_to_close_hides_nothing(
    time: Time, hardware: Hardware, caplog: pytest.LogCaptureFixture
) -> None:
    hardware.refuse["close"] = RuntimeError("Unable to stop preview.")
    hardware.frames_left = 0
    with pytest.raises(CameraFailed, match="no frame"):
        take(camera(time))
    assert "Unable to stop preview" in caplog.text


def test_no_camera(time: Time, hardware: Hardware) -> None:
    hardware.cameras = []
    with pytest.raises(NoSource, match=r"lists 0 \(none\).*cable"):
        take(camera(time))
    # It looked twice, the second time anew.
    assert hardware.resets == 1


def test_no_such_camera(time: Time, hardware: Hardware) -> None:
    with pytest.raises(NoSource, match=r"camera 1: libcamera lists 1 \(imx708\)"):
        take(camera(time, picamera={"number": 1}))
    assert hardware.resets == 0


def test_libcamera_that_does_not_start(time: Time, hardware: Hardware) -> None:
    hardware.refuse["global_camera_info"] = RuntimeError("Failed to start CameraManager: No such device")
    with pytest.raises(CameraFailed, match=r"Failed to start CameraManager.*netlink"):
        take(camera(time))


def test_settings_without_a_control_are_said(time: Time, hardware: Hardware, caplog: pytest.LogCaptureFixture) -> None:
    hardware.controls = ("AwbMode",)
    with caplog.at_level(logging.WARNING):
        take(camera(time, picamera={"focus": 1.0}), 1)
    assert "no control for picamera.focus" in caplog.text


def test_without_the_library(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(Unavailable, match=r"apt install python3-picamera2.*system-site-packages"):
        take(camera(time))


def test_a_library_that_does_not_load_or_talks(
    time: Time, monkeypatch: pytest.MonkeyPatch, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)
    program = "print('hello')\nraise ValueError('numpy.dtype size changed,\\nmay indicate')\n"
    (tmp_path / "picamera2.py").write_text(program)  # type: ignore[operator]
    with pytest.raises(Unavailable, match=r"does not load \(numpy.dtype size changed, may indicate\)"):
        take(camera(time))
    out, err = capsys.readouterr()
    assert out == ""
    assert "hello" in err
