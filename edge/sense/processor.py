"""How the processor is, by the kernel's files, which stay readable in the sandbox."""

from pathlib import Path

_ROOT = Path("/")
_TEMPERATURE = "sys/class/thermal/thermal_zone0/temp"
_THROTTLED = ("soc/soc:firmware", "soc*/soc*:firmware", "soc:firmware", "*:firmware")
"""Folders of a Raspberry Pi's firmware, below /sys/devices/platform, from one model and kernel to the next."""
UNDER_VOLTAGE, CAPPED, THROTTLED, SOFT_LIMIT = 1 << 0, 1 << 1, 1 << 2, 1 << 3
"""Bits of the firmware's GET_THROTTLED that tell of now."""


def temperature(root: Path = _ROOT) -> float | None:
    """Read the temperature of the processor, degrees Celsius; None where the kernel gives none."""
    try:
        return int((root / _TEMPERATURE).read_text()) / 1000
    except (OSError, ValueError):
        return None


def throttled_flags(root: Path = _ROOT) -> int | None:
    """Read what the firmware says of power and heat; None where there is no such firmware."""
    for pattern in _THROTTLED:
        for file in sorted((root / "sys/devices/platform").glob(f"{pattern}/get_throttled")):
            try:
                return int(file.read_text().strip(), 16)
            except (OSError, ValueError):
                continue
    return None


def is_throttled(root: Path = _ROOT) -> bool:
    """Tell whether the firmware slows the processor down because of its heat, and not of its power supply.

    Returns:
        False also at the soft limit, which a Raspberry Pi 3B+ has at 60 degrees Celsius, and which takes little.
    """
    flags = throttled_flags(root) or 0
    return bool(flags & (CAPPED | THROTTLED)) and not flags & UNDER_VOLTAGE
