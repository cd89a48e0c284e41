"""The running system as the audit sees it: the machine, attempts in a control group, and the two services."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import Unavailable
from edge.tools.audit.probes import in_child
from edge.tools.audit.sockets import Socket, look
from edge.tools.checks.machine import Machine, Unit, read_properties
from edge.tools.proc import Process


@dataclass(frozen=True)
class System(Machine):
    """A machine with means to try what a service could do; a test gives other answers."""

    look: Callable[[int, int], Socket] = look
    in_child: Callable[[Callable[[], Any], Path | None], Any] = in_child

    def systemctl(self, *words: str) -> str:
        """Run systemctl.

        Returns:
            Its output.

        Raises:
            Unavailable: It is not installed.
        """
        answer = self.run(["systemctl", *words])
        if answer.missing:
            raise Unavailable("no systemctl here; expected a machine that systemd runs")
        return answer.out


@dataclass(frozen=True)
class Service(Unit):
    """One of the two services as it runs."""

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
    properties = read_properties(system.systemctl("show", name))
    group = system.root / "sys/fs/cgroup" / properties.get("ControlGroup", "").lstrip("/")
    pid = int(properties.get("MainPID", "0") or 0)
    if not pid or not (system.proc / str(pid)).exists():
        return Service(name, properties, group, None, ())
    try:
        # Another PID namespace's process is shown as 0.
        pids = sorted({pid, *map(int, (group / "cgroup.procs").read_text().split())} - {0})
    except OSError:
        pids = [pid]
    return Service(name, properties, group, system.process(pid), tuple(map(system.process, pids)))
