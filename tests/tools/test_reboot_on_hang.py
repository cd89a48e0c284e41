"""A process that not even SIGKILL ends, and the reboot that follows where that is wanted."""

import os
import subprocess
from pathlib import Path

import pytest

from edge.tools import reboot_on_hang

OWN = "1:name=systemd:/other\n0::/system.slice/posenet-sense.service\n"
KILL, TERM = f"{1 << 8:016x}", f"{1 << 14:016x}"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc with this process, in the unit's group, and a machine that has been up for an hour."""
    (tmp_path / "uptime").write_text("3600.12 100.0\n")
    (tmp_path / "meminfo").write_text("")
    (tmp_path / "self").mkdir()
    (tmp_path / "self/cgroup").write_text(OWN)
    return tmp_path


@pytest.fixture
def reboots(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Minutes after which reboots were asked for."""
    asked: list[int] = []
    monkeypatch.setattr(reboot_on_hang, "reboot", asked.append)
    return asked


def add(
    proc: Path, pid: int, state: str = "D (disk sleep)", own: str = "0" * 16, shared: str = KILL, group: str = OWN
) -> None:
    """A process as proc(5) shows it. own, shared: masks of the signals that wait for its thread, and for all of it."""
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "status").write_text(f"Name:\tpython\nState:\t{state}\nSigPnd:\t{own}\nShdPnd:\t{shared}\n")
    (folder / "cgroup").write_text(group)


def test_a_killed_process_that_goes_on_is_found(proc: Path, reboots: list[int]) -> None:
    add(proc, 7)
    add(proc, 8, own=KILL, shared="0" * 16)
    assert set(reboot_on_hang.unkillable(proc)) == {7, 8}
    reboot_on_hang.main(proc)
    assert reboots == [0]


@pytest.mark.parametrize(
    "process",
    [
        {"state": "Z (zombie)"},
        {"shared": "0" * 16},
        {"shared": TERM},
        {"group": OWN.replace("sense", "report")},
        {"group": "1:name=systemd:/other\n"},
        {"group": ""},
    ],
)
def test_what_ends_by_itself_or_belongs_to_others_is_no_reason(
    proc: Path, reboots: list[int], process: dict[str, str]
) -> None:
    add(proc, 7, **process)
    reboot_on_hang.main(proc)
    assert reboots == []


def test_a_device_is_up_for_ten_minutes_at_least(proc: Path, reboots: list[int]) -> None:
    add(proc, 7)
    (proc / "uptime").write_text("61.0 100.0\n")
    reboot_on_hang.main(proc)
    assert reboots == [9]


def test_a_real_process_waiting_to_be_killed(tmp_path: Path) -> None:
    """This machine's own /proc is understood: a child that has blocked nothing and was sent nothing is not meant."""
    child = subprocess.Popen(["sleep", "60"])
    try:
        assert child.pid not in set(reboot_on_hang.unkillable())
        assert os.getpid() not in set(reboot_on_hang.unkillable())
    finally:
        child.kill()
        child.wait()
