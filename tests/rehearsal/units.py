"""What systemd knows of the units in a machine, and what it thinks of them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tests.rehearsal.machine import Machine
from tests.support.waiting import wait_until

SENSE, REPORT, SOCKET, TARGET = (
    "posenet-sense.service",
    "posenet-report.service",
    "posenet-report.socket",
    "posenet-edge.target",
)
SERVICES = (SENSE, REPORT)


def show(machine: Machine, unit: str, *properties: str) -> dict[str, str]:
    """``systemctl show``."""
    said = machine.say(f"systemctl show {unit} --property={','.join(properties)}")
    return dict(line.split("=", 1) for line in said.splitlines())


def status(machine: Machine, unit: str) -> str:
    """The line with which a service says how it is."""
    return show(machine, unit, "StatusText")["StatusText"]


def pid(machine: Machine, unit: str) -> int:
    """Of its main process; 0 where it has none."""
    return int(show(machine, unit, "MainPID")["MainPID"])


def restarts(machine: Machine) -> dict[str, int]:
    """How often systemd has started each service again by itself."""
    return {unit: int(show(machine, unit, "NRestarts")["NRestarts"]) for unit in SERVICES}


def journal(machine: Machine, unit: str) -> str:
    """The last of what a unit said."""
    return machine.say(f"journalctl --no-pager --output=cat --lines=60 --unit={unit}")


def exposure(machine: Machine, unit: str) -> tuple[float, str]:
    """What ``systemd-analyze security`` says of a running unit: 0 (safe) to 10, and the table of what is open."""
    table = machine.say(f"systemd-analyze security --no-pager {unit}")
    found = re.search(r"exposure level for \S+: ([0-9.]+)", table)
    assert found, table
    return float(found[1]), "\n".join(line for line in table.splitlines() if line.startswith("✗"))


def inside(machine: Machine, unit: str, command: str) -> str:
    """What a shell command says in the name spaces of a unit's main process (as root: for looking, not for trying)."""
    return machine.say(f"nsenter --target={pid(machine, unit)} --mount --net --ipc -- sh -c '{command}'")


@contextmanager
def dropin(machine: Machine, unit: str, *lines: str, restart: bool = True) -> Iterator[None]:
    """Lines added to a unit's ``[Service]`` until the end of the ``with``, and the unit restarted at both ends."""
    folder = f"/etc/systemd/system/{unit}.d"
    again = f"systemctl daemon-reload && systemctl restart {unit}" if restart else "systemctl daemon-reload"
    machine.write(f"{folder}/99-rehearsal.conf", "\n".join(["[Service]", *lines, ""]))
    machine.run(again)
    try:
        yield
    finally:
        machine.run(f"rm {folder}/99-rehearsal.conf; {again}")


def tries(machine: Machine, unit: str) -> dict[str, str]:
    """What a service's own process can do (``kit/tries.py``): each attempt with its outcome, ``done`` or why not."""
    mark = machine.say("journalctl --show-cursor --lines=0 --quiet | sed -n 's/^-- cursor: //p'")
    machine.run(f"kill -USR2 {pid(machine, unit)}")

    def said() -> list[str]:
        lines = machine.say(f"journalctl --output=cat --unit={unit} --after-cursor='{mark}'").splitlines()
        return [line.removeprefix("REHEARSAL ") for line in lines if line.startswith("REHEARSAL ")]

    wait_until(lambda: "over" in said(), what=f"{unit} tried what it can do")
    outcomes = (line.partition(": ") for line in said() if line != "over")
    return {name: outcome for outcome, _, names in outcomes for name in names.split(", ")}
