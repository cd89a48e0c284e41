"""Tests the cell from inside: tries what must fail, looks at what must hold, and names what does not.

Cheap enough for every minute (a few ms), and without traces: what a try does make is taken away again, and nothing is
started, written to or woken where a try must fail.
"""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from edge.sense.sandbox import probe_descriptors, probe_files, probe_process, probe_sockets, probe_syscalls
from edge.sense.sandbox.device_nodes import foreign_nodes
from edge.wire import BREACHES

# What each of BREACHES means.
# ``network``: a socket of a network can be made. ``netlink``: the kernel's network settings can be talked to.
# ``connect``: a foreign UNIX socket answers. ``writable``: something can be written. ``device``: a device that is no
# camera opens, or commands can be typed into the terminal. ``exec``: a program or process can be started.
# ``privileges``: no_new_privs is off. ``capabilities``: some are left. ``seccomp``: a thread without the filter, or
# system calls that it should stop. ``namespace``: shared with others where it must not be, or another can be entered.
# ``descriptor``: something is open that leads out. ``core``: a crash could write memory to a disk.

_SERVICES = (
    "/run/dbus/system_bus_socket",
    "/run/systemd/private",
    "/run/systemd/journal/stdout",
    "/run/systemd/journal/socket",
    "/run/systemd/resolve/io.systemd.Resolve",
    "/run/avahi-daemon/socket",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/snapd.socket",
    "/tmp/.X11-unix/X0",
)
_DESK = ("bus", "pipewire-0", "pulse/native", "wayland-0", "systemd/private")


def _folders() -> tuple[Path, ...]:
    fixed = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/run/lock", f"/run/user/{os.getuid()}", ".")
    named = (os.environ.get(name) for name in ("HOME", "TMPDIR", "XDG_RUNTIME_DIR"))
    here = Path(__file__).parent
    return (*map(Path, fixed), *(Path(name) for name in named if name), here, here.parent.parent)


def _services() -> tuple[Path, ...]:
    desk = Path(f"/run/user/{os.getuid()}")
    keys = os.environ.get("SSH_AUTH_SOCK")
    return (*map(Path, _SERVICES), *(desk / name for name in _DESK), *([Path(keys)] if keys else []))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is tried; each as it is on most machines unless given."""

    folders: tuple[Path, ...] = field(default_factory=_folders)
    """No new file can be made in them."""
    files: tuple[Path, ...] = (Path(__file__), Path("/etc/passwd"), Path("/proc/sys/kernel/core_pattern"))
    """None of them can be opened for writing."""
    devices: tuple[Path, ...] = field(default_factory=foreign_nodes)
    """None of them can be opened."""
    services: tuple[Path, ...] = field(default_factory=_services)
    """UNIX sockets of others, none of which can be connected to."""
    program: str = "/bin/true"
    """Cannot be started."""


def check_seal(
    *,
    running: bool,
    installed: bool,
    surroundings: Surroundings | None = None,
    known: Collection[str] = (),
    spared: Collection[int] = (),
) -> tuple[str, ...]:
    """The breaches found now, in the order of ``BREACHES``; empty where the cell is sealed.

    running: the second stage of ``edge.sense.sandbox.confine`` has been, so that starting a program must fail as well.
    installed: under the systemd units, where namespaces must be private and the bounding set empty, and where a file
    system of at most 256 KiB may be written. known: breaches that ``confine_start`` told of. spared: descriptors that
    are not looked at. What cannot be looked at counts as a breach: no proof, no seal. Raises nothing.
    Source: proc(5), capabilities(7), seccomp(2), Documentation/userspace-api/landlock.rst.
    """
    around = surroundings or Surroundings()
    looks: dict[str, Callable[[], bool]] = {
        "network": probe_sockets.is_network_open,
        "netlink": probe_sockets.is_netlink_open,
        "connect": lambda: probe_sockets.is_any_answering(around.services),
        "writable": lambda: probe_files.is_any_writable(around.folders, around.files, spare_little=installed),
        "device": lambda: probe_files.is_any_open(around.devices),
        "exec": lambda: running and probe_files.runs(around.program),
        "namespace": lambda: installed and probe_process.is_namespace_shared(),
        "descriptor": lambda: probe_descriptors.has_way_out(spared),
        "core": probe_process.dumps_core,
    }
    breaches = {word for word, look in looks.items() if _fails(look)}
    breaches |= probe_syscalls.allowed_syscalls(running) | set(known)
    try:
        breaches |= probe_process.weak_threads(probe_process.read_threads(), installed)
    except (OSError, ValueError):
        breaches |= {"privileges", "capabilities", "seccomp"}
    return tuple(word for word in BREACHES if word in breaches)


def _fails(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except (OSError, ValueError):
        return True
