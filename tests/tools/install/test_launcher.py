"""The command ``posenet-edge`` where a system's upgrade has left the installation with another Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import edge
from edge import __version__

LAUNCHER = Path(__file__).parents[3] / "systemd/launcher.sh"
PACKAGE = "/usr/lib/posenet-edge"
HOME = "/opt/posenet-edge/current"
THIS = f"python{sys.version_info[0]}.{sys.version_info[1]}"
ADVICE = "to install it again: sudo {}/source/scripts/install --upgrade\n"


def launch(home: Path, *words: str) -> tuple[int, str, str]:
    """Run the launcher of an installation below another folder."""
    text = LAUNCHER.read_text()
    assert text.count(HOME) == text.count(PACKAGE) == 1
    done = subprocess.run(
        ["/bin/sh", "-c", text.replace(HOME, str(home)).replace(PACKAGE, f"{home}/package"), "posenet-edge", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": f"{home}/bin:{os.environ['PATH']}", "SLEPT": f"{home}/slept"},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation for this Python, and a ``sleep`` that only notes for how long."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sleep").write_text('#!/bin/sh\necho "$*" >>"$SLEPT"\n')
    (tmp_path / "bin/sleep").chmod(0o755)
    (tmp_path / "slept").touch()
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to(Path(sys.executable).resolve())
    (venv / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    packages = venv / f"lib/{THIS}/site-packages"
    packages.mkdir(parents=True)
    (packages / "edge").symlink_to(Path(edge.__file__).parent)
    return tmp_path


def age(home: Path) -> None:
    """Make it one that was installed for an older Python."""
    (home / f"venv/lib/{THIS}").rename(home / "venv/lib/python3.9")


def test_it_is_the_command(home: Path) -> None:
    assert launch(home, "--version") == (0, f"posenet-edge {__version__}\n", "")
    status, _, said = launch(home, "dance around")
    assert (status, "'dance around'" in said) == (os.EX_USAGE, True)


def test_for_the_units_it_only_looks(home: Path) -> None:
    assert launch(home, "--ready") == (0, "", "")
    assert (home / "slept").read_text() == ""


@pytest.mark.parametrize("words", [["--ready"], ["doctor"], []])
def test_another_python_is_told_in_one_line(home: Path, words: list[str]) -> None:
    age(home)
    status, out, said = launch(home, *words)
    found = Path(sys.executable).resolve().name
    assert (status, out) == (os.EX_UNAVAILABLE, "")
    assert (home / "slept").read_text() == ("50\n" if words == ["--ready"] else ""), "systemd would ask at once again"
    assert said == (
        f"posenet-edge: found {found} without the packages; expected python3.9, as when it was installed; "
        + ADVICE.format(home)
    )


def test_no_python_is_told_in_one_line(home: Path) -> None:
    python = home / "venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3.9")
    status, _, said = launch(home, "doctor")
    assert status == os.EX_UNAVAILABLE
    assert said.startswith(f"posenet-edge: found no /nowhere/python3.9; expected {THIS}, ")
    assert said.endswith(ADVICE.format(home))


def test_a_python_of_another_name_that_has_the_packages_will_do(home: Path) -> None:
    python, named = home / "venv/bin/python", home / "venv/bin/snake"
    python.rename(named)
    python.write_text(f'#!/bin/sh\nexec {named} "$@"\n')
    python.chmod(0o755)
    assert launch(home, "--version")[:2] == (0, f"posenet-edge {__version__}\n")


def test_whoever_has_the_debian_package_is_told_of_the_next_one(home: Path) -> None:
    age(home)
    (home / "package").mkdir()
    status, _, said = launch(home, "doctor")
    assert (status, said.count("\n")) == (os.EX_UNAVAILABLE, 1)
    assert "to install it again: sudo apt install ./posenet-edge_" in said
    assert "scripts/install" not in said
