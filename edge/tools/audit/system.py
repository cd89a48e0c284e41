"""The running system, as far as the audit asks it: systemd, proc, and tries in a control group."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import Unavailable
from edge.tools.audit.probes import in_child
from edge.tools.audit.process import Process
from edge.tools.audit.sockets import Socket, look

SENSE, REPORT, WALL = "posenet-sense.service", "posenet-report.service", "posenet-report.socket"


def run_systemctl(words: Sequence[str]) -> str:
    """What it prints; raises Unavailable where there is none."""
    try:
        return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError as error:
        raise Unavailable("no systemctl here; expected a machine that systemd runs") from error


@dataclass(frozen=True)
class System:
    """Each part as on a device unless given: proc and control groups are folders, the rest asks or tries."""

    proc: Path = Path("/proc")
    groups: Path = Path("/sys/fs/cgroup")
    dev: Path = Path("/dev")
    systemctl: Callable[[Sequence[str]], str] = run_systemctl
    look: Callable[[int, int], Socket] = look
    in_child: Callable[[Callable[[], Any], Path | None], Any] = in_child

    def unit(self, name: str) -> dict[str, str]:
        """Every property that systemd has in force for a unit; one that is named twice has two lines."""
        found: dict[str, str] = {}
        for line in self.systemctl(["show", name]).splitlines():
            key, _, value = line.partition("=")
            found[key] = f"{found[key]}\n{value}" if key in found else value
        return found

    def process(self, pid: int) -> Process:
        return Process(pid, self.proc / str(pid))


@dataclass(frozen=True)
class Service:
    """One of the two rooms as it runs. main: None where it doesn't; processes: all of its control group."""

    name: str
    properties: Mapping[str, str]
    group: Path
    main: Process | None
    processes: tuple[Process, ...]

    @property
    def room(self) -> str:
        """``sense`` or ``report``."""
        return self.name.removeprefix("posenet-").removesuffix(".service")


def find_service(system: System, name: str) -> Service:
    """The service with its processes, as they are now."""
    properties = system.unit(name)
    group = system.groups / properties.get("ControlGroup", "").lstrip("/")
    pid = int(properties.get("MainPID", "0") or 0)
    if not pid or not (system.proc / str(pid)).exists():
        return Service(name, properties, group, None, ())
    try:
        # Another PID namespace's process is shown as 0.
        pids = sorted({pid, *map(int, (group / "cgroup.procs").read_text().split())} - {0})
    except OSError:
        pids = [pid]
    return Service(name, properties, group, system.process(pid), tuple(map(system.process, pids)))
