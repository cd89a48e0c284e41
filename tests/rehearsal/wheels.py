"""Wheels for another machine than this one, fetched with this one's pip."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.rehearsal.cache import PROJECT, kept, say


def needed(*extras: str) -> list[str]:
    """What pyproject.toml asks for, with these extras and what building the package takes."""
    about = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    project, build = about["project"], about["build-system"]
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [*project["dependencies"], *optional, *build["requires"], "editables", "pip", "wheel"]


def wheels(name: str, requirements: list[str], python: str, glibc: int, machine: str = "x86_64") -> Path:
    """A folder of wheels for CPython ``python`` ("3.13") on a Linux with glibc 2.``glibc``; fetched once."""
    recipe = "\n".join([*requirements, python, str(glibc), machine])

    def make(folder: Path) -> None:
        say(f"fetching the Python packages for CPython {python} on {machine}")
        platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in range(5, glibc + 1)]
        platforms += [f"--platform=manylinux2014_{machine}", f"--platform=linux_{machine}"]
        what = ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}", *platforms, *requirements]
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--dest"]
        folder.mkdir(exist_ok=True)
        subprocess.run([*pip, folder, *what], check=True)

    return kept(f"wheels-{name}", recipe, make)
