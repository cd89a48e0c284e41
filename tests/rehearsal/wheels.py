"""Wheels for another machine than this one, fetched with this one's pip."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement

from tests.rehearsal.cache import PROJECT, kept, say


class Target(NamedTuple):
    """For what a wheel is: CPython ``python`` ("3.13"), glibc 2.``glibc``, and the processor as uname calls it."""

    python: str
    glibc: int
    machine: str = "x86_64"


def needed(target: Target, *extras: str) -> list[str]:
    """What pyproject.toml asks for on such a machine, with these extras."""
    project = _pyproject()["project"]
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    # This pip would judge the markers by the machine that it runs on.
    there = {"python_version": target.python, "platform_machine": target.machine}
    lines = map(Requirement, [*project["dependencies"], *optional])
    return [str(line).partition(";")[0] for line in lines if not line.marker or line.marker.evaluate(there)]


def needed_to_build() -> list[str]:
    """What building the package takes, and an environment to do it in."""
    return [*_pyproject()["build-system"]["requires"], "editables", "pip", "wheel"]


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())


def wheels(name: str, requirements: list[str], target: Target, *options: str) -> Path:
    """A folder of wheels, fetched once; options: pip's."""
    recipe = "\n".join([*requirements, *map(str, target), *options])
    python, glibc, machine = target

    def make(folder: Path) -> None:
        say(f"fetching the Python packages for CPython {python} on {machine}")
        platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in range(5, glibc + 1)]
        platforms += [f"--platform=manylinux2014_{machine}", f"--platform=linux_{machine}"]
        what = ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}", *platforms, *requirements]
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", *options, "--dest"]
        folder.mkdir(exist_ok=True)
        subprocess.run([*pip, folder, *what], check=True)

    return kept(f"wheels-{name}", recipe, make)
