"""Test the sandbox from inside: attempt what must fail, check what must hold, and name the breaches.

It takes a few ms, so it can run every minute. It leaves no traces: files that a probe makes are removed, and probes
are chosen so that one that should fail and does not has no effect.
"""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from edge.sense.sandbox import probe_descriptors, probe_files, probe_process, probe_sockets, probe_syscalls
from edge.sense.sandbox.device_nodes import forbidden_nodes
from edge.wire import BREACHES

# Meaning of each of BREACHES.
# ``network``: a network socket can be made. ``netlink``: a netlink socket can be made for more than device events.
# ``connect``: a UNIX socket of another process can be connected. ``writable``: a file can be written. ``device``: a
# device other than a camera can be opened, or commands can be typed into the terminal. ``exec``: a program or process
# can be started. ``privileges``: no_new_privs is off. ``capabilities``: some are left. ``seccomp``: a thread is without
# the filter, or a system call passes that it should deny. ``namespace``: it is shared with other processes and must not
# be, or another can be entered. ``descriptor``: a forbidden descriptor is open. ``core``: a crash could write memory to
# a disk.

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
_USER_SERVICES = ("bus", "pipewire-0", "pulse/native", "wayland-0", "systemd/private")


def _folders() -> tuple[Path, ...]:
    fixed = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/run/lock", f"/run/user/{os.getuid()}", ".")
    named = (os.environ.get(name) for name in ("HOME", "TMPDIR", "XDG_RUNTIME_DIR"))
    package = Path(__file__).parent
    return (*map(Path, fixed), *(Path(name) for name in named if name), package, package.parent.parent)


def _services() -> tuple[Path, ...]:
    runtime = Path(f"/run/user/{os.getuid()}")
    ssh_agent = os.environ.get("SSH_AUTH_SOCK")
    user = [runtime / name for name in _USER_SERVICES] + ([Path(ssh_agent)] if ssh_agent else [])
    return (*map(Path, _SERVICES), *user)


@dataclass(frozen=True, slots=True)
class ProbeTargets:
    """Paths that the probes try; the defaults suit most machines."""

    folders: tuple[Path, ...] = field(default_factory=_folders)
    """In none of them a new file can be made."""
    files: tuple[Path, ...] = (Path(__file__), Path("/etc/passwd"), Path("/proc/sys/kernel/core_pattern"))
    """None of them can be opened for writing."""
    devices: tuple[Path, ...] = field(default_factory=forbidden_nodes)
    """None of them can be opened."""
    services: tuple[Path, ...] = field(default_factory=_services)
    """UNIX sockets of other processes; none of them can be connected to."""
    program: str = "/bin/true"
    """A program that cannot be started."""


def check_seal(
    *,
    running: bool,
    installed: bool,
    targets: ProbeTargets | None = None,
    known: Collection[str] = (),
    ignored: Collection[int] = (),
) -> tuple[str, ...]:
    """Test the sandbox now; raises nothing.

    A probe that fails to get an answer counts as a breach.
    Source: proc(5), capabilities(7), seccomp(2), Documentation/userspace-api/landlock.rst.

    Args:
        running: The second stage of ``edge.sense.sandbox.confine`` was applied: starting a program must fail, too.
        installed: Run by the systemd unit: namespaces must be private and the bounding set empty, and a file system
            of at most 256 KiB may be written.
        targets: What to probe.
        known: Breaches that ``confine_start`` returned.
        ignored: Descriptors that are not looked at.

    Returns:
        The breaches in the order of ``BREACHES``; empty if the sandbox is sealed.
    """
    tried = targets or ProbeTargets()
    probes: dict[str, Callable[[], bool]] = {
        "network": probe_sockets.is_network_open,
        "netlink": probe_sockets.is_netlink_open,
        "connect": lambda: probe_sockets.is_any_reachable(tried.services),
        "writable": lambda: probe_files.is_any_writable(tried.folders, tried.files, allow_small=installed),
        "device": lambda: probe_files.is_any_device_accessible(tried.devices),
        "exec": lambda: running and probe_files.can_execute(tried.program),
        "namespace": lambda: installed and probe_process.is_namespace_shared(),
        "descriptor": lambda: probe_descriptors.has_forbidden(ignored),
        "core": probe_process.dumps_core,
    }
    breaches = {word for word, probe in probes.items() if _is_breached(probe)}
    breaches |= probe_syscalls.allowed_syscalls(running) | set(known)
    try:
        breaches |= probe_process.weak_threads(probe_process.read_threads(), installed)
    except (OSError, ValueError):
        breaches |= {"privileges", "capabilities", "seccomp"}
    return tuple(word for word in BREACHES if word in breaches)


def _is_breached(probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except (OSError, ValueError):
        return True
