"""``scripts/machine`` apart from qemu: what is asked for, how a trial is judged, what is printed."""

import io
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from edge.config.loader import load
from edge.report.commands.overrides import lay_over
from edge.wire import WORDS_DOWN
from scripts.qemu import image, sensor, trials
from scripts.qemu.__main__ import older_version, parse, systems
from scripts.qemu.battery import judge
from scripts.qemu.machine import Disk, accelerator
from scripts.qemu.report import Report
from scripts.qemu.system import System
from tests.support.locked import Target

PROJECT = Path(__file__).parents[2]


def report() -> Report:
    return Report(io.StringIO(), where="trixie-amd64")


def printed(of: Report) -> str:
    assert isinstance(of.out, io.StringIO)
    return of.out.getvalue()


def test_a_line_says_what_was_found_and_expected() -> None:
    tried = report()
    tried.passed("audit", "41 checks: 41 good")
    assert tried.status == 0
    tried.failed("late-camera", "no frames", "frames")
    tried.skipped("deb", "no dpkg-deb here")
    assert printed(tried).splitlines() == [
        "PASS  trixie-amd64: audit: 41 checks: 41 good",
        "FAIL  trixie-amd64: late-camera: found no frames; expected frames",
        "SKIP  trixie-amd64: deb: no dpkg-deb here",
    ]
    assert tried.status == 1
    assert tried.summary() == "1 PASS, 1 FAIL, 1 SKIP"


