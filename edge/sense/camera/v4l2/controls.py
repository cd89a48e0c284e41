"""Controls of a webcam: what the settings ask for, as far as the driver offers it. What is not set is not touched."""

import fcntl
import struct
from collections.abc import Sequence
from typing import NamedTuple

from edge.config.settings import Settings
from edge.sense.camera.error_text import reason

_QUERYCTRL, _DESCRIPTION = 0xC0445624, struct.Struct("=2I32s4iI8x")
"""VIDIOC_QUERYCTRL: _IOWR('V', 36, struct v4l2_queryctrl), from linux/videodev2.h: id, type, name, minimum, maximum,
step, default_value, flags, reserved."""
_QUERYMENU, _MENU_ITEM = 0xC02C5625, struct.Struct("=2I32s4x")
"""VIDIOC_QUERYMENU: _IOWR('V', 37, struct v4l2_querymenu): id, index, name, reserved."""
_S_CTRL, _CONTROL = 0xC008561C, struct.Struct("=Ii")
"""VIDIOC_S_CTRL: _IOWR('V', 28, struct v4l2_control): id, value."""
_DISABLED = 0x0001
"""V4L2_CTRL_FLAG_DISABLED."""

# From linux/v4l2-controls.h.
_POWER_LINE, _FREQUENCIES = 0x00980918, {50: 1, 60: 2}
_EXPOSURE, _EXPOSURE_MODE, _MANUAL_EXPOSURES = 0x009A0902, 0x009A0901, (1, 2)
"""Manual, and shutter priority: the modes in which the exposure time stays as it is set."""
_EXPOSURE_UNIT_US = 100
_FOCUS, _AUTOFOCUS, _MANUAL_FOCUS = 0x009A090A, 0x009A090C, (0,)


class _Bounds(NamedTuple):
    low: int
    high: int


def set_controls(handle: int, settings: Settings) -> list[str]:
    """Set what the settings ask for.

    Args:
        handle: An opened device.
        settings: All of them.

    Returns:
        A sentence for each setting that could not be followed, to stand after the name of the device.
    """
    said = []
    if settings.camera.power_line is not None:
        said.append(_set_power_line(handle, settings.camera.power_line))
    if settings.v4l2.exposure is not None:
        value, mode = settings.v4l2.exposure, (_EXPOSURE_MODE, _MANUAL_EXPOSURES)
        said.append(_set_number(handle, "v4l2.exposure", value, _EXPOSURE, *mode, unit=_EXPOSURE_UNIT_US))
    if settings.v4l2.focus is not None:
        said.append(_set_number(handle, "v4l2.focus", settings.v4l2.focus, _FOCUS, _AUTOFOCUS, _MANUAL_FOCUS))
    return [sentence for sentence in said if sentence]


def _set_power_line(handle: int, frequency: int) -> str:
    bounds = _ask(handle, _POWER_LINE)
    if bounds is None:
        return "has no control for camera.power_line, which is ignored"
    offered = _menu(handle, _POWER_LINE, bounds)
    if _FREQUENCIES[frequency] not in offered:
        known = ", ".join(f"{each} Hz" for each, item in _FREQUENCIES.items() if item in offered) or "neither"
        return f"offers {known}, found camera.power_line = {frequency}, which is ignored"
    try:
        _set(handle, _POWER_LINE, _FREQUENCIES[frequency])
    except OSError as error:
        return f"refused camera.power_line = {frequency} ({reason(error)}), which is ignored"
    return ""


def _set_number(
    handle: int, setting: str, value: int, control: int, automatic: int, manual: Sequence[int], unit: int = 1
) -> str:
    """Switch an automatic off that would change a value again, and set it.

    Args:
        handle: An opened device.
        setting: Name for messages.
        value: As set.
        control: Number of the control.
        automatic: Number of the control of the automatic.
        manual: Its values that leave ours alone, the best first.
        unit: Of the driver, in the setting's.

    Returns:
        Why it was left as it is; empty where it was set.
    """
    bounds = _ask(handle, control)
    if bounds is None:
        return f"has no control for {setting}, which is ignored"
    if not bounds.low <= round(value / unit) <= bounds.high:
        return f"takes {bounds.low * unit} to {bounds.high * unit}, found {setting} = {value}, which is ignored"
    try:
        if modes := _ask(handle, automatic):
            offered = _menu(handle, automatic, modes)
            _set(handle, automatic, next((mode for mode in manual if mode in offered), manual[0]))
        _set(handle, control, round(value / unit))
    except OSError as error:
        return f"refused {setting} = {value} ({reason(error)}), which is ignored"
    return ""


def _ask(handle: int, control: int) -> _Bounds | None:
    """Ask for the bounds of a control; None where the driver has none, or has switched it off."""
    asked = bytearray(_DESCRIPTION.pack(control, 0, b"", 0, 0, 0, 0, 0))
    try:
        fcntl.ioctl(handle, _QUERYCTRL, asked, True)
    except OSError:
        return None
    _, _, _, low, high, _, _, flags = _DESCRIPTION.unpack(asked)
    return None if flags & _DISABLED else _Bounds(low, high)


def _menu(handle: int, control: int, bounds: _Bounds) -> list[int]:
    """List the values of a control of few values; all within its bounds where it is no menu."""
    values = range(bounds.low, min(bounds.high, bounds.low + 31) + 1)
    found = []
    for value in values:
        asked = bytearray(_MENU_ITEM.pack(control, max(0, value), b""))
        try:
            fcntl.ioctl(handle, _QUERYMENU, asked, True)
        except OSError:
            continue
        found.append(value)
    return found or list(values)


def _set(handle: int, control: int, value: int) -> None:
    fcntl.ioctl(handle, _S_CTRL, bytearray(_CONTROL.pack(control, value)), True)
