"""``scripts/lock.d`` answers pyproject.toml on each supported kind of machine."""

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.support.locked import LOCK, PROJECT, TARGETS, Pin, Target, asked, pins

PARTS = sorted(asked())
PI_2 = Target("3.11", 36, "armv7l")


def held(target: Target, part: str) -> dict[str, Pin]:
    """What the part installs on such a machine, by name; one version of each package."""
    there = [pin for pin in pins(part) if target.wants(pin.requirement)]
    by_name = {canonicalize_name(pin.requirement.name): pin for pin in there}
    assert len(by_name) == len(there), f"{part}: two versions of one package for {target}"
    return by_name


def test_each_part_of_pyproject_is_locked_and_nothing_else() -> None:
    assert sorted(file.stem for file in LOCK.iterdir()) == PARTS


@pytest.mark.parametrize("target", [*TARGETS, PI_2], ids=str)
@pytest.mark.parametrize("part", PARTS)
def test_every_requirement_is_locked_in_a_version_that_it_allows(part: str, target: Target) -> None:
    there = held(target, part)
    for requirement in asked()[part]:
        if target.wants(requirement):
            pin = there.get(canonicalize_name(requirement.name))
            assert pin, f"found no {requirement.name} in {part}.txt for {target}; run scripts/lock {requirement.name}"
            assert requirement.specifier.contains(pin.version), f"found {pin.version}, expected {requirement}"


@pytest.mark.parametrize("target", [*TARGETS, PI_2], ids=str)
def test_the_parts_fit_together(target: Target) -> None:
    versions: dict[str, str] = {}
    for part in PARTS:
        for name, pin in held(target, part).items():
            assert versions.setdefault(name, pin.version) == pin.version, f"{name} in {part}.txt"


@pytest.mark.parametrize("part", PARTS)
def test_every_package_has_the_sha256_of_its_files(part: str) -> None:
    assert pins(part)
    for pin in pins(part):
        assert pin.hashes, f"{pin.requirement} has no hash"
        assert [each for each in pin.hashes if not re.fullmatch(r"sha256:[0-9a-f]{64}", each)] == []


@pytest.mark.parametrize("part", PARTS)
def test_no_index_is_named(part: str) -> None:
    """Where the files come from is up to whoever installs."""
    _, *lines = (LOCK / f"{part}.txt").read_text().splitlines()
    entry = re.compile(r"[a-z0-9-]+==[^\s:/@]+( ; [^:/@#]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not entry.fullmatch(line)] == []


Run = Callable[..., subprocess.CompletedProcess[str]]
WRONG = "0" * 64


@pytest.fixture
def pip_locked(tmp_path: Path) -> Run:
    """``scripts/pip-locked`` downloads a package from a folder; its file has the given hash in the lock."""
    script = tmp_path / "scripts" / "pip-locked"
    (script.parent / "lock.d").mkdir(parents=True)
    shutil.copy(PROJECT / "scripts" / "pip-locked", script)
    with zipfile.ZipFile(tmp_path / "small-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("small-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: small\nVersion: 1.0\n")
        wheel.writestr("small-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("small-1.0.dist-info/RECORD", "")

    def run(
        digest: str | None, python: Path | str = sys.executable, part: str = "base"
    ) -> subprocess.CompletedProcess[str]:
        digest = digest or hashlib.sha256((tmp_path / "small-1.0-py3-none-any.whl").read_bytes()).hexdigest()
        lock = f"# A comment.\nsmall==1.0 ; sys_platform == 'linux' \\\n    --hash=sha256:{digest}\n"
        (script.parent / "lock.d" / "base.txt").write_text(lock)
        words = [script, python, "download", part, "-q", "--no-index", "--find-links", tmp_path, "-d", tmp_path / "got"]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    return run


def test_a_file_with_another_hash_is_refused(pip_locked: Run, tmp_path: Path) -> None:
    refused = pip_locked(WRONG)
    assert refused.returncode != 0
    assert WRONG in refused.stderr
    assert not list(tmp_path.glob("got/*"))
    assert pip_locked(None).returncode == 0
    assert list(tmp_path.glob("got/small-*"))


def test_a_32_bit_python_gets_the_versions_without_the_hashes(pip_locked: Run, tmp_path: Path) -> None:
    narrow = tmp_path / "python"
    narrow.write_text(f'#!/bin/sh\ncase "$*" in *maxsize*) ;; *) exec {sys.executable} "$@" ;; esac\n')
    narrow.chmod(0o755)
    taken = pip_locked(WRONG, narrow)
    assert taken.returncode == 0, taken.stderr
    assert "32 bits" in taken.stderr
    assert list(tmp_path.glob("got/small-*"))


def test_a_part_that_is_not_locked_is_refused(pip_locked: Run) -> None:
    refused = pip_locked(None, part="base,more")
    assert refused.returncode == 64
    assert "more.txt; expected one of: base.txt" in refused.stderr
