"""Kernels that can do less, and sandboxes around this one: parts are missing and told, and nothing breaks."""

import platform
import shutil
from pathlib import Path

import pytest

from tests.sense.sandbox.sandbox_child import LANDLOCK, NO_LANDLOCK, USERS, child, folder, needs_landlock, needs_root

__all__ = ["folder"]


@needs_landlock
def test_each_version_of_landlock_up_to_this_kernels_is_accepted_and_denies_writing(folder: Path) -> None:
    for version in range(1, LANDLOCK + 1):
        script = """
        landlock.version = lambda: older
        reached = confine_start(connects=[folder])
        tell([reached.landlock, reached.missing, attempt(lambda: (folder / "new").write_text("pixels"))])
        """
        assert child(script, older=version, folder=folder) == [version, [], "EACCES"]


def test_what_each_version_of_landlock_forbids() -> None:
    from edge.sense.sandbox.landlock import handled

    first = 0b1_1111_1111_0110  # all of version 1 but EXECUTE and READ_DIR
    refer, truncate, ioctl, resolve = 1 << 13, 1 << 14, 1 << 15, 1 << 16
    assert handled(1) == (first, 0, 0)
    assert handled(2) == (first | refer, 0, 0)
    assert handled(3) == (first | refer | truncate, 0, 0)
    assert handled(4) == (first | refer | truncate, 3, 0)
    assert handled(5) == (first | refer | truncate | ioctl, 3, 0)
    assert handled(8, connects=True) == handled(6) == (first | refer | truncate | ioctl, 3, 3)
    assert handled(9, connects=True) == (first | refer | truncate | ioctl | resolve, 3, 3)
    assert handled(9) == handled(8)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the number of prctl below is that of x86_64")
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(
    ("without", "missing"),
    [
        (["seccomp"], []),  # prctl does the same while there is one thread
        (["seccomp", "prctl"], ["no system call filter: Operation not permitted"]),
        (["landlock_create_ruleset"], ["no Landlock: Operation not permitted"]),
        pytest.param(["landlock_restrict_self"], ["no Landlock: Operation not permitted"], marks=needs_landlock),
    ],
)
def test_a_filter_around_this_one_takes_parts_but_breaks_nothing(
    without: list[str], missing: list[str], user: int | None
) -> None:
    script = """
    from edge.sense.sandbox.seccomp import Deny, Where
    from edge.sense.sandbox.syscall_numbers import NUMBERS, X86_64
    NUMBERS[X86_64]["prctl"] = 157
    conditions = {"prctl": (Where(0, "is", 22),)}
    # As systemd's: no new privileges, and an errno for what is not on the list.
    libc.prctl(38, 1, 0, 0, 0)
    assert seccomp.install([Deny(name, where=conditions.get(name, ())) for name in without]) == ()
    reached = confine_start()
    tell([reached.missing, len(confine_running()), check_seal(running=True, installed=False)])
    """
    said, second, breaches = child(script, user, without=without)
    # Below Landlock in the kernel lies the call that asks for it, and that is what a filter answers for.
    assert said == (missing if "landlock" in without[0] else NO_LANDLOCK + missing)
    assert second == (1 if "prctl" in without else 0)
    assert ("network" in breaches) == ("prctl" in without)


@pytest.mark.parametrize("user", USERS)
def test_capabilities_that_may_not_be_touched_are_told(user: int | None) -> None:
    script = """
    from edge.sense.sandbox.seccomp import Deny
    libc.prctl(38, 1, 0, 0, 0)
    seccomp.install([Deny("capset"), Deny("capget")])
    tell(confine_start().missing)
    """
    assert child(script, user) == ["capabilities are kept: Operation not permitted", *NO_LANDLOCK]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers below are those of x86_64")
def test_a_unit_that_forbids_setting_limits_is_no_obstacle() -> None:
    script = """
    from edge.sense.sandbox.seccomp import Deny
    from edge.sense.sandbox.syscall_numbers import NUMBERS, X86_64
    NUMBERS[X86_64] |= {"prlimit64": 302, "setrlimit": 160, "getrlimit": 97}
    if limited:
        privileges.resource.setrlimit(privileges.resource.RLIMIT_CORE, (0, 0))
    else:
        privileges.resource.setrlimit(privileges.resource.RLIMIT_CORE, (0, 4096))
    libc.prctl(38, 1, 0, 0, 0)
    seccomp.install([Deny("prlimit64"), Deny("setrlimit"), Deny("getrlimit")])
    confine_start()
    tell("core" in check_seal(running=False, installed=False))
    """
    assert child(script, limited=True) is False
    assert child(script, limited=False) is True


def test_an_unknown_processor_is_told() -> None:
    script = """
    seccomp.this_architecture = lambda: None
    tell([confine_start().missing, confine_running()])
    """
    sentence = f"no system call filter: none is known for a {platform.machine()} of this kind"
    assert child(script) == [[*NO_LANDLOCK, sentence], [sentence]]


@needs_root
@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare is not installed")
def test_it_works_inside_a_container_of_namespaces() -> None:
    script = """
    import subprocess
    command = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--ipc"]
    inside = "from edge.sense.sandbox.confine import *; print(list(confine_start().missing), list(confine_running()))"
    said = subprocess.run([*command, sys.executable, "-P", "-c", inside], capture_output=True, text=True)
    tell([said.returncode, said.stdout.split() and said.stdout.strip(), said.stderr[-300:]])
    """
    code, said, error = child(script)
    if code and "unshare" in error:
        pytest.skip(f"no namespaces here: {error.strip()}")
    assert (code, said) == (0, f"{NO_LANDLOCK} []")
