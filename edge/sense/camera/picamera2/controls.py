"""Choose frame sizes and libcamera controls for the Raspberry Pi's camera."""

from collections.abc import Container, Mapping
from typing import Any

from edge.config.settings import PicameraSettings, Settings

Size = tuple[int, int]
"""(width, height) in px, as in libcamera; the shape of a model is (height, width)."""
_CONTROLS = {"exposure": "ExposureTime", "gain": "AnalogueGain", "white_balance": "AwbMode", "focus": "LensPosition"}
"""Settings, each with its control."""


def choose_size(sensor: Size, shape: tuple[int, int], rotate: int = 0) -> Size:
    """Choose the smallest frame at the sensor's aspect that the letterbox need not enlarge.

    Args:
        sensor: Full size of the sensor.
        shape: (height, width) of the model input, px.
        rotate: Degrees; at 90 and 270 the width of the frame becomes the height of the picture.

    Returns:
        Even sides, not larger than the sensor's.
    """
    height, width = shape if rotate % 180 == 0 else shape[::-1]
    # The letterbox scales by min(width / frame width, height / frame height): one side at its model's is enough.
    scale = min(width / sensor[0], height / sensor[1], 1.0)
    return _even(sensor[0] * scale, sensor[0]), _even(sensor[1] * scale, sensor[1])


def _even(side: float, most: int) -> int:
    """Round up to an even number of px, not above ``most``."""
    # 1e-6: 257 * 1.6 / 1.6 may come out a hair above 257.
    up = -int(-(side - 1e-6) // 2) * 2
    return max(2, min(up, most - most % 2))


def raw_size(sensor: Size, main: Size) -> Size:
    """Choose the size of the sensor mode: half the sensor, or all of it for frames larger than that.

    By default Picamera2 takes the mode nearest to the frame's size, and the small modes of several sensors (the
    640x480 of an IMX219) crop the field of view. At half its size a Raspberry Pi sensor has its full field of view,
    binned, which is also better in the dark.

    Args:
        sensor: Full size of the sensor.
        main: Size of the frames.

    Returns:
        Size of the mode.
    """
    half = (sensor[0] // 2, sensor[1] // 2)
    return half if main[0] <= half[0] and main[1] <= half[1] else sensor


def wanted_controls(settings: Settings, available: Container[str], enums: Any) -> dict[str, Any]:
    """Translate settings into libcamera controls.

    Args:
        settings: All of them.
        available: Names of the controls that the camera has; others are left out.
        enums: The module ``libcamera.controls``.

    Returns:
        Values by the name of the control.
    """
    picamera = settings.picamera
    duration = round(1e6 / settings.camera.frame_rate)
    if picamera.exposure is not None:
        # libcamera cuts an exposure to the frame's duration without a warning.
        duration = max(duration, picamera.exposure)
    focus = enums.AfModeEnum.Continuous if picamera.focus is None else enums.AfModeEnum.Manual
    wanted = {
        **{control: getattr(picamera, name) for name, control in _CONTROLS.items()},
        "AwbMode": getattr(enums.AwbModeEnum, picamera.white_balance.capitalize()),
        "AfMode": focus,
        "FrameDurationLimits": (duration, duration),
    }
    return {name: value for name, value in wanted.items() if name in available and value is not None}


def ignored(settings: Settings, available: Container[str]) -> list[str]:
    """List the settings that are set and that this camera has no control for."""
    automatic = PicameraSettings()
    asked = [
        name
        for name, control in _CONTROLS.items()
        if control not in available and getattr(settings.picamera, name) != getattr(automatic, name)
    ]
    return [f"picamera.{name}" for name in asked]


def capture_time(metadata: Mapping[str, Any], now: float, boottime: float) -> float:
    """Tell when the sensor began this frame.

    Args:
        metadata: Of the request. SensorTimestamp is ns of CLOCK_BOOTTIME, which also counts suspended time.
        now: Monotonic clock, s.
        boottime: CLOCK_BOOTTIME at the same moment, s.

    Returns:
        Monotonic s; ``now`` where the sensor's time is missing, in the future, or 10 s old.
    """
    stamp = metadata.get("SensorTimestamp")
    if not isinstance(stamp, int):
        return now
    age = boottime - stamp / 1e9
    return now - age if 0 <= age < 10 else now
