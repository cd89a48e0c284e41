"""Checks of the system below the services: the clock, the memory limit, the hardware watchdog."""

from edge.tools.checks.finding import Finding, good, unknown, warning
from edge.tools.doctor.machine import Machine, last_line


def check_clock(machine: Machine) -> Finding:
    """Check that the clock follows a time server: messages are stamped with it, and certificates need it."""
    answer = machine.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    if answer.code != 0:
        return unknown("clock", f"cannot be asked: {last_line(answer.err)}")
    if answer.out.strip() == "yes":
        return good("clock", "synchronised")
    remedy = "sudo timedatectl set-ntp true; then timedatectl timesync-status"
    return warning("clock", "not synchronised with a time server", remedy)


def check_memory_limit(machine: Machine) -> Finding:
    """Check that the kernel counts memory. A Raspberry Pi's does not by default, and MemoryMax= is then ignored."""
    name = "memory limit"
    controllers = machine.read("sys/fs/cgroup/cgroup.controllers")
    if controllers is None:
        return unknown(name, "control groups of version 2 are not there")
    if "memory" in controllers.split():
        return good(name, "the kernel enforces it")
    return warning(
        name,
        "the kernel does not count memory, so the services' MemoryMax= is ignored",
        "add cgroup_enable=memory to the kernel's command line (on a Raspberry Pi the one line of "
        "/boot/firmware/cmdline.txt) and restart the device",
    )


def check_watchdog(machine: Machine) -> Finding:
    """Check that a device that hangs as a whole restarts; give a hint if it could and is not told to."""
    name = "watchdog"
    folder = machine.root / "sys/class/watchdog/watchdog0"
    if not folder.exists():
        return unknown(name, "this machine has none; a hung system stays hung")
    identity = machine.read(str(folder / "identity")) or "hardware"
    answer = machine.run(["systemctl", "show", "--property=RuntimeWatchdogUSec", "--value"])
    if answer.code != 0:
        return unknown(name, f"{identity}; whether systemd feeds it cannot be asked")
    if answer.out.strip() in ("0", "", "infinity"):
        return good(
            name,
            f"{identity} is there and not used",
            "RuntimeWatchdogSec=15 below [Manager] in /etc/systemd/system.conf.d/watchdog.conf restarts a hung device",
        )
    return good(name, f"{identity}, fed by systemd every {answer.out.strip()} at the latest")
