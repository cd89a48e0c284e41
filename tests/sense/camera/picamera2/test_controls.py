from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sense.camera.picamera2.controls import capture_time, choose_size, ignored, raw_size, wanted_controls
from tests.support.camera import SHAPE, make_settings

ENUMS = SimpleNamespace(
    AwbModeEnum=SimpleNamespace(
        Auto="auto!", Tungsten="t!", Fluorescent="f!", Indoor="i!", Daylight="daylight!", Cloudy="c!"
    ),
    AfModeEnum=SimpleNamespace(Manual="manual!", Auto="once!", Continuous="continuous!"),
    AeFlickerModeEnum=SimpleNamespace(Off="off!", Manual="period!", Auto="any!"),
)
FIXED = {"FrameDurationLimits", "ExposureTime", "AnalogueGain", "AwbMode", "AwbEnable"}
FOCUSING = FIXED | {"AfMode", "LensPosition"}


@pytest.mark.parametrize(
    ("sensor", "rotate", "size"),
    [
        ((3280, 2464), 0, (344, 258)),  # Camera Module 2: as high as the model
        ((4608, 2592), 0, (354, 200)),  # Camera Module 3: as wide as the model
        ((4608, 2592), 90, (258, 146)),  # on its side: as high as the model
        ((640, 480), 0, (344, 258)),
        ((160, 120), 0, (160, 120)),  # smaller than the model: all of it
    ],
)
def test_sizes_of_known_sensors(sensor: tuple[int, int], rotate: int, size: tuple[int, int]) -> None:
    assert choose_size(sensor, SHAPE, rotate) == size


SIDES = st.integers(64, 8000)


@given(
    st.tuples(SIDES, SIDES), st.tuples(st.integers(65, 1000), st.integers(65, 1000)), st.sampled_from([0, 90, 180, 270])
)
def test_the_letterbox_need_not_enlarge_and_no_smaller_size_would_do(
    sensor: tuple[int, int], shape: tuple[int, int], rotate: int
) -> None:
    width, height = choose_size(sensor, shape, rotate)
    assert width % 2 == height % 2 == 0
    assert 2 <= width <= sensor[0]
    assert 2 <= height <= sensor[1]
    # As it stands after turning.
    across, down = (width, height) if rotate in (0, 180) else (height, width)
    largest = width >= sensor[0] - 1 or height >= sensor[1] - 1
    assert across >= shape[1] or down >= shape[0] or largest
    if not largest:
        assert across - 2 < shape[1]
        assert down - 2 < shape[0]
    # The aspect is the sensor's, but for the rounding to even numbers.
    assert abs(width - height * sensor[0] / sensor[1]) <= 2 + 2 * sensor[0] / sensor[1]


MODES = {
    "imx219": [
        ((640, 480), (1000, 752, 1280, 960)),
        ((1640, 1232), (0, 0, 3280, 2464)),
        ((1920, 1080), (680, 692, 1920, 1080)),
        ((3280, 2464), (0, 0, 3280, 2464)),
    ],
    "imx290": [((1280, 720), (320, 180, 1280, 720)), ((1920, 1080), (0, 0, 1920, 1080))],
    "imx477": [
        ((1332, 990), (696, 528, 2664, 1980)),
        ((2028, 1080), (0, 440, 4056, 2160)),
        ((2028, 1520), (0, 0, 4056, 3040)),
        ((4056, 3040), (0, 0, 4056, 3040)),
    ],
    "ov5647": [
        ((640, 480), (16, 0, 2560, 1920)),
        ((1296, 972), (0, 0, 2592, 1944)),
        ((1920, 1080), (348, 434, 1928, 1080)),
        ((2592, 1944), (0, 0, 2592, 1944)),
    ],
    "imx708": [
        ((1536, 864), (768, 432, 3072, 1728)),
        ((2304, 1296), (0, 0, 4608, 2592)),
        ((4608, 2592), (0, 0, 4608, 2592)),
    ],
}
"""Size and ``crop_limits`` (x, y, width, height) of the modes of sensors, as libcamera lists them."""


