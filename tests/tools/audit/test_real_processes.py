"""The audit against real processes with planted properties, and the real kernel's answers."""

import errno
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.sense.sandbox.device_nodes import read_majors
from edge.tools.audit import files, network, probes, processes
from edge.tools.audit.sockets import UEVENTS, look
from edge.tools.audit.system import Service, System
from edge.tools.checks.finding import Level
from edge.tools.checks.runner import Check, run_checks
from edge.tools.proc import Process
from edge.tools.progress import Progress

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into other users' processes")


@contextmanager
def running(code: str, **options: object) -> Iterator[Service]:
    """A process that has done ``code`` and waits, as if it were the sensing service."""
    text = f"import mmap, os, socket, sys\n{code}\nprint('ready', flush=True)\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", text],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **options,
    ) as child:  # type: ignore[call-overload]
        assert child.stdin
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        process = Process(child.pid, Path(f"/proc/{child.pid}"))
        try:
            yield Service("posenet-sense.service", {"ActiveState": "active"}, Path("/nowhere"), process, (process,))
        finally:
            child.stdin.close()


def test_a_plain_process_writes_no_file_and_has_its_sockets_left_alone() -> None:
    with running("") as service:
        assert files.writes_no_file(System(), service).level is Level.GOOD
        assert processes.runs_no_memory(System(), service).level is Level.GOOD
        assert network.sense_sockets(System(), service).level is Level.GOOD


def test_an_open_file_is_found(tmp_path: Path) -> None:
    with running(f"file = open({str(tmp_path / 'out')!r}, 'w')") as service:
        assert "out is open for writing" in files.writes_no_file(System(), service).found


