"""Devices, privileges and programs on this machine's own kernel, and that every thread is covered."""

import os
from pathlib import Path

import pytest

from tests.sense.sandbox.sandbox_child import LANDLOCK, NO_LANDLOCK, NOBODY, USERS, child, needs_landlock, needs_root


@needs_landlock
@needs_root
def test_devices_are_out_of_reach_but_for_the_harmless() -> None:
    script = """
    foreign = [str(path) for path in device_nodes.forbidden_nodes() if probe_files.is_any_device_accessible([path])]
    confine_start()
    tell([foreign, [path for path in foreign if probe_files.is_any_device_accessible([Path(path)])],
        [attempt(lambda: open(path, "r+b", buffering=0).close()) for path in ("/dev/null", "/dev/zero")],
        attempt(lambda: open(os.devnull, "w").close())])
    """
    before, after, harmless, nowhere = child(script)
    if not before:
        pytest.skip("there is no foreign device here")
    assert (after, harmless, nowhere) == ([], ["open", "open"], "open")


@needs_landlock
@pytest.mark.parametrize("hotplug", [False, True])
def test_only_with_hotplug_can_a_node_be_opened_that_comes_later(hotplug: bool) -> None:
    script = """
    device_nodes._HARMLESS = ("null",)
    reached = confine_start(hotplug=hotplug)
    device_nodes._CAMERAS = ("zero",)
    opened = attempt(lambda: os.close(os.open("/dev/zero", os.O_RDWR)))
    tell([bool(reached.why_outdated()), opened])
    """
    assert child(script, hotplug=hotplug) == ([False, "open"] if hotplug else [True, "EACCES"])


@pytest.mark.parametrize("hotplug", [False, True])
def test_with_a_unit_its_device_rules_are_watched_and_the_cell_lets_them_be(hotplug: bool) -> None:
    script = """
    from edge.sense.sandbox.device_rules import read_kinds
    before = read_kinds()
    reached = confine_start(hotplug=hotplug)
    confine_running()
    tell([before is not None, read_kinds() == before, reached.rules is not None])
    """
    assert child(script, hotplug=hotplug) == [True, True, hotplug]


PRIVILEGES = """
import resource
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
tell({
    "bits": [int(lines[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")],
    "bounding": int(lines["CapBnd"], 16),
    "no_new_privs": int(lines["NoNewPrivs"]),
    "filter": int(lines["Seccomp"]),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "dumpable": libc.prctl(3),
})
"""


@pytest.mark.parametrize("user", USERS)
def test_privileges_are_given_up(user: int | None) -> None:
    state = child(f"confine_start()\n{PRIVILEGES}", user)
    bounding = state.pop("bounding")
    assert state == {"bits": [0] * 4, "no_new_privs": 1, "filter": 2, "core": [0, 0], "dumpable": 0}
    if user is None and os.geteuid() == 0:
        assert bounding == 0


@needs_root
def test_root_keeps_the_one_capability_without_which_it_could_not_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "photo").write_text("photo")
    os.chown(home, NOBODY, NOBODY)
    home.chmod(0o700)
    script = """
    reached = confine_start(reads=[home])
    tell([reached.missing, (home / "photo").read_text(), check_seal(running=False, installed=False)])
    """
    missing, text, breaches = child(script, home=home)
    assert missing == [f"one capability is kept, to read {home}; run as the user who owns it", *NO_LANDLOCK]
    assert text == "photo"
    assert "capabilities" in breaches


def test_no_program_starts_after_the_second_stage_and_some_may_before() -> None:
    script = """
    import subprocess
    try_all = lambda: [
        attempt(lambda: subprocess.run(["/bin/true"], check=True)),
        attempt(lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)),
    ]
    confine_start()
    before = try_all()
    missing = confine_running()
    tell([before, list(missing), try_all() + [
        attempt(os.fork),
        attempt(lambda: os.execv("/bin/true", ["true"])),
        attempt(lambda: os.execve(os.open("/bin/true", os.O_RDONLY), ["true"], {})),
    ], os.system("true") != 0])
    """
    assert child(script) == [["open", "open"], [], ["EPERM"] * 5, True]


def test_the_filter_covers_threads_that_were_there_before_whichever_calls() -> None:
    script = """
    ready, first, second = threading.Event(), threading.Event(), threading.Event()
    found = []
    def old():
        ready.set()
        first.wait()
        found.append(attempt(lambda: socket.socket(2, socket.SOCK_DGRAM)))
        found.append(attempt(lambda: Path("/tmp/posenet-edge-new").write_text("pixels")))
        second.wait()
        found.append(attempt(lambda: os.posix_spawn("/bin/true", ["true"], {})))
    thread = threading.Thread(target=old)
    thread.start()
    ready.wait()
    reached = confine_start()
    first.set()
    time.sleep(0.05)
    other = threading.Thread(target=confine_running)
    other.start()
    other.join()
    second.set()
    thread.join()
    tell([found, reached.missing, reached.breaches, attempt(lambda: os.posix_spawn("/bin/true", ["true"], {}))])
    """
    found, missing, breaches, own = child(script)
    assert (found, own) == (["EAFNOSUPPORT", "EPERM" if LANDLOCK < 8 else "EACCES", "EPERM"], "EPERM")
    if 0 < LANDLOCK < 8:
        assert missing == ["1 other threads without Landlock"]
        assert breaches == ["writable", "device"]
