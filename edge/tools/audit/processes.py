"""Claims about the processes: rights, memory, programs."""

from edge.runtime.status_text import SenseStatus
from edge.sense.sandbox.probe_process import weak_threads
from edge.tools.audit.system import Service, System
from edge.tools.checks.finding import Answer, CouldNotTell, Level, judge
from edge.tools.checks.machine import read_swaps

_HELPERS = ("/usr/libexec/libcamera/", "/usr/lib/")
_PICTURE_LIBRARIES = (
    "/numpy", "/cv2/", "opencv", "libcamera", "picamera2", "litert", "tflite", "tensorflow", "/av/", "/av.libs/",
    "libavcodec", "/PIL/", "pillow", "libjpeg", ".tflite",
)  # fmt: skip
_INJECTING = ("LD_", "GLIBC_", "GCONV_", "PYTHON", "LIBCAMERA_")
"""Beginnings of variables that can bring other code into the process."""
_SHIPPED = {"PYTHONDONTWRITEBYTECODE", "LIBCAMERA_LOG_LEVELS"}
"""Variables with such a beginning that the units set."""


def runs(_: System, service: Service) -> Answer:
    """Check that it is up, and that systemd knows its process."""
    if service.waits_for:
        return Answer(Level.BAD, f"it waits until this is mended: {service.waits_for}")
    if service.main and service.up:
        return Answer(Level.GOOD, f"process {service.main.pid}, {service['StatusText']}")
    return Answer(Level.BAD, service["ActiveState"] or "unknown to systemd")


def has_no_rights(_: System, service: Service) -> Answer:
    """Check that each thread has no_new_privs, a seccomp filter and no capability."""
    breaches = set()
    count = 0
    for process in service.processes:
        threads = process.threads()
        count += len(threads)
        breaches |= weak_threads(threads, installed=True)
    words = {
        "privileges": "a thread without no_new_privs",
        "capabilities": "a thread that has capabilities left",
        "seccomp": "a thread without the seccomp filter of the others",
    }
    return judge(
        (words[breach] for breach in sorted(breaches)), f"{count} threads: Seccomp 2, NoNewPrivs 1, no capabilities"
    )


def runs_no_memory(_: System, service: Service) -> Answer:
    """Check that no page of memory is both writable and executable."""
    breaches = (
        f"{mapping.name or 'plain memory'} in process {process.pid}"
        for process in service.processes
        for mapping in process.mappings()
        if "w" in mapping.rights and "x" in mapping.rights
    )
    return judge(breaches, "none")


def keeps_memory(system: System, service: Service) -> Answer:
    """Check that no picture reaches a core dump or a swap device, and that nobody reads its memory."""
    breaches = []
    for process in service.processes:
        if process.core_limit() != ["0", "0"]:
            breaches.append(f"core dumps up to {process.core_limit()[1]} bytes")
        if process.is_dumpable():
            breaches.append(f"process {process.pid} may be dumped")
        if (tracer := process.status().get("TracerPid", "0")) != "0":
            breaches.append(f"process {tracer} traces process {process.pid}")
    limit = service.group / "memory.swap.max"
    # Where the kernel counts no memory for groups (cgroup_disable=memory), MemorySwapMax= has no effect.
    if not (limit.exists() and limit.read_text().strip() == "0"):
        swaps = read_swaps((system.proc / "swaps").read_text())
        breaches += [f"it may be swapped to {', '.join(swaps)}"] if swaps else []
    return judge(breaches, "core limit 0, not dumpable, not traced, no swap")


def starts_nothing(_: System, service: Service) -> Answer:
    """Check that there is no process beside it but libcamera's helpers."""
    breaches, helpers = [], 0
    if "0" in (service.group / "cgroup.procs").read_text().split():
        breaches.append("a process that can't be seen from here, of another PID namespace")
    for process in service.processes:
        if service.main and process.pid != service.main.pid:
            program = " ".join(process.command())
            good = program.startswith(_HELPERS) and "libcamera" in program
            helpers += good
            breaches += [] if good else [f"process {process.pid}: {program or 'without a name'}"]
    return judge(breaches, f"{helpers} helpers of libcamera" if helpers else "none")


def injects_nothing(_: System, service: Service) -> Answer:
    """Check that no variable brings other code into the process."""
    breaches = (
        f"{name}={value}"
        for process in service.processes
        for name, value in process.environment().items()
        if name.startswith(_INJECTING) and name not in _SHIPPED
    )
    return judge(breaches, "none")


def maps_no_picture_library(_: System, service: Service) -> Answer:
    """Check that no library is loaded that reads cameras or pictures, or runs models."""
    names = {mapping.name for process in service.processes for mapping in process.mappings()}
    breaches = sorted(name for name in names if any(word in name for word in _PICTURE_LIBRARIES))
    libraries = sum(".so" in name for name in names)
    return judge(breaches, f"{libraries} libraries, none of them for pictures")


def says_sealed(_: System, service: Service) -> Answer:
    """Check that its last test of its own sandbox found no breach."""
    text = service["StatusText"]
    status = SenseStatus.parse(text)
    if status is None:
        raise CouldNotTell(f"not a status line of this version: {text}" if text else "it has no status line yet")
    return Answer(Level.BAD if status.breaches else Level.GOOD, text)