@pytest.mark.parametrize(
    ("sensor", "main", "mode"),
    [
        ("imx219", (344, 258), (1640, 1232)),
        ("imx219", (1920, 1080), (3280, 2464)),
        ("imx290", (354, 200), (1920, 1080)),
        ("imx290", (1280, 720), (1920, 1080)),
        ("imx477", (344, 258), (2028, 1520)),
        ("ov5647", (344, 258), (1296, 972)),
        ("imx708", (354, 200), (2304, 1296)),
        ("imx708", (4608, 2592), (4608, 2592)),
        # Larger than the sensor: libcamera enlarges what it has.
        ("imx290", (4000, 3000), (1920, 1080)),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_sensor_mode_is_the_smallest_of_those_that_see_most(
    sensor: str, main: tuple[int, int], mode: tuple[int, int], order: int
) -> None:
    modes = [{"size": size, "crop_limits": crop, "fps": 30.0} for size, crop in MODES[sensor]][::order]
    largest = max(size for size, _ in MODES[sensor])
    assert raw_size(largest, main, modes) == mode


def test_modes_of_a_camera_that_is_no_sensor_are_passed_over() -> None:
    assert raw_size((1920, 1080), (354, 200), [{"format": "MJPEG"}]) == (960, 540)


def test_without_a_list_of_modes_half_the_sensor_is_taken() -> None:
    assert raw_size((3280, 2464), (344, 258)) == (1640, 1232)
    assert raw_size((3280, 2464), (1640, 1232)) == (1640, 1232)
    assert raw_size((3280, 2464), (1920, 1080)) == (3280, 2464)


def test_controls_by_default_are_the_frame_rate_and_automatic() -> None:
    assert wanted_controls(make_settings(frame_rate=10.0), FOCUSING, ENUMS) == {
        "FrameDurationLimits": (100_000, 100_000),
        "AwbMode": "auto!",
        "AfMode": "continuous!",
    }


def test_controls_that_were_set() -> None:
    settings = make_settings(
        picamera={"exposure": 20_000, "gain": 2.5, "white_balance": "daylight", "focus": 0.0}, frame_rate=10.0
    )
    assert wanted_controls(settings, FOCUSING, ENUMS) == {
        "FrameDurationLimits": (100_000, 100_000),
        "ExposureTime": 20_000,
        "AnalogueGain": 2.5,
        "AwbMode": "daylight!",
        "AfMode": "manual!",
        "LensPosition": 0.0,
    }
    assert ignored(settings, FOCUSING) == []


def test_a_long_exposure_gets_a_long_frame() -> None:
    settings = make_settings(picamera={"exposure": 500_000}, frame_rate=10.0)
    assert wanted_controls(settings, FIXED, ENUMS)["FrameDurationLimits"] == (500_000, 500_000)


@pytest.mark.parametrize(("hertz", "period"), [(50, 10_000), (60, 8333)])
def test_the_mains_are_given_as_the_period_of_the_lamps(hertz: int, period: int) -> None:
    settings = make_settings(power_line=hertz)
    wanted = wanted_controls(settings, {"AeFlickerMode", "AeFlickerPeriod"}, ENUMS)
    assert wanted == {"AeFlickerMode": "period!", "AeFlickerPeriod": period}
    assert ignored(settings, {"AeFlickerMode", "AeFlickerPeriod"}) == []
    # An older libcamera has neither, and its enums are not there.
    assert wanted_controls(settings, FIXED, SimpleNamespace(AwbModeEnum=ENUMS.AwbModeEnum, AfModeEnum=ENUMS.AfModeEnum))
    assert ignored(settings, FIXED) == ["camera.power_line"]


def test_controls_that_the_camera_lacks_are_left_out_and_named() -> None:
    settings = make_settings(picamera={"exposure": 1, "gain": 2.0, "white_balance": "cloudy", "focus": 1.0})
    assert wanted_controls(settings, (), ENUMS) == {}
    assert ignored(settings, ()) == [
        "picamera.exposure",
        "picamera.gain",
        "picamera.white_balance",
        "picamera.focus",
    ]
    assert "LensPosition" not in wanted_controls(settings, FIXED, ENUMS)
    assert ignored(make_settings(), ()) == []


@pytest.mark.parametrize("mode", ["auto", "tungsten", "fluorescent", "indoor", "daylight", "cloudy"])
def test_every_white_balance_of_the_settings_has_a_control(mode: str) -> None:
    assert wanted_controls(make_settings(picamera={"white_balance": mode}), FIXED, ENUMS)["AwbMode"].endswith("!")


@pytest.mark.parametrize(
    ("stamp", "captured_at"),
    [
        (5_000_000_000, 100.0),  # now
        (4_960_000_000, 99.96),  # 40 ms ago
        (5_000_000_001, 100.0),  # in the future
        (-5_000_000_001, 100.0),  # older than 10 s
        (0, 95.0),
        (None, 100.0),
        ("5", 100.0),
    ],
)
def test_the_sensors_time_where_it_is_plausible(stamp: object, captured_at: float) -> None:
    metadata = {} if stamp is None else {"SensorTimestamp": stamp}
    assert capture_time(metadata, now=100.0, boottime=5.0) == pytest.approx(captured_at)
