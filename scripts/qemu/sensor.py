"""What the sensor in a machine says of itself: its messages at the machine's broker, and its units in systemd."""

import json
import shlex
import time
from collections.abc import Callable
from typing import Any

from edge.errors import Unavailable
from edge.runtime.status_text import SenseStatus
from edge.tools.progress import Progress
from scripts.qemu.machine import Machine

TOPIC = "posenet/machine"
SENSE, REPORT = "posenet-sense.service", "posenet-report.service"
CONFIG = "/etc/posenet-edge/config.toml"
PYTHON = "/opt/posenet-edge/current/venv/bin/python"
GIVES_FRAMES = ("running", "too_slow")
"""States of ``sense`` with an open camera: a frame may take an emulated processor longer than what is of use."""
_WAITS_S = 1800.0
"""For what takes seconds on a machine that is not emulated."""
_POLL_S = 2.0


def clock(machine: Machine) -> float:
    """Return the machine's own time, by which its messages are stamped."""
    return float(machine.say("date +%s.%N"))


def message(machine: Machine, name: str, seconds: int = 5) -> dict[str, Any]:
    """Return what the broker retains on a topic of the sensor, or the first that comes; empty if that is nothing."""
    words = f"timeout {seconds + 15} mosquitto_sub -C 1 -W {seconds} -t {TOPIC}/{name} 2>/dev/null"
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
    """Wait until the sandbox is sealed, the camera is open, and what is seen of it arrives at the broker.

    ``health`` would not do: on an emulated processor a frame may take longer than the time after which ``report`` takes
    ``sense`` for silent.

    Args:
        machine: Where the sensor is.
        since: By the machine's clock; what is older does not count.
        seconds: Time to wait.

    Returns:
        Whether it came, and what was found.
    """
    deadline = time.monotonic() + seconds
    with Progress("machine") as progress:
        progress.begin("waiting for frames")
        while True:
            came = _sees(machine) and message(machine, "poses", 60).get("time", 0) >= since
            if came or time.monotonic() > deadline:
                found = (
                    f"{status_text(machine, SENSE) or status(machine, SENSE)}, started again {restarts(machine)} times"
                )
                return came, f"{found}; {'poses at the broker' if came else 'no poses at the broker'}"
            time.sleep(_POLL_S)


def _sees(machine: Machine) -> bool:
    told = SenseStatus.parse(status_text(machine, SENSE))
    return told is not None and told.state in GIVES_FRAMES and not told.breaches


def wait_for_state(machine: Machine, is_so: Callable[[str], bool], seconds: float = _WAITS_S) -> tuple[bool, str]:
    """Wait for a state of ``sense`` (``edge.wire.STATES``).

    Returns:
        Whether it came, and how ``sense`` describes itself at last.
    """
    deadline = time.monotonic() + seconds
    with Progress("machine") as progress:
        progress.begin("waiting for another state of sense")
        while True:
            text = status_text(machine, SENSE)
            told = SenseStatus.parse(text)
            if told is not None and is_so(told.state):
                return True, text
            if time.monotonic() > deadline:
                return False, text or status(machine, SENSE)
            time.sleep(_POLL_S)


def status_text(machine: Machine, unit: str) -> str:
    """Return the line that a service shows in ``systemctl status``."""
    return machine.say(f"systemctl show -p StatusText --value {unit}")


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