def test_what_was_only_skipped_is_no_success() -> None:
    tried = report()
    assert tried.status == 1
    tried.skipped("deb", "no dpkg-deb here")
    assert tried.status == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["try"], ["trixie-amd64"]),
        (["try", "audit", "--arch", "all"], ["trixie-amd64", "trixie-arm64"]),
        (["build", "--arch=all", "--suite=all"], ["bookworm-amd64", "bookworm-arm64", "trixie-amd64", "trixie-arm64"]),
    ],
)
def test_the_machines_that_are_asked_for(words: list[str], found: list[str]) -> None:
    assert [str(system) for system in systems(parse(words))] == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["try", "audti"], "found the trial audti; expected one of late-camera, later-camera"),
        (["try", "--delays", "soon"], "expected seconds such as 0,1,5, found soon"),
        (["try", "--delays", "-1"], "expected"),
        (["try", "--arch", "riscv64"], "riscv64"),
        ([], "VERB"),
    ],
)
def test_a_wrong_command_line_is_answered(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_trials_are_listed_without_root_or_qemu() -> None:
    words = [sys.executable, "-P", "-m", "scripts.qemu", "list"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(trials.TRIALS)


def test_a_machine_takes_the_wheels_of_its_debian() -> None:
    assert System("arm64", "bookworm").target == Target("3.11", 36, "aarch64")
    assert System("amd64", "trixie").target == Target("3.13", 41, "x86_64")


def run(*words: str | Path) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def tree(folder: Path) -> dict[str, bytes | str]:
    found = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return {str(path): str(path.readlink()) if path.is_symlink() else path.read_bytes() for path in found}


LENDS = os.geteuid() == 0 and Path("/var/lib/dpkg/info/perl-base.list").exists() and platform.machine() == "x86_64"


@pytest.mark.skipif(not LENDS, reason="needs root of a Debian for amd64")
def test_programs_that_are_lent_to_another_debian_are_taken_back(tmp_path: Path) -> None:
    """This machine lends; the other Debian is one whose shell is no program at all."""
    for folder in ("usr/bin", "usr/sbin", "var/lib/dpkg/info", "var/lib/dpkg/updates"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("bin", "sbin"):
        (tmp_path / name).symlink_to(f"usr/{name}")
    shell = tmp_path / "usr/bin/dash"
    for file in (tmp_path / "var/lib/dpkg/status", tmp_path / "var/lib/dpkg/diversions", shell):
        file.write_text("")
    before = tree(tmp_path)
    lend = PROJECT / "scripts/qemu/lend-programs"
    run(lend, "lend", tmp_path, "/")
    assert run("chroot", tmp_path, "/usr/bin/dash", "-c", "echo $((1 + 1))") == "2\n"
    assert "This is perl" in run("chroot", tmp_path, "/usr/bin/perl", "-v")
    diverted = run("dpkg-divert", f"--root={tmp_path}", "--list").splitlines()
    assert any(line.endswith("/bin/dash.emulated") for line in diverted)
    # As dpkg unpacks a program that was not there before: to where it is diverted.
    (tmp_path / "usr/bin/perl.emulated").write_text("the other processor's")
    run(lend, "take-back", tmp_path)
    assert (tmp_path / "usr/bin/perl").read_text() == "the other processor's"
    (tmp_path / "usr/bin/perl").unlink()
    after = tree(tmp_path)
    after.pop(str(tmp_path / "var/lib/dpkg/diversions-old"), None)
    assert after == before


def test_without_a_kvm_that_works_the_processor_is_emulated(tmp_path: Path) -> None:
    for architecture in ("amd64", "arm64"):
        disk = Disk(System(architecture, "trixie"), tmp_path / "disk", tmp_path / "kernel", tmp_path / "initrd")
        assert accelerator(disk, tmp_path / "no-kvm") == "tcg"


def test_upgrades_start_from_the_newest_tag_before_this_commit(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        name = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", tmp_path, *name, *words], check=True, capture_output=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    git("commit", "-q", "--allow-empty", "-m", "second")
    assert older_version(tmp_path) == "HEAD~100"
    git("tag", "v0.1.0", "HEAD^")
    git("tag", "v0.2.0")
    assert older_version(tmp_path) == "v0.1.0"


PRINTED = "landlock 6 missing []\ncall mkdir\ncall bpf\n2 rules on x86_64, 0 not as said\n"
TRACE = """\
execve("/usr/bin/python3", ["python3"], 0x7ffd /* 12 vars */) = 0
write(1, "call mkdir\\n", 11)           = 11
mkdir(NULL, 000)                        = -1 EPERM (Operation not permitted)
write(1, "call bpf\\n", 9)              = 9
bpf(0xffffffff /* BPF_??? */, NULL, 0)  = -1 EPERM (Operation not permitted)
write(1, "2 rules on x86_64, 0 not as said\\n", 33) = 33
"""


def test_a_battery_that_held() -> None:
    assert judge(PRINTED, TRACE) == ([], 2, [])


def test_a_call_that_is_younger_than_strace_has_no_name_there() -> None:
    assert judge(PRINTED, TRACE.replace("bpf(0x", "syscall_0x141(0x")) == ([], 2, ["bpf"])


@pytest.mark.parametrize(
    ("said", "trace", "wrong"),
    [
        (
            PRINTED.replace("call bpf", "call bpf\nrule bpf found EFAULT, expected EPERM").replace("0 not", "1 not"),
            TRACE,
            "rule bpf found EFAULT, expected EPERM",
        ),
        (PRINTED, TRACE.replace("bpf(0x", "kexec_load(0x"), "what the product calls bpf is kexec_load to strace"),
        (PRINTED, TRACE[: TRACE.index("bpf(0x")], "strace saw 1 of 2 calls"),
        ("landlock 6 missing []\n", TRACE, "the battery did not end: landlock 6 missing []\n"),
    ],
)
def test_a_battery_that_did_not(said: str, trace: str, wrong: str) -> None:
    assert judge(said, trace).wrong == [wrong]


def claim(check: str, level: str, found: str) -> dict[str, str]:
    return {"check": check, "level": level, "found": found, "remedy": ""}


def test_of_an_audit_only_the_stretched_watchdog_is_passed_over() -> None:
    unit = "sense: its unit says what it was shipped with"
    stretched = claim(unit, "bad", "WatchdogUSec=10min (expected 20s)")
    assert trials.broken_claims([claim("sense: runs", "good", "it does"), stretched]) == ([], [unit])
    more = claim(unit, "bad", "WatchdogUSec=10min (expected 20s); PrivateNetwork=no (expected yes)")
    assert trials.broken_claims([more]) == ([f"{unit}: {more['found']}"], [])
    unknown = claim("sense: no packet would leave", "unknown", "it could not be told")
    assert trials.broken_claims([unknown]) == (["sense: no packet would leave: it could not be told"], [])


def test_each_round_of_power_cuts_asks_for_something_else() -> None:
    """What is confirmed could be what stood there before, otherwise."""
    first, second = trials.commands(0), trials.commands(1)
    assert [each[0] for each in first] == ["pause", "places", "sensitivity"]
    for before, after in zip(first, second, strict=True):
        assert before[:2] == after[:2]
        assert before[2] != after[2]
        assert before[4] != after[4]


def test_the_commands_of_power_cuts_are_the_products(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(image.CONFIG)
    settings = load(file)
    assert f"{settings.mqtt.topic}/{settings.device.id}" == sensor.TOPIC
    assert settings.command.enabled
    for number in range(2):
        (_, _, word, _, _), (_, places, zones, _, expected), (_, sensitivity, level, _, _) = trials.commands(number)
        assert word in WORDS_DOWN
        assert lay_over(places, zones.encode(), settings).zone[0].name == expected.strip('"')
        assert lay_over(sensitivity, level.encode(), settings).people.sensitivity == level


def test_an_older_checkout_is_that_of_its_commit() -> None:
    with image.checkout(PROJECT) as now:
        assert (now / "scripts/machine").exists()
        assert not (now / ".venv").exists()
    with pytest.raises(Exception, match="found no commit no-such-commit"), image.checkout(PROJECT, "no-such-commit"):
        pass


def test_a_digest_changes_with_a_name_a_mode_and_a_byte(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    names = ["a", "b"]
    seen = {image.digest(tmp_path, names)}
    file.write_text("2")
    seen.add(image.digest(tmp_path, names))
    file.chmod(0o700)
    seen.add(image.digest(tmp_path, names))
    file.rename(tmp_path / "b")
    seen.add(image.digest(tmp_path, names))
    assert len(seen) == 4
    (tmp_path / "c").write_text("of no concern")
    assert image.digest(tmp_path, names) in seen


def test_an_image_is_made_anew_for_the_product_and_not_for_its_documents(tmp_path: Path) -> None:
    with image.checkout(PROJECT) as source:
        before = image.digest(source)
        for name in ("docs/tested.md", "scripts/qemu/trials.py", "tests/scripts/test_machine.py"):
            (source / name).write_text("changed")
        assert image.digest(source) == before
        for name in ("edge/__init__.py", "systemd/posenet-sense.service", "scripts/lock.d/base.txt", "pyproject.toml"):
            (source / name).write_text("changed")
            assert image.digest(source) != before
            before = image.digest(source)
