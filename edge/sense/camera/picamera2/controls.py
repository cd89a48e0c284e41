"""Choose frame sizes and libcamera controls for the Raspberry Pi's camera."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from edge.config.settings import PicameraSettings, Settings

Size = tuple[int, int]
"""(width, height) in px, as in libcamera; the shape of a model is (height, width)."""
_CONTROLS = {"exposure": "ExposureTime", "gain": "AnalogueGain", "white_balance": "AwbMode", "focus": "LensPosition"}
"""Settings, each with its control."""
_FLICKER = {"AeFlickerMode", "AeFlickerPeriod"}
"""Controls for ``camera.power_line``."""
_NEARLY_ALL = 0.99
"""Part of the largest field of view that counts as all of it: a binned mode may lose a row or two at the edges."""


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


def raw_size(sensor: Size, main: Size, modes: Sequence[Mapping[str, Any]] = ()) -> Size:
    """Choose the size of the sensor mode: of those that see most of the room, the smallest that is large enough.

    By default Picamera2 takes the mode nearest to the frame's size, and the small modes of many sensors crop the field
    of view (the 640x480 of an IMX219, the 1280x720 of an IMX290): ``crop_limits`` tells which. A smaller mode of the
    whole field is binned, which is also better in the dark.

    Args:
        sensor: Full size of the sensor.
        main: Size of the frames.
        modes: Picamera2's ``sensor_modes``; empty: not known, and half the sensor is taken, or all of it for frames
            larger than that.

    Returns:
        Size of the mode.
    """
    seen = [(mode["size"], _area(mode["crop_limits"][2:])) for mode in modes if {"size", "crop_limits"} <= mode.keys()]
    if seen:
        most = max(area for _, area in seen)
        widest = [size for size, area in seen if area >= _NEARLY_ALL * most]
        enough = [size for size in widest if size[0] >= main[0] and size[1] >= main[1]]
        width, height = min(enough, key=_area) if enough else max(widest, key=_area)
        return width, height
    half = (sensor[0] // 2, sensor[1] // 2)
    return half if main[0] <= half[0] and main[1] <= half[1] else sensor


def _area(size: Sequence[int]) -> int:
    return size[0] * size[1]


def wanted_controls(settings: Settings, available: Collection[str], enums: Any) -> dict[str, Any]:
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
    if settings.camera.power_line is not None and _has_flicker(available):
        # Lamps flicker twice in each period of the mains.
        period = round(1e6 / (2 * settings.camera.power_line))
        wanted |= {"AeFlickerMode": enums.AeFlickerModeEnum.Manual, "AeFlickerPeriod": period}
    return {name: value for name, value in wanted.items() if name in available and value is not None}


def _has_flicker(available: Collection[str]) -> bool:
    """Tell whether a camera with these controls follows ``camera.power_line``."""
    return set(available) >= _FLICKER


def ignored(settings: Settings, available: Collection[str]) -> list[str]:
    """List the settings that are set and that this camera has no control for."""
    automatic = PicameraSettings()
    asked = [
        name
        for name, control in _CONTROLS.items()
        if control not in available and getattr(settings.picamera, name) != getattr(automatic, name)
    ]
    names = [f"picamera.{name}" for name in asked]
    return ["camera.power_line", *names] if settings.camera.power_line and not _has_flicker(available) else names


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
