"""The Debian package: what is in it, what its scripts do, and that a wrong wheel does not get in."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

from edge import __version__
from edge.errors import Unavailable
from edge.tools.install.build import PAGES, SOURCE
from scripts.debian.package import build, copy_source, debian_version
from scripts.debian.wheels import collect
from tests.support.locked import Pin, Target

PROJECT = Path(__file__).parents[2]
SCRIPTS = ("config", "preinst", "postinst", "prerm", "postrm")

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="no dpkg-deb here")


def wheel(folder: Path, name: str = "small-1.0-py3-none-any.whl") -> Path:
    """A stand-in: nobody opens it here."""
    (folder / name).write_text(name)
    return folder / name


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    return build(folder / "out", PROJECT, [wheel(folder)], "arm64", "13")


@pytest.fixture(scope="module")
def control(deb: Path) -> Path:
    subprocess.run(["dpkg-deb", "--control", deb, deb.parent / "control"], check=True)
    return deb.parent / "control"


def test_what_dpkg_is_told(deb: Path) -> None:
    def field(name: str) -> str:
        return subprocess.run(["dpkg-deb", "-f", deb, name], capture_output=True, text=True, check=True).stdout.strip()

    assert deb.name == f"posenet-edge_{field('Version')}_arm64.deb"
    assert field("Version") == debian_version(__version__, "13")
    assert field("Architecture") == "arm64"
    depends = field("Depends").split(", ")
    assert {"python3 (>= 3.13~)", "python3 (<< 3.14~)", "python3-venv", "libc6 (>= 2.41)"} <= set(depends)
    assert field("Recommends") == "python3-picamera2"


def test_what_is_in_it_and_who_may_write_it(deb: Path) -> None:
    listed = subprocess.run(["dpkg-deb", "-c", deb], capture_output=True, text=True, check=True).stdout.splitlines()
    held = {}
    for mode, owner, _, _, _, name in (line.split(maxsplit=5) for line in listed):
        assert owner == "root/root"
        assert mode in ("drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"), name
        held[name.removeprefix("./")] = mode
    home = "usr/lib/posenet-edge"
    for name in [*SOURCE, *PAGES]:
        assert f"{home}/source/{name}{'/' if (PROJECT / name).is_dir() else ''}" in held
    for name in ("install", "uninstall", "pip-locked"):
        assert held[f"{home}/source/scripts/{name}"] == "-rwxr-xr-x"
    wheels = {name.rpartition("/")[2] for name in held if name.endswith(".whl")}
    assert wheels == {"small-1.0-py3-none-any.whl", f"posenet_edge-{__version__}-py3-none-any.whl"}
    places = ("usr/lib/posenet-edge/", "usr/share/doc/posenet-edge/", "usr/share/lintian/overrides/posenet-edge")
    files = [name for name in held if not f"/{name}".endswith("/")]
    assert [name for name in files if not name.startswith(places)] == []


def test_what_git_ignores_and_tests_stay_out(tmp_path: Path) -> None:
    for name in (
        "edge/kept.py",
        "edge/left.tmp",
        "tests/left.py",
        "README.md",
        "left.md",
        "scripts/kept",
        "scripts/qemu/left",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("*.tmp\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    copy_source(tmp_path, tmp_path / "to")
    files = {str(path.relative_to(tmp_path / "to")) for path in (tmp_path / "to").rglob("*") if path.is_file()}
    assert files == {"edge/kept.py", "README.md", "scripts/kept"}


def test_one_checkout_always_makes_the_same_package(deb: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "out", PROJECT, [wheel(tmp_path)], "arm64", "13")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(deb.read_bytes()).digest()


@pytest.mark.parametrize("name", SCRIPTS)
def test_its_scripts_are_plain_sh(control: Path, name: str) -> None:
    script = control / name
    assert script.stat().st_mode & 0o777 == 0o755
    assert "@" not in script.read_text().replace('"$@"', "")
    subprocess.run(["sh", "-n", script], check=True)
    if shutil.which("shellcheck"):
        # SC1091: what is read from debconf need not be on this machine.
        subprocess.run(["shellcheck", "-s", "sh", "-e", "SC1091", script], check=True)


@pytest.mark.skipif(not shutil.which("lintian"), reason="no lintian here")
def test_lintian_finds_nothing(deb: Path) -> None:
    found = subprocess.run(["lintian", deb], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, ""), found.stderr


@pytest.mark.parametrize(
    ("older", "newer"), [("0.2.0.dev3", "0.2.0rc1"), ("0.2.0rc1", "0.2.0"), ("0.2.0", "0.2.1"), ("0.9.0", "0.10.0")]
)
def test_versions_sort_as_those_of_python_do(older: str, newer: str) -> None:
    words = [debian_version(older, "13"), "lt", debian_version(newer, "12")]
    subprocess.run(["dpkg", "--compare-versions", *words], check=True)
    same = [debian_version(newer, "12"), "lt", debian_version(newer, "13")]
    subprocess.run(["dpkg", "--compare-versions", *same], check=True)


def test_without_git_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="expected a git checkout"):
        build(tmp_path / "out", tmp_path, [], "arm64", "13")


# What goes in.

TARGET = Target("3.13", 41, "aarch64")


def pin(file: Path, name: str = "Small") -> Pin:
    return Pin(Requirement(f"{name}==1.0"), (f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}",))


@pytest.mark.parametrize(
    "name",
    [
        "small-1.0-py3-none-any.whl",
        "small-1.0-cp313-cp313-manylinux_2_41_aarch64.whl",
        "small-1.0-cp311-abi3-manylinux2014_aarch64.whl",
    ],
)
def test_the_locked_file_for_the_machine_is_taken(tmp_path: Path, name: str) -> None:
    file = wheel(tmp_path, name)
    wheel(tmp_path, "small-1.0-cp311-cp311-manylinux2014_aarch64.whl")
    wheel(tmp_path, "another-1.0-py3-none-any.whl")
    assert collect([pin(file)], TARGET, tmp_path) == [file]


@pytest.mark.parametrize(
    "name",
    [
        "small-1.0-cp311-cp311-manylinux2014_aarch64.whl",
        "small-1.0-cp313-cp313-manylinux2014_x86_64.whl",
        "small-1.0-cp313-cp313-manylinux_2_42_aarch64.whl",
        "small-1.1-py3-none-any.whl",
    ],
)
def test_a_wheel_for_another_machine_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unavailable, match=r"found none; expected the locked small==1\.0 for CPython 3\.13 on aarch64"):
        collect([pin(wheel(tmp_path, name))], TARGET, tmp_path)


def test_a_file_with_another_hash_is_refused(tmp_path: Path) -> None:
    locked = pin(wheel(tmp_path))
    (tmp_path / "small-1.0-py3-none-any.whl").write_bytes(b"another")
    with pytest.raises(Unavailable, match=r"small-1.0-py3-none-any.whl with another sha256"):
        collect([locked], TARGET, tmp_path)


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    words = [sys.executable, "-P", "-m", "scripts.debian", str(tmp_path), "--wheelhouse", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 69
    assert re.fullmatch(r"deb: \S+: found none; expected the locked \S+ for CPython 3.13 on .*\n", done.stderr)


# What its scripts do, with folders and debconf of this test's own.


class Device(NamedTuple):
    """A place for the scripts: ``answers`` holds what debconf holds, ``calls`` what the installer was called with."""

    root: Path

    def script(self, control: Path, name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        text = (control / name).read_text()
        for path in ("/usr/lib/posenet-edge", "/opt/posenet-edge", "/etc/posenet-edge", "/usr/share/debconf", "/run "):
            text = text.replace(path, f"{self.root}{path}")
        (self.root / name).write_text(text)
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HERE": str(self.root), **environment}
        return subprocess.run(
            ["sh", self.root / name, *words], capture_output=True, text=True, env=variables, check=False
        )

    def installer_does(self, text: str, recovers: str = "") -> None:
        script = self.root / "usr/lib/posenet-edge/source/scripts/install"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(
            f'#!/bin/sh\ncd "$HERE/opt/posenet-edge"\nif [ "$1" = --recover ]; then :; {recovers}\nexit 0; fi\n'
            f'echo "$@" >>"$HERE/calls"\n'
            f'for word in "$@"; do case $word in --password-file=*) stat -c %a "${{word#*=}}" >>"$HERE/calls"; '
            f'cat "${{word#*=}}" >>"$HERE/calls" ;; esac; done\n{text}\n'
        )
        script.chmod(0o755)

    def calls(self) -> str:
        return (self.root / "calls").read_text()

    def answer(self, name: str) -> str:
        return (self.root / "answers" / name).read_text()


SWITCH = "ln -sfn versions/2.0 current"
DEBCONF = """\
db_get() { RET=$(cat "$HERE/answers/${1#*/}"); }
db_set() { printf %s "$2" >"$HERE/answers/${1#*/}"; }
db_fset() { echo "$1 $2 $3" >>"$HERE/flags"; }
db_input() { echo "$2" >>"$HERE/asked"; }
db_go() { :; }
"""


@pytest.fixture
def device(tmp_path: Path) -> Device:
    for folder in ("answers", "run", "etc/posenet-edge", "opt/posenet-edge", "usr/share/debconf"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/share/debconf/confmodule").write_text(DEBCONF)
    for name, answer in (("broker", "broker.lan:1884"), ("user", "sensor"), ("password", "se cret")):
        (tmp_path / "answers" / name).write_text(answer)
    return Device(tmp_path)


def has_config(device: Device, text: str = "") -> None:
    (device.root / "etc/posenet-edge/config.toml").write_text(text)


def test_the_answers_go_to_the_installer_and_the_password_leaves_debconf(control: Path, device: Device) -> None:
    device.installer_does(SWITCH)
    done = device.script(control, "postinst", "configure", "")
    assert done.returncode == 0, done.stderr
    options, mode, password = device.calls().splitlines()
    wheels = f"{device.root}/usr/lib/posenet-edge/wheels"
    assert options.startswith(f"--no-apt --wheelhouse {wheels} --broker=broker.lan:1884 --user=sensor --password-file=")
    assert (mode, password) == ("600", "se cret")
    assert device.answer("password") == ""
    assert list((device.root / "run").iterdir()) == []


def test_an_upgrade_leaves_the_configuration_to_its_owner(control: Path, device: Device) -> None:
    has_config(device)
    device.installer_does(SWITCH)
    assert device.script(control, "postinst", "configure", "1.0").returncode == 0
    assert device.calls() == f"--no-apt --wheelhouse {device.root}/usr/lib/posenet-edge/wheels\n"
    assert device.script(control, "postinst", "configure", "1.0", DEBCONF_RECONFIGURE="1").returncode == 0
    assert "--broker=broker.lan:1884" in device.calls()


def test_what_the_installer_refuses_fails_and_is_asked_again(control: Path, device: Device) -> None:
    (device.root / "opt/posenet-edge/current").symlink_to("versions/1.0")
    device.installer_does("exit 69")
    done = device.script(control, "postinst", "configure", "1.0")
    assert done.returncode == 69
    assert "not installed, see above; 1.0 goes on" in done.stderr
    assert device.answer("password") == "se cret"
    assert (device.root / "flags").read_text().count("seen false") == 3
    assert list((device.root / "run").iterdir()) == []


def test_what_was_cut_off_before_is_not_taken_for_this_one(control: Path, device: Device) -> None:
    (device.root / "opt/posenet-edge/current").symlink_to("versions/1.5")
    device.installer_does("exit 69", recovers="ln -sfn versions/1.0 current")
    done = device.script(control, "postinst", "configure", "1.0")
    assert (done.returncode, "1.0 goes on" in done.stderr) == (69, True)


def test_a_sensor_that_waits_for_its_broker_is_installed(control: Path, device: Device) -> None:
    device.installer_does(f"{SWITCH}; exit 69")
    done = device.script(control, "postinst", "configure", "")
    assert done.returncode == 0
    assert "waits for what is called BAD" in done.stderr
    assert device.answer("password") == ""


def test_nothing_is_installed_when_dpkg_only_goes_back(control: Path, device: Device) -> None:
    device.installer_does(SWITCH)
    assert device.script(control, "postinst", "abort-upgrade", "2.0").returncode == 0
    assert not (device.root / "calls").exists()


def test_questions_are_asked_once_and_again_with_what_is_configured(control: Path, device: Device) -> None:
    asked = device.root / "asked"
    assert device.script(control, "config", "configure", "").returncode == 0
    assert asked.read_text().split() == ["posenet-edge/broker", "posenet-edge/user", "posenet-edge/password"]
    asked.write_text("")
    has_config(device, '[mqtt]\nhost = "fe80::1"\nport = 8883\nusername = "it is\\\\me"\n')
    assert device.script(control, "config", "configure", "1.0").returncode == 0
    assert asked.read_text() == ""
    assert device.script(control, "config", "reconfigure", "1.0").returncode == 0
    assert asked.read_text().count("posenet-edge/") == 3
    assert (device.answer("broker"), device.answer("user")) == ("[fe80::1]:8883", "it is\\me")


@pytest.fixture(scope="module")
def python() -> str:
    """The system's, as the scripts see it."""
    code = 'import sys; print("%d.%d" % sys.version_info[:2])'
    return subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def made_for(python: str, control: Path, folder: Path) -> Path:
    """What is run before a package for another Python is unpacked."""
    (folder / "control").mkdir()
    (folder / "control/preinst").write_text((control / "preinst").read_text().replace("3.13", python))
    return folder / "control"


def test_another_python_is_refused_in_one_line(tmp_path: Path, control: Path, device: Device, python: str) -> None:
    done = device.script(made_for("3.9", control, tmp_path), "preinst", "install")
    assert done.returncode == 1
    assert done.stderr == (
        f"posenet-edge: found Python {python}; this package is for Python 3.9, as in Debian 13; nothing was changed\n"
    )


def test_an_older_version_is_refused_by_what_runs(tmp_path: Path, control: Path, device: Device, python: str) -> None:
    package = device.root / f"opt/posenet-edge/current/venv/lib/python{python}/site-packages/edge"
    package.mkdir(parents=True)
    before = made_for(python, control, tmp_path)
    release = __version__.partition("rc")[0]
    versions = (("99.0", 1), (__version__, 0), (f"{release}.dev1", 0), (f"{release}rc1.dev2", 0), ("0.0.1", 0))
    for installed, status in versions:
        (package / "__init__.py").write_text(f'"""Doc."""\n\n__version__ = "{installed}"\n')
        done = device.script(before, "preinst", "upgrade", "1.0")
        assert (done.returncode, done.stderr.count("\n")) == (status, status), done.stderr
