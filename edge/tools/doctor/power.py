"""Checks of power and heat, by the kernel's files: vcgencmd would need rights and a package."""

from edge.sense.stage_timer import temperature
from edge.tools.checks.finding import Finding, bad, good, unknown, warning
from edge.tools.doctor.machine import Machine

_THROTTLED = ("soc/soc:firmware", "soc*/soc*:firmware", "soc:firmware", "*:firmware")
_BITS = {0: "under-voltage", 1: "frequency capped", 2: "throttled", 3: "soft temperature limit"}
"""Bits of the firmware's GET_THROTTLED that tell of now."""
_SINCE_BOOT = 16
"""Bits higher are those that tell of the time since the device started."""
_WARM, _HOT = 75.0, 80.0
"""Degrees Celsius; a Raspberry Pi slows down from 80 on."""
_SUPPLY = "use the board's own power supply and a short, thick cable; unplug what draws from its USB ports"
_COOL = "a heat sink or a fan, air around the case, or a smaller camera.frame_rate"


def check_power(machine: Machine) -> Finding:
    """Check for under-voltage and throttling, now or since the device started."""
    flags = _throttled(machine)
    if flags is None:
        return _check_alarm(machine)
    now = [word for bit, word in _BITS.items() if flags >> bit & 1]
    before = [word for bit, word in _BITS.items() if flags >> (bit + _SINCE_BOOT) & 1 and word not in now]
    if not (now or before):
        return good("power", "no under-voltage and no throttling since the device started")
    said = [f"now: {', '.join(now)}"] if now else []
    said += [f"since it started: {', '.join(before)}"] if before else []
    remedies = [_SUPPLY] if "under-voltage" in (*now, *before) else []
    remedies += [_COOL] if {"throttled", "soft temperature limit"} & {*now, *before} and not remedies else []
    finding = bad if "under-voltage" in now else warning
    return finding("power", f"{'; '.join(said)} ({flags:#x})", "; ".join(remedies) or _SUPPLY)


def _throttled(machine: Machine) -> int | None:
    for pattern in _THROTTLED:
        for file in sorted((machine.root / "sys/devices/platform").glob(f"{pattern}/get_throttled")):
            try:
                return int(file.read_text().strip(), 16)
            except (OSError, ValueError):
                continue
    return None


def _check_alarm(machine: Machine) -> Finding:
    """Check the kernel's own alarm, for boards without the firmware's flags."""
    for folder in sorted((machine.root / "sys/class/hwmon").glob("hwmon*")):
        if machine.read(str(folder / "name")) == "rpi_volt":
            if machine.read(str(folder / "in0_lcrit_alarm")) == "1":
                return bad("power", "under-voltage", _SUPPLY)
            return good("power", "no under-voltage now; this board keeps no record of the past")
    return unknown("power", "this machine does not report under-voltage")


def check_temperature(machine: Machine) -> Finding:
    """Check the processor's temperature."""
    degrees = temperature(machine.root / "sys/class/thermal/thermal_zone0/temp")
    if degrees is None:
        return unknown("temperature", "this machine does not report it")
    if degrees >= _HOT:
        return bad("temperature", f"{degrees:.0f} degrees Celsius, at which it slows down", _COOL)
    if degrees >= _WARM:
        return warning("temperature", f"{degrees:.0f} degrees Celsius; at {_HOT:.0f} it slows down", _COOL)
    return good("temperature", f"{degrees:.0f} degrees Celsius")
