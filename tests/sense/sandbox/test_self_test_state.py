"""Descriptors, dumps and namespaces planted in a sandbox that is sealed otherwise, and what cannot be looked at."""

from pathlib import Path

import pytest

from tests.sense.sandbox.sandbox_child import LANDLOCK, QUIET, SEAL, child, folder, found, needs_root

__all__ = ["folder"]
if LANDLOCK == 0:
    pytest.skip("without systemd and without Landlock a sandbox is never sealed", allow_module_level=True)


OPEN_BEFORE = [
    ("descriptor", "socket.socket(2, socket.SOCK_DGRAM)"),
    ("descriptor", "socket.socket(16, socket.SOCK_RAW, 0)"),
    ("descriptor", "open(folder / 'old', 'a')"),
    ("descriptor", "open(folder / 'old', 'r+')"),
    ("descriptor", "os.set_inheritable(folder_handle := os.open('/', os.O_RDONLY), True)"),
    ("descriptor", "os.set_inheritable(folder_handle := os.open('/', os.O_PATH), True)"),
    (None, "os.open('/', os.O_RDONLY)"),
    (None, "open(folder / 'old')"),
    (None, "open('/dev/null', 'w')"),
    (None, "os.openpty()"),
    (None, "os.pipe()"),
    (None, "os.memfd_create('own')"),
    (None, "socket.socketpair()"),
    (None, "socket.socket(16, socket.SOCK_RAW, 15)"),
]


@pytest.mark.parametrize(("breach", "kept"), OPEN_BEFORE)
def test_what_is_open_and_leads_out_is_found(folder: Path, breach: str | None, kept: str) -> None:
    assert found(f"kept = {kept}", folder=folder) == ([breach] if breach else [])


@needs_root
def test_an_open_foreign_device_is_found_unless_it_is_ignored() -> None:
    script = f"""
disk = next((path for path in device_nodes.forbidden_nodes() if probe_files.is_any_device_accessible([path])), None)
kept = disk and os.open(disk, os.O_RDONLY | os.O_NONBLOCK)
{QUIET}{SEAL}
look = lambda **more: check_seal(running=True, installed=False, targets=around, **more)
tell([str(disk), look(), look(ignored=[kept])])
"""
    disk, open_ones, ignored = child(script)
    if disk == "None":
        pytest.skip("there is no foreign device here")
    assert (open_ones, ignored) == (["descriptor"], [])


def test_what_another_thread_opens_for_a_moment_is_no_breach() -> None:
    after = """
def look_around():
    while True:
        list(Path("/sys/class").iterdir())
threading.Thread(target=look_around, daemon=True).start()
results = [check_seal(running=True, installed=False, targets=around) for _ in range(5)]
tell(results)
os._exit(0)
"""
    assert found(after=after) == [[]] * 5


def test_a_core_dump_is_found() -> None:
    assert found(after="libc.prctl(4, 1, 0, 0, 0)") == ["core"]


def test_what_the_first_stage_told_of_is_a_breach() -> None:
    script = f"{QUIET}{SEAL}tell(check_seal(running=True, installed=False, targets=around, known=['device']))"
    assert child(script) == ["device"]


INSTALLED = "tell(check_seal(running=True, installed=True, targets=around))"


def test_an_installed_cell_that_shares_its_network_is_found() -> None:
    breaches = child(QUIET + SEAL + INSTALLED)
    assert "namespace" in breaches
    assert set(breaches) <= {"namespace", "capabilities"}


@needs_root
def test_an_installed_cell_in_namespaces_of_its_own_is_sealed() -> None:
    private = "foreign('unshare', 0x40000000 | 0x20000)\n"  # network and mounts
    try:
        assert child(private + QUIET + SEAL + INSTALLED) == []
    except AssertionError as error:
        if "unshare" not in str(error):
            raise
        pytest.skip("no namespaces can be made here")


@needs_root
def test_an_installed_cell_may_have_a_little_room_of_its_own() -> None:
    script = """
    foreign("unshare", 0x20000)
    foreign("mount", None, b"/", None, 1 << 18 | 1 << 14, None)
    foreign("mount", b"none", str(folder).encode(), b"tmpfs", 0, size.encode())
    opened = [probe_files.is_any_writable([folder], [], allow_small=spare) for spare in (False, True)]
    tell([opened, list(map(str, folder.iterdir()))])
    """
    try:
        little = child(script, folder=(target := Path("/mnt")), size="size=64k")
        large = child(script, folder=target, size="size=1m")
    except AssertionError as error:
        if "unshare" not in str(error) and "mount" not in str(error):
            raise
        pytest.skip("no namespaces can be made here")
    assert little == [[True, False], []]
    assert large == [[True, True], []]


def test_what_cannot_be_looked_at_counts_as_a_breach() -> None:
    blind = """
def fails(*whatever, **more):
    raise PermissionError(errno.EACCES, "no")
probe_process.read_threads = probe_sockets.is_any_reachable = fails
"""
    assert found(after=blind) == ["connect", "privileges", "capabilities", "seccomp"]
