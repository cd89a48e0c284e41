"""Checks of the system below the services: the clock, the memory limit, the hardware watchdog."""

from edge.tools.checks.finding import Finding, good, unknown, warning
from edge.tools.checks.machine import Machine, last_line


def check_clock(machine: Machine) -> Finding:
    """Check that the clock is synchronised: messages carry its time, and certificates depend on it."""
    answer = machine.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    if answer.code != 0:
        return unknown("clock", f"timedatectl failed: {last_line(answer.err)}")
    if answer.out.strip() == "yes":
        return good("clock", "synchronised")
    remedy = "sudo timedatectl set-ntp true; then timedatectl timesync-status"
    return warning("clock", "not synchronised with a time server", remedy)


def check_memory_limit(machine: Machine) -> Finding:
    """Check that the memory cgroup controller is enabled; a Raspberry Pi's is not by default."""
    name = "memory limit"
    controllers = machine.read("sys/fs/cgroup/cgroup.controllers")
    if controllers is None:
        return unknown(name, "cgroup v2 not mounted")
    if "memory" in controllers.split():
        return good(name, "the kernel enforces it")
    return warning(
        name,
        "memory cgroup controller disabled; the services' MemoryMax= is ignored",
        "add cgroup_enable=memory to the kernel's command line (on a Raspberry Pi the one line of "
        "/boot/firmware/cmdline.txt) and restart the device",
    )


def check_watchdog(machine: Machine) -> Finding:
    """Check that a hardware watchdog is enabled; hint if it is present but unused."""
    name = "watchdog"
    folder = machine.root / "sys/class/watchdog/watchdog0"
    if not folder.exists():
        return unknown(name, "no hardware watchdog; a system that hangs stays hung")
    identity = machine.read(str(folder / "identity")) or "hardware"
    answer = machine.run(["systemctl", "show", "--property=RuntimeWatchdogUSec", "--value"])
    if answer.code != 0:
        return unknown(name, f"{identity}; systemd's watchdog setting is unknown")
    if answer.out.strip() in ("0", "", "infinity"):
        return good(
            name,
            f"{identity} is present but unused",
            "RuntimeWatchdogSec=15 below [Manager] in /etc/systemd/system.conf.d/watchdog.conf restarts a hung device",
        )
    return good(name, f"{identity}, fed by systemd at least every {answer.out.strip()}")
