"""Parts of the self-test that need no sealed sandbox: how answers are judged, and that nothing is left behind."""

import socket
from pathlib import Path

import pytest

from edge.sense.sandbox import probe_process, probe_sockets
from edge.sense.sandbox.self_test import BREACHES
from tests.sense.sandbox.sandbox_child import child, folder

__all__ = ["folder"]


def test_an_open_cell_shows_every_breach_and_the_tries_leave_nothing_behind(folder: Path) -> None:
    script = """
    around = ProbeTargets((folder,), (folder / "old",), (Path("/dev/zero"),), (), "/bin/true")
    open_ones = lambda: sorted(os.listdir("/proc/self/fd"))
    kept = open(folder / "old", "r+")
    before = open_ones()
    breaches = check_seal(running=True, installed=True, targets=around)
    tell([breaches, before == open_ones(), attempt(lambda: os.waitpid(-1, os.WNOHANG))])
    """
    breaches, same, children = child(script, folder=folder)
    wanted = {"network", "netlink", "writable", "device", "exec", "privileges", "seccomp", "descriptor", "core"}
    assert wanted <= set(breaches)
    assert breaches == [word for word in BREACHES if word in breaches]
    assert (same, children) == (True, "ECHILD")
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert (folder / "old").read_text() == "old"


def test_without_landlock_a_writable_file_is_found() -> None:
    script = """
    def none():
        raise OSError(errno.EOPNOTSUPP, "not supported")
    landlock.version = none
    confine_start()
    confine_running()
    own = ProbeTargets(services=(), files=(more,), devices=())
    nothing = ProbeTargets(services=(), files=(), devices=())
    tell([check_seal(running=True, installed=False, targets=each) for each in (own, nothing)])
    """
    own = Path(__file__)  # whoever runs the tests may write it
    with_file, without_file = child(script, more=own)
    assert "writable" in with_file
    assert "writable" not in without_file


def test_a_datagram_service_is_found_and_a_dead_one_is_not(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(folder / "log"))
        assert probe_sockets.is_any_reachable([folder / "log"], _no_names(folder))
    assert not probe_sockets.is_any_reachable([folder / "log", folder / "missing"], _no_names(folder))


def _no_names(folder: Path) -> Path:
    (folder / "net").mkdir(exist_ok=True)
    (folder / "net/unix").write_text("Num RefCount Protocol Flags Type St Inode Path\n")
    return folder


def test_the_words_are_few_and_plain() -> None:
    assert len(set(BREACHES)) == len(BREACHES) <= 12
    assert all(word.isascii() and word.islower() and word.isalpha() for word in BREACHES)


def _thread(**changes: str) -> dict[str, str]:
    sealed = {"NoNewPrivs": "1", "Seccomp": "2", "Seccomp_filters": "2", "CapBnd": "0000000000000000"}
    return sealed | dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapAmb"), "0000000000000000") | changes


@pytest.mark.parametrize(
    ("changes", "breaches"),
    [
        ({}, set()),
        ({"NoNewPrivs": "0"}, {"privileges"}),
        ({"CapPrm": "0000000000000001"}, {"capabilities"}),
        ({"CapAmb": "8000000000000000"}, {"capabilities"}),
        ({"CapBnd": "000001ffffffffff"}, {"capabilities"}),
        ({"Seccomp": "0"}, {"seccomp"}),
        ({"Seccomp": "1"}, {"seccomp"}),
        ({"Seccomp_filters": "1"}, {"seccomp"}),
    ],
)
def test_one_weak_thread_among_many_is_enough(changes: dict[str, str], breaches: set[str]) -> None:
    assert probe_process.weak_threads([_thread(), _thread(**changes), _thread()], installed=True) == breaches
    if "CapBnd" in changes:
        assert probe_process.weak_threads([_thread(), _thread(**changes)], installed=False) == set()


def test_a_kernel_that_tells_nothing_proves_nothing() -> None:
    everything = {"privileges", "capabilities", "seccomp"}
    assert probe_process.weak_threads([], installed=False) == everything
    assert probe_process.weak_threads([{"Name": "x"}], installed=False) == everything
    old = [{name: value for name, value in _thread().items() if name != "Seccomp_filters"}] * 2
    assert probe_process.weak_threads(old, installed=True) == set()


@pytest.mark.parametrize(
    ("interfaces", "first", "shared"),
    [
        (["lo"], None, False),
        (["lo", "eth0"], None, True),
        (["lo"], "net:[1]", True),
        (["lo"], "net:[2]", False),
    ],
)
def test_namespaces_are_told_by_interfaces_and_by_the_first_process(
    tmp_path: Path, interfaces: list[str], first: str | None, shared: bool
) -> None:
    (tmp_path / "self/net").mkdir(parents=True)
    (tmp_path / "self/ns").mkdir()
    (tmp_path / "1/ns").mkdir(parents=True)
    lines = ["Inter-|   Receive", " face |bytes", *(f"{name:>6}: 0 0 0" for name in interfaces)]
    (tmp_path / "self/net/dev").write_text("\n".join(lines) + "\n")
    (tmp_path / "self/ns/net").symlink_to("net:[1]")
    if first:
        (tmp_path / "1/ns/net").symlink_to(first)
    assert probe_process.is_namespace_shared(tmp_path) is shared


def test_only_listening_sockets_with_a_name_and_no_path_are_called(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/unix").write_text(
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 15283 @/tmp/.X11-unix/X0\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 15284 /run/some @where\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 15285 @connected\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 15286\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 15287 @with a space\n"
    )
    assert list(probe_sockets.abstract_names(tmp_path)) == ["\0/tmp/.X11-unix/X0", "\0with a space"]
