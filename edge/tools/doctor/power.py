"""Checks of power and heat, by the kernel's files: vcgencmd would need rights and a package."""

from edge.sense import processor
from edge.tools.checks.finding import Finding, bad, good, unknown, warning
from edge.tools.checks.machine import Machine

_BITS = {
    processor.UNDER_VOLTAGE: "under-voltage",
    processor.CAPPED: "frequency capped",
    processor.THROTTLED: "throttled",
    processor.SOFT_LIMIT: "soft temperature limit",
}
_SINCE_BOOT = 16
"""Bits higher are those that tell of the time since the device started."""
_WARM, _HOT = 75.0, 80.0
"""Degrees Celsius; a Raspberry Pi slows down from 80 on."""
_SUPPLY = "use the board's own power supply and a short, thick cable; unplug what draws from its USB ports"
_COOL = "a heat sink or a fan, air around the case, or a smaller camera.frame_rate"


def check_power(machine: Machine) -> Finding:
    """Check for under-voltage and throttling, now or since the device started."""
    flags = processor.throttled_flags(machine.root)
    if flags is None:
        return _check_alarm(machine)
    now = [word for bit, word in _BITS.items() if flags & bit]
    before = [word for bit, word in _BITS.items() if flags >> _SINCE_BOOT & bit and word not in now]
    if not (now or before):
        return good("power", "no under-voltage and no throttling since the device started")
    said = [f"now: {', '.join(now)}"] if now else []
    said += [f"since it started: {', '.join(before)}"] if before else []
    remedies = [_SUPPLY] if "under-voltage" in (*now, *before) else []
    remedies += [_COOL] if {"throttled", "soft temperature limit"} & {*now, *before} and not remedies else []
    finding = bad if "under-voltage" in now else warning
    return finding("power", f"{'; '.join(said)} ({flags:#x})", "; ".join(remedies) or _SUPPLY)


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
    degrees = processor.temperature(machine.root)
    if degrees is None:
        return unknown("temperature", "this machine does not report it")
    if degrees >= _HOT:
        return bad("temperature", f"{degrees:.0f} degrees Celsius, at which it slows down", _COOL)
    if degrees >= _WARM:
        return warning("temperature", f"{degrees:.0f} degrees Celsius; at {_HOT:.0f} it slows down", _COOL)
    return good("temperature", f"{degrees:.0f} degrees Celsius")
