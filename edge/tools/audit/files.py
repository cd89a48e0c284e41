"""Claims about files and devices: those that are open, and those that could be opened."""

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterator

from edge.runtime.command import SOCKET_PATH
from edge.sense.sandbox.device_nodes import HARMLESS_NUMBERS, read_majors
from edge.sense.sandbox.probe_sockets import read_unix_sockets
from edge.tools.audit import probes
from edge.tools.audit.network import NOTIFY
from edge.tools.audit.system import Service, System
from edge.tools.checks.finding import Answer, CouldNotTell, judge
from edge.tools.proc import Descriptor, Mount, Process, is_node

CAMERAS = ("video4linux", "media", "dma_heap")
"""Kinds of devices that the unit of sense allows, as /proc/devices names them."""
_MEMORY = (
    "/memfd:",
    "/dmabuf:",
    "/dev/zero (deleted)",
    "/SYSV",
    "anon_inode:",
    "/dev/dma_heap/",
    "/dev/video",
    "/dev/media",
)
_PASSED = ("pts", "rtc")
"""Kinds that systemd itself allows besides: terminals of the service, and the clock for reading."""
_KERNELS = ("proc", "sysfs", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs", "bpf", "autofs")
"""File systems that store nothing: the kernel's own settings, which rights protect."""
_LITTLE = 256 * 1024
"""Bytes; a tmpfs of at most this size is one that the unit made for this service alone."""


def opens_only(majors: dict[str, int], kinds: Collection[str], service: Service) -> Answer:
    """Check that no device is open but those of ``kinds`` and harmless ones such as /dev/null."""
    allowed = {majors[kind] for kind in kinds if kind in majors}
    breaches, found = [], set()
    for process, descriptor in _descriptors(service):
        if not is_node(descriptor):
            continue
        number = descriptor.device
        if stat.S_ISCHR(descriptor.mode) and (number in HARMLESS_NUMBERS or os.major(number) in allowed):
            found.add(descriptor.name)
        else:
            breaches.append(f"{descriptor.name} is open in process {process.pid}")
    return judge(breaches, f"open: {', '.join(sorted(found)) or 'none'}")


def writes_no_file(_: System, service: Service) -> Answer:
    """Check that no file is open or mapped for writing, and that no folder was handed in."""
    breaches = []
    for process, descriptor in _descriptors(service):
        outside = descriptor.name.startswith("/") and not descriptor.name.startswith(_MEMORY)
        if outside and stat.S_ISREG(descriptor.mode) and descriptor.writes:
            breaches.append(f"{descriptor.name} is open for writing in process {process.pid}")
        if outside and stat.S_ISDIR(descriptor.mode) and descriptor.inherited:
            breaches.append(f"folder {descriptor.name} is open in process {process.pid}")
    for process in service.processes:
        for mapping in process.mappings():
            outside = mapping.name.startswith("/") and not mapping.name.startswith(_MEMORY)
            if outside and mapping.rights[1] == "w" and mapping.rights[3] == "s":
                breaches.append(f"{mapping.name} is mapped for writing in process {process.pid}")
    return judge(breaches, "none")


def writes_nowhere(system: System, service: Service, *but: str) -> Answer:
    """Check that its user may write no file and no folder of all that is mounted for it. but: except below these."""
    assert service.main
    points = [point for point in open_mounts(service.main.mounts()) if point not in but]
    found = _reach(system, service.main, points, lambda mode: stat.S_ISDIR(mode) or stat.S_ISREG(mode))
    rest = f"; its owners alone protect {', '.join(points)}" if points else "; every mount is read-only"
    return judge((f"{path} may be written" for path in found), f"asked as its user: nothing{rest}")


def reaches_services(system: System, service: Service, allowed: Collection[str] = (SOCKET_PATH, NOTIFY)) -> Answer:
    """Check that it may connect to no local service but the other one's socket and systemd's."""
    assert service.main
    mounts = [mount.point for mount in service.main.mounts() if mount.point.startswith(("/run/", "/tmp/", "/var/tmp/"))]
    # Of this machine, without those of containers.
    named = sorted({name for _, name in read_unix_sockets(system.proc / "1") if name.startswith("/")})
    found = _reach(system, service.main, ["/run", "/tmp", "/var/tmp", *mounts, *named], stat.S_ISSOCK)
    return judge(
        (f"{path} can be connected to" for path in found if path not in allowed), f"{', '.join(found) or 'none'}"
    )


def refuses_devices(system: System, service: Service, kinds: Collection[str]) -> Answer:
    """Check that a device of any other kind is refused in the service's control group, whatever its node is called."""
    tried = [("char", number) for kind, number in read_majors(system.proc).items() if kind not in (*kinds, *_PASSED)]
    tried += [("block", number) for number in read_majors(system.proc, "Block").values()]
    with probes.nodes(sorted(set(tried)), system.root / "dev") as paths:
        control = [path for path in paths if path.name == "char-1"]
        if system.in_child(lambda: probes.open_all(control), None).get("char-1") in (None, errno.EPERM):
            raise CouldNotTell("devices are refused outside of the service too, so that its own filter can't be seen")
        inside = system.in_child(lambda: probes.open_all(paths), service.group)
    went = sorted(name for name, error in inside.items() if error != errno.EPERM)
    return judge((f"{name} is not refused" for name in went), f"tried, and refused: {len(inside)} kinds of devices")


def open_mounts(mounts: list[Mount]) -> list[str]:
    """List the mounts that are not read-only; one that lies under another is not seen."""
    seen = {mount.point: mount for mount in mounts}.values()
    return [
        mount.point
        for mount in seen
        if "ro" not in mount.options and mount.kind not in _KERNELS and not 0 < mount.size <= _LITTLE
    ]


def _reach(system: System, process: Process, points: list[str], wanted: Callable[[int], bool]) -> list[str]:
    user, group = process.users()[1], int(process.status()["Gid"].split()[1])
    groups = process.groups()
    shut = {mount.point for mount in process.mounts()} - set(points)
    # Opened while still root, since nobody else may look through another's root folder.
    root = os.open(process.folder / "root", os.O_PATH | os.O_CLOEXEC)

    def ask() -> list[str]:
        probes.become(user, group, groups)
        return probes.reachable(f"/proc/self/fd/{root}", points, wanted, shut)

    try:
        found: list[str] = system.in_child(ask, None)
    finally:
        os.close(root)
    return sorted(set(found))


def sees_no_camera(_: System, service: Service) -> Answer:
    """Check that its /dev shows no camera, whether one is plugged in or not."""
    assert service.main
    dev = service.main.folder / "root/dev"
    names = sorted(path.name for path in dev.iterdir())
    cameras = [name for name in names if name.startswith(("video", "media", "v4l", "dma_heap", "vchiq", "vcsm", "dri"))]
    return judge((f"/dev/{name}" for name in cameras), f"its /dev: {', '.join(names)}")


def _descriptors(service: Service) -> Iterator[tuple[Process, Descriptor]]:
    for process in service.processes:
        for descriptor in process.descriptors():
            yield process, descriptor
