"""Attempts in a child process that joins a service's control group, or takes on its user.

The filters that systemd hangs on a control group (addresses, devices) can't be read without tools, and are silently
absent where the kernel lacks BPF. So a child of this program goes into the group and tries. It does nothing but that:
a packet goes out of ``lo`` alone, so that it can't leave the machine whatever the answer, and a device is tried by a
number that nothing is behind. Source: cgroups(7), systemd.resource-control(5).
"""

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

ANSWER_WITHIN = 120.0
"""Seconds; the longest attempt goes through all files of a system."""
_UNUSED_MINOR = 0xFFFFF
_DISCARD = 9


def in_child(work: Callable[[], Any], group: Path | None = None) -> Any:
    """Run ``work`` in a child process.

    Args:
        work: What to do.
        group: The folder of the control group that the child enters first.

    Returns:
        The result of ``work``, as JSON carries it.

    Raises:
        OSError: The child cannot enter the group, fails, or does not answer.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _answer(writing, work, group)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        try:
            ready = select.select([answer], [], [], ANSWER_WITHIN)[0]
            text = answer.read() if ready else ""
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if not text:
        raise OSError("the attempt gave no answer")
    found = json.loads(text)
    if "error" in found:
        raise OSError(found["error"])
    return found["answer"]


def _answer(writing: int, work: Callable[[], Any], group: Path | None) -> None:
    try:
        if group:
            (group / "cgroup.procs").write_text("0")
        found = {"answer": work()}
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}"}
    with os.fdopen(writing, "w") as answer:
        json.dump(found, answer)


def send(addresses: Iterable[str]) -> dict[str, int]:
    """Send an empty packet to each address out of ``lo``, and give the error number of each; 0: it was sent."""
    return {address: _error(_send, address) for address in addresses}


def _send(address: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
        out.sendto(b"", (address, _DISCARD))


def open_all(paths: Iterable[Path]) -> dict[str, int]:
    """Open each path for reading, and give the error number of each; 0: it opened."""
    return {path.name: _error(_open, path) for path in paths}


def _open(path: Path) -> None:
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))


def _error(act: Callable[[Any], None], subject: object) -> int:
    try:
        act(subject)
    except OSError as error:
        return error.errno or -1
    return 0


@contextlib.contextmanager
def nodes(majors: Iterable[tuple[str, int]], dev: Path = Path("/dev")) -> Iterator[list[Path]]:
    """Make a node with nothing behind it for each ``("char" or "block", major)``, and remove them at the end."""
    folder = dev / f".posenet-edge-{secrets.token_hex(6)}"
    folder.mkdir(mode=0o700)
    made = []
    try:
        for kind, major in majors:
            path = folder / f"{kind}-{major}"
            mode = stat.S_IFCHR if kind == "char" else stat.S_IFBLK
            os.mknod(path, mode | 0o600, os.makedev(major, _UNUSED_MINOR))
            made.append(path)
        yield made
    finally:
        for path in made:
            path.unlink()
        folder.rmdir()


def become(user: int, group: int, groups: Collection[int]) -> None:
    """Change to a user for good; nothing changes if this process is not root."""
    if os.geteuid() == 0:
        os.setgroups(list(groups))
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)


def reachable(root: str, points: Iterable[str], wanted: Callable[[int], bool], shut: Collection[str]) -> list[str]:
    """Find paths to which this user may write.

    The kernel is asked (access(2)), which knows of mounts, owners and access lists. Nothing is written.

    Args:
        root: The folder as whose root the paths are seen.
        points: Where to begin, as seen from there.
        wanted: Selects by the mode of a file.
        shut: Mounts that are not entered.

    Returns:
        The paths, as seen from ``root``.
    """
    found = []
    for point in points:
        top = f"{root}{point}".rstrip("/")
        for folder, names in _tree(top, len(root), shut):
            for path in (folder, *(f"{folder}/{name}" for name in names)):
                if wanted(_mode(path)) and os.access(path, os.W_OK, effective_ids=True):
                    found += [path[len(root) :] or "/"]
    return found


def _tree(top: str, root: int, shut: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Give each folder with its files; a mount may also be a single file."""
    if not os.path.isdir(top):  # noqa: PTH112
        yield top, []
        return
    for folder, below, files in os.walk(top):
        below[:] = [name for name in below if f"{folder[root:]}/{name}" not in shut]
        yield folder, files


def _mode(path: str) -> int:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0
