"""Breaches planted in a sandbox that is sealed otherwise, on this machine's own kernel, and named by the self-test."""

import os
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.sense.sandbox.sandbox_child import LANDLOCK, QUIET, USERS, child, folder, found, needs_root

__all__ = ["folder"]
if LANDLOCK == 0:
    pytest.skip("without systemd and without Landlock a sandbox is never sealed", allow_module_level=True)


@pytest.mark.parametrize("user", USERS)
def test_a_confined_process_is_sealed(user: int | None) -> None:
    assert found(user=user) == []


def test_before_the_second_stage_programs_are_not_asked_about() -> None:
    script = QUIET + "confine_start()\ntell(check_seal(running=False, installed=False, targets=around))"
    assert child(script) == []


@cache
def denied_anyway() -> list[str]:
    """Calls that the self-test tries and that end the same without our filter: the kernel has none, or a container's
    filter denies them."""
    return list(
        child("""
from edge.sense.sandbox.kernel_calls import call
answers = {probe.name: attempt(lambda: call(probe.name, *probe.arguments)) for probe in probe_syscalls.PROBES}
tell([name for name, answer in answers.items() if answer in ("EPERM", "ENOSYS")])
""")
    )


def without(name: str, where: str = "") -> str:
    """Plants a filter that lacks the rules about a call, or those of them that mention a number."""
    kept = f"rule.name != {name!r}" + (f" or {where} not in [each.value for each in rule.where]" if where else "")
    return f"syscall_rules.FIRST = tuple(rule for rule in syscall_rules.FIRST if {kept})"


ONLY_NETWORK_40 = """
from edge.sense.sandbox.seccomp import Deny, Where
syscall_rules.FIRST = tuple(
    rule._replace(where=(*rule.where, Where(0, "is_not", 40))) if rule.name == "socket" and rule.error == 97 else rule
    for rule in syscall_rules.FIRST
)
"""


@pytest.mark.parametrize(
    ("plant", "breach"),
    [
        pytest.param(without("socket", "1"), "network", id="INET and other sockets"),
        pytest.param(ONLY_NETWORK_40, "network", id="VSOCK alone"),
        pytest.param(without("io_uring_setup"), "network", id="io_uring_setup"),
        pytest.param(without("socket", "15"), "netlink", id="netlink for routes"),
        pytest.param(without("ioctl"), "device", id="typing into the terminal"),
        pytest.param(without("fchmod"), "writable", id="a file's mode"),
        pytest.param(without("fsetxattr"), "writable", id="a file's attributes"),
        pytest.param(without("mq_open"), "writable", id="message queue"),
        pytest.param(without("shmget"), "writable", id="shared memory"),
        pytest.param(without("unshare"), "namespace", id="unshare"),
        pytest.param(without("setns"), "namespace", id="setns"),
        pytest.param(without("clone"), "namespace", id="clone"),
        pytest.param(without("clone3"), "namespace", id="clone3"),
        pytest.param(without("ptrace"), "seccomp", id="ptrace"),
        pytest.param(without("keyctl"), "seccomp", id="keyctl"),
    ],
)
def test_a_hole_in_the_filter_is_found(plant: str, breach: str, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.id in denied_anyway():
        pytest.skip("this kernel does not have it, or what surrounds this process denies it")
    if "40" in plant and not _exists(40):
        pytest.skip("this kernel has no VSOCK")
    assert found(plant) == [breach]


def _exists(family: int) -> bool:
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


ALLOW_MORE = """
allow = landlock._allow
def allow_more(ruleset, files, *rest):
    allow(ruleset, files, *rest)
    landlock._allow_beneath(ruleset, more, rights)
landlock._allow = allow_more
"""


@pytest.mark.parametrize("user", USERS)
def test_a_folder_where_files_can_be_made_is_found(folder: Path, user: int | None) -> None:
    after = "around = ProbeTargets(services=(), folders=(*around.folders, more))"
    # MAKE_REG, WRITE_FILE, REMOVE_FILE
    assert found(ALLOW_MORE, after, user=user, more=folder, rights=1 << 8 | 1 << 5 | 1 << 1) == ["writable"]
    assert [path.name for path in folder.iterdir()] == ["old"]


def test_a_file_that_can_be_overwritten_is_found_and_left_as_it_is(folder: Path) -> None:
    old = folder / "old"
    after = "around = ProbeTargets(services=(), files=(*around.files, more))"
    assert found(ALLOW_MORE, after, more=old, rights=1 << 1) == ["writable"]
    assert old.read_text() == "old"


@needs_root
def test_a_device_that_opens_is_found() -> None:
    plant = """
inside = [path for path in device_nodes.forbidden_nodes() if probe_files.is_any_device_accessible([path])]
landlock.allowed_nodes = lambda: device_nodes.allowed_nodes() + inside[:1]
"""
    if not child(f"{plant}\ntell(len(inside))"):
        pytest.skip("there is no foreign device here")
    assert found(plant) == ["device"]


@pytest.fixture
def service(folder: Path) -> Iterator[Path]:
    """A UNIX socket to which everybody may connect."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "service"))
        listener.listen()
        (folder / "service").chmod(0o777)
        yield folder / "service"


@pytest.mark.skipif(LANDLOCK >= 9, reason="Landlock 9 shuts every socket that was not allowed")
@pytest.mark.parametrize("user", USERS)
def test_a_foreign_service_that_answers_is_found(service: Path, user: int | None) -> None:
    after = "around = ProbeTargets(services=(path,))"
    assert found("", after, user=user, path=service) == ["connect"]


@pytest.mark.skipif(LANDLOCK < 6, reason="abstract sockets can be shut since Landlock 6, Linux 6.12")
def test_an_abstract_socket_that_answers_is_found() -> None:
    plant = """
handled = landlock.handled
landlock.handled = lambda *whatever: (*handled(*whatever)[:2], 2)
"""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0posenet-edge-test-{os.getpid()}")
        listener.listen()
        assert found() == []
        assert found(plant) == ["connect"]


@pytest.mark.parametrize("user", USERS)
def test_a_missing_second_stage_is_found(user: int | None) -> None:
    assert found(seal="confine_start()", user=user) == ["exec"]
    forks = "syscall_rules.SECOND = tuple(rule for rule in syscall_rules.SECOND if rule.name != 'execve')"
    assert found(forks, user=user) == ["exec"]


@needs_root
def test_new_privileges_are_found() -> None:
    plant = "drop, privileges.drop = privileges.drop, lambda reads: ()"
    # Root may have the rest without no_new_privs; then everything else is given up.
    after = """
really = privileges.prctl
privileges.prctl = lambda option, *rest: 0 if option == 38 else really(option, *rest)
drop([])
"""
    assert found(plant, after) == ["privileges"]


@needs_root
def test_capabilities_are_found() -> None:
    assert found("privileges._drop_capabilities = lambda reads: []") == ["capabilities"]


THREAD = "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"


def test_a_thread_without_the_filter_is_found() -> None:
    # It starts when all but the filter is in force, and the filter is asked for one thread only.
    plant = f"""
seccomp._ALL_THREADS = 0
restrict = landlock.restrict
def restrict_and_start(*rest):
    reached = restrict(*rest)
    {THREAD}
    return reached
landlock.restrict = restrict_and_start
"""
    assert found(plant) == ["seccomp"]


def test_a_thread_that_missed_the_second_filter_is_found() -> None:
    assert found(seal=f"confine_start()\n{THREAD}seccomp._ALL_THREADS = 0\nconfine_running()") == ["seccomp"]
    assert found(seal=f"confine_start()\n{THREAD}confine_running()") == []