def test_a_file_that_is_mapped_and_closed_is_found(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(bytes(4096))
    code = f"f = open({str(tmp_path / 'out')!r}, 'r+b')\nm = mmap.mmap(f.fileno(), 0)\nf.close()\n"
    # Python keeps a descriptor of what it maps: closed too, only the mapping is left.
    code += "for n in range(3, 20):\n    try: os.close(n)\n    except OSError: pass"
    with running(code) as service:
        assert "out is mapped for writing" in files.writes_no_file(System(), service).found


def test_an_inherited_folder_is_found(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with running("", pass_fds=[folder]) as service:
            assert f"folder {tmp_path} is open" in files.writes_no_file(System(), service).found
    finally:
        os.close(folder)


def test_a_device_that_is_no_camera_is_found() -> None:
    with running("d = os.open('/dev/ptmx', os.O_RDWR | os.O_NOCTTY)") as service:
        found = files.opens_only(read_majors(), files.CAMERAS, service)
        assert "ptmx is open" in found.found


def test_memory_to_write_and_run_is_found() -> None:
    code = "m = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)"
    with running(code) as service:
        assert processes.runs_no_memory(System(), service).level is Level.BAD


@pytest.mark.parametrize("code", ["s = socket.socket()", "s = socket.socket(type=socket.SOCK_DGRAM)"])
def test_a_network_socket_is_found(code: str) -> None:
    with running(code) as service:
        assert "AF_INET" in network.sense_sockets(System(), service).found


def test_a_listening_or_connected_unix_socket_is_found(tmp_path: Path) -> None:
    path = str(tmp_path / "ear")
    with running(f"s = socket.socket(socket.AF_UNIX)\ns.bind({path!r})\ns.listen()") as service:
        assert f"listens on {path}" in network.sense_sockets(System(), service).found
        with running(f"s = socket.socket(socket.AF_UNIX)\ns.connect({path!r})") as caller:
            assert f"to {path}" in network.sense_sockets(System(), caller).found


def test_a_socket_pair_with_somebody_else_is_found_and_one_with_itself_is_not() -> None:
    with running("pair = socket.socketpair()") as service:
        assert network.sense_sockets(System(), service).level is Level.GOOD
    ours, theirs = socket.socketpair()
    with ours, theirs, running("", pass_fds=[theirs.fileno()]) as service:
        assert f"to process {os.getpid()}" in network.sense_sockets(System(), service).found


def test_the_kernels_news_of_devices_are_allowed_and_its_routes_are_not() -> None:
    make = "s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, {})"
    with running(make.format(UEVENTS)) as service:
        assert network.sense_sockets(System(), service).level is Level.GOOD
    with running(make.format(0)) as service:
        assert "AF_NETLINK" in network.sense_sockets(System(), service).found


def test_a_plain_process_has_none_of_the_cells_protections() -> None:
    with running("") as service:
        if "Seccomp:\t0" in Path("/proc/self/status").read_text():
            assert "seccomp filter" in processes.has_no_rights(System(), service).found
        shared = Check("a network of its own", lambda: network.own_network(System(), service))
        # Where not even the first process' namespaces can be seen, it cannot be told.
        (found,) = run_checks([shared], Progress())
        assert found.level is not Level.GOOD


def test_a_borrowed_socket_is_what_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        its = look(os.getpid(), server.fileno())
        assert (its.family, its.listens, its.own) == (socket.AF_INET, True, server.getsockname())
    with pytest.raises(OSError, match="Bad file descriptor"):
        look(os.getpid(), 999)


def test_a_packet_out_of_lo_needs_no_route_and_goes() -> None:
    assert probes.in_child(lambda: probes.send(["192.0.2.1"])) == {"192.0.2.1": 0}


def test_a_child_says_what_went_wrong(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="FileNotFoundError"):
        probes.in_child(lambda: 1, tmp_path / "no-such-group")
    with pytest.raises(OSError, match="no answer"):
        probes.in_child(lambda: os._exit(1))
    assert len(probes.in_child(lambda: "x" * 200_000)) == 200_000


def is_file(mode: int) -> bool:
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def ask(root: Path, shut: tuple[str, ...] = (), wanted: Callable[[int], bool] = is_file) -> list[str]:
    """As nobody, where this is root."""

    def work() -> list[str]:
        probes.become(65534, 65534, [65534])
        return probes.reachable(str(root), ["/"], wanted, shut)

    found: list[str] = probes.in_child(work)
    return sorted(found)


@ROOT
def test_the_one_file_that_may_be_written_is_found(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    (tmp_path / "usr/lib").mkdir(parents=True)
    for name in ("usr/lib/a.py", "usr/lib/b.py"):
        (tmp_path / name).write_text("")
    assert ask(tmp_path) == []
    (tmp_path / "usr/lib/b.py").chmod(0o666)
    assert ask(tmp_path) == ["/usr/lib/b.py"]
    (tmp_path / "usr/lib").chmod(0o1777)
    assert ask(tmp_path) == ["/usr/lib", "/usr/lib/b.py"]
    assert ask(tmp_path, shut=("/usr",)) == []
    with socket.socket(socket.AF_UNIX) as ear:
        ear.bind(str(tmp_path / "ear"))
        (tmp_path / "ear").chmod(0o666)
        assert ask(tmp_path, wanted=stat.S_ISSOCK) == ["/ear"]


def test_mounts_that_are_not_read_only_are_looked_through(tmp_path: Path) -> None:
    (tmp_path / "mounts").write_text(
        "/dev/vda / ext4 ro 0 0\n/dev/vda /usr/li\\040b ext4 rw 0 0\nproc /proc proc rw 0 0\n"
        "tmpfs /tmp tmpfs rw,size=64k 0 0\ntmpfs /run tmpfs rw,size=2468412k 0 0\n/dev/vdb /srv ext4 ro,relatime 0 0\n"
    )
    assert files.open_mounts(Process(1, tmp_path).mounts()) == ["/usr/li b", "/run"]


@ROOT
def test_nodes_with_nothing_behind_them_are_made_and_taken_away() -> None:
    try:
        with probes.nodes([("char", 1), ("block", 1)]) as paths:
            assert probes.open_all(paths)["char-1"] not in (0, errno.EPERM)
            assert stat.S_ISBLK(paths[1].stat().st_mode)
    except PermissionError:
        pytest.skip("no right to make devices here")
    assert not list(Path("/dev").glob(".posenet-edge-*"))
