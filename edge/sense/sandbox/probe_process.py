"""Probe the kernel's record of this process and its threads: privileges, core dumps and namespaces.

Source: proc_pid_status(5), Documentation/filesystems/proc.rst.
"""

from pathlib import Path

from edge.sense.sandbox.kernel_calls import prctl

_PR_GET_DUMPABLE = 3
_CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapAmb")
_FILTER = "2"


def read_status(folder: Path) -> dict[str, str]:
    """Read ``status`` of a process or a thread, by field. folder: its own in proc."""
    lines = (line.partition(":") for line in (folder / "status").read_text().splitlines())
    return {name: value.strip() for name, _, value in lines}


def read_core_limit(folder: Path) -> list[str]:
    """Read the soft and the hard limit of core dumps of a process; nothing if the kernel names none."""
    lines = (folder / "limits").read_text().splitlines()
    return next((line.split()[4:6] for line in lines if line.startswith("Max core file size")), [])


def read_threads(proc: Path = Path("/proc/self")) -> list[dict[str, str]]:
    """Read ``status`` of each thread as a table; a thread that ends meanwhile is left out."""
    threads = []
    for folder in (proc / "task").iterdir():
        try:
            threads.append(read_status(folder))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return threads


def weak_threads(threads: list[dict[str, str]], installed: bool) -> set[str]:
    """Find breaches in the status of threads.

    Args:
        threads: As of ``read_threads``.
        installed: Require an empty bounding set, too. Only systemd can empty it; with no_new_privs it has no effect.

    Returns:
        Words of ``edge.wire.BREACHES``.
    """
    breaches = set()
    if not threads or any(thread.get("NoNewPrivs") != "1" for thread in threads):
        breaches.add("privileges")
    wanted = (*_CAPABILITIES, "CapBnd") if installed else _CAPABILITIES
    if not threads or any(int(thread.get(name, "1"), 16) for thread in threads for name in wanted):
        breaches.add("capabilities")
    # Not every kernel counts filters; if it does, a thread with fewer has missed one.
    uneven = len({thread.get("Seccomp_filters") for thread in threads}) > 1
    if not threads or uneven or any(thread.get("Seccomp") != _FILTER for thread in threads):
        breaches.add("seccomp")
    return breaches


def read_interfaces(folder: Path) -> list[str]:
    """Name the network interfaces that a process sees. folder: its own in proc."""
    return [line.split(":")[0].strip() for line in (folder / "net/dev").read_text().splitlines()[2:]]


def dumps_core(proc: Path = Path("/proc/self")) -> bool:
    """Tell whether a crash could write memory, which may hold a picture, to a disk."""
    # Not by getrlimit: it is the same system call that sets limits, which a unit may forbid.
    return read_core_limit(proc) != ["0", "0"] or prctl(_PR_GET_DUMPABLE) != 0


def is_namespace_shared(proc: Path = Path("/proc")) -> bool:
    """Tell whether this process has a network interface beside ``lo``, or the network or mounts of process 1.

    If the namespaces of process 1 cannot be read, which is usual, only the interfaces decide.

    Returns:
        True if a namespace is not private.
    """
    if any(name != "lo" for name in read_interfaces(proc / "self")):
        return True
    for kind in ("net", "mnt"):
        try:
            same = (proc / "1/ns" / kind).readlink() == (proc / "self/ns" / kind).readlink()
        except OSError:
            continue
        if same:
            return True
    return False
