"""What the sensor in a machine says of itself: its messages at the machine's broker, and its units in systemd."""

import json
import shlex
import time
from collections.abc import Callable
from typing import Any

from edge.errors import Unavailable
from edge.tools.progress import Progress
from scripts.qemu.machine import Machine

TOPIC = "posenet/machine"
SENSE, REPORT = "posenet-sense.service", "posenet-report.service"
CONFIG = "/etc/posenet-edge/config.toml"
PYTHON = "/opt/posenet-edge/current/venv/bin/python"
_WAITS_S = 300.0
"""For what takes seconds on a machine that is not emulated."""
_POLL_S = 2.0


def clock(machine: Machine) -> float:
    """Return the machine's own time, by which its messages are stamped."""
    return float(machine.say("date +%s.%N"))


def message(machine: Machine, name: str) -> dict[str, Any]:
    """Return what the broker retains on a topic of the sensor; empty if that is nothing."""
    words = f"timeout 20 mosquitto_sub -C 1 -W 5 -t {TOPIC}/{name} 2>/dev/null"
    said = machine.run(words, check=False).stdout.strip()
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def wait_for(
    machine: Machine, name: str, is_so: Callable[[dict[str, Any]], bool], since: float, seconds: float = _WAITS_S
) -> tuple[bool, dict[str, Any]]:
    """Wait for a retained message of after ``since`` (the machine's time) that is so.

    Returns:
        Whether it came, and the last message.
    """
    deadline = time.monotonic() + seconds
    with Progress("machine") as progress:
        progress.begin(f"waiting for the sensor's {name}")
        while True:
            last = message(machine, name)
            if last and last.get("time", 0) >= since and is_so(last):
                return True, last
            if time.monotonic() > deadline:
                return False, last
            time.sleep(_POLL_S)


def wait_for_frames(machine: Machine, since: float, seconds: float = _WAITS_S) -> tuple[bool, str]:
    """Wait until the camera is open, frames come and the sandbox is sealed; returns whether, and what was found."""
    came, health = wait_for(machine, "health", _works, since, seconds)
    return came, describe(machine, health)


def _works(health: dict[str, Any]) -> bool:
    return health.get("state") == "running" and health.get("frames", 0) > 0 and not health.get("breaches")


def describe(machine: Machine, health: dict[str, Any]) -> str:
    """Say in a few words how the sensor is."""
    if not health:
        return f"no health; {status(machine, SENSE)}"
    breaches = health.get("breaches")
    words = [
        f"state {health.get('state')}",
        f"{health.get('frames')} frames from {health.get('source')}",
        f"not sealed: {' '.join(breaches)}" if breaches else "sealed",
        f"sense started again {restarts(machine)} times",
    ]
    return ", ".join(words)


def restarts(machine: Machine) -> int:
    """How often systemd started sense again by itself."""
    return int(machine.say(f"systemctl show -p NRestarts --value {SENSE}") or 0)


def status(machine: Machine, unit: str) -> str:
    """Say in one line what systemd knows of a unit."""
    asked = "ActiveState,SubState,StatusText,ExecMainStatus,NRestarts"
    return " ".join(machine.run(f"systemctl show -p {asked} {unit}", check=False).stdout.split("\n")).strip()


def command(machine: Machine, name: str, payload: str, topic: str, confirmed: str) -> float:
    """Send a command, and return once the sensor has confirmed it.

    Args:
        machine: Where the sensor is.
        name: Of the command.
        payload: Its content.
        topic: Where the sensor confirms it.
        confirmed: What stands in that message then, and not before (an extended regular expression).

    Returns:
        How long the confirmation took, s.

    Raises:
        Unavailable: It did not confirm.
    """
    listen = f"timeout 120 mosquitto_sub -t {TOPIC}/{topic} 2>/dev/null"
    send = f"mosquitto_pub -q 1 -t {TOPIC}/command/{name} -m {shlex.quote(payload)}"
    begun = time.monotonic()
    # grep ends with the line; what it read from goes on until it writes again, and holds nothing up.
    heard = machine.run(f"{send}; grep -m1 -E {shlex.quote(confirmed)} < <(exec {listen})", check=False)
    if heard.returncode:
        raise Unavailable(f"the sensor did not confirm {name} {payload} on {topic} within 120 s")
    return time.monotonic() - begun
