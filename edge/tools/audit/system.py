"""The running system as the audit sees it: systemd, proc, and attempts in a control group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.tools.audit.probes import in_child
from edge.tools.audit.proc import Process
from edge.tools.audit.sockets import Socket, look
from edge.tools.systemctl import run_systemctl


@dataclass(frozen=True)
class System:
    """Where to look and how to ask; a test gives other folders and other answers."""

    proc: Path = Path("/proc")
    groups: Path = Path("/sys/fs/cgroup")
    dev: Path = Path("/dev")
    systemctl: Callable[[Sequence[str]], str] = lambda words: run_systemctl(*words).stdout
    look: Callable[[int, int], Socket] = look
    in_child: Callable[[Callable[[], Any], Path | None], Any] = in_child

    def unit(self, name: str) -> dict[str, str]:
        """Read all properties that systemd has in force for a unit; one that is named twice has two lines."""
        found: dict[str, str] = {}
        for line in self.systemctl(["show", name]).splitlines():
            key, _, value = line.partition("=")
            found[key] = f"{found[key]}\n{value}" if key in found else value
        return found

    def process(self, pid: int) -> Process:
        """Get a process by its number."""
        return Process(pid, self.proc / str(pid))


@dataclass(frozen=True)
class Service:
    """One of the two services as it runs."""

    name: str
    properties: Mapping[str, str]
    group: Path
    main: Process | None
    """None if it does not run."""
    processes: tuple[Process, ...]
    """All of its control group."""

    @property
    def short_name(self) -> str:
        """``sense`` or ``report``."""
        return self.name.removeprefix("posenet-").removesuffix(".service")


def find_service(system: System, name: str) -> Service:
    """Find a service with its processes, as they are now."""
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
