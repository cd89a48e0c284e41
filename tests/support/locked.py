"""What ``scripts/lock.d`` holds for one kind of machine, and pip's downloads of that for other machines than this one.

``python -m tests.support.locked``, which ``scripts/lock`` calls, fetches all of it for each supported machine.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement

PROJECT = Path(__file__).parent.parent.parent
LOCK = Path(os.environ.get("POSENET_EDGE_LOCK") or PROJECT / "scripts" / "lock.d")


class Target(NamedTuple):
    """A kind of machine: CPython ``python`` ("3.13"), glibc 2.``glibc``, and the processor as uname calls it."""

    python: str
    glibc: int
    machine: str = "x86_64"

    def __str__(self) -> str:
        return f"CPython {self.python} on {self.machine} with glibc 2.{self.glibc}"

    @property
    def platforms(self) -> list[str]:
        """The kinds of wheels that it takes."""
        names = [f"manylinux_2_{minor}_{self.machine}" for minor in range(5, self.glibc + 1)]
        return [*names, f"manylinux2014_{self.machine}", f"linux_{self.machine}"]

    def wants(self, requirement: Requirement) -> bool:
        """Evaluate the requirement's marker for this machine; pip can do that only for the one it runs on."""
        there = {
            "implementation_name": "cpython",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }
        return requirement.marker is None or requirement.marker.evaluate(there)


# The C libraries are those of Debian 12, Ubuntu 24.04 and Debian 13; Raspberry Pi OS has Debian's.
TARGETS = [
    Target(python, glibc, machine)
    for python, glibc in (("3.11", 36), ("3.12", 39), ("3.13", 41))
    for machine in ("x86_64", "aarch64")
]


class Pin(NamedTuple):
    """One version of one package, and the SHA-256 of each of its files."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def version(self) -> str:
        (only,) = self.requirement.specifier
        assert only.operator == "==", f"found {self.requirement}, expected =="
        return only.version

    def __str__(self) -> str:
        """The line of a requirements file, for a machine that wants it."""
        return " ".join([f"{self.requirement.name}=={self.version}", *(f"--hash={each}" for each in self.hashes)])


def pins(part: str, lock: Path = LOCK) -> list[Pin]:
    """All that a part of the lock holds."""
    lines = (lock / f"{part}.txt").read_text().replace("\\\n", " ").splitlines()
    return [_pin(line) for line in lines if line and not line.startswith("#")]


def _pin(line: str) -> Pin:
    requirement, *hashes = line.split("--hash=")
    return Pin(Requirement(requirement), tuple(each.strip() for each in hashes))


def locked(target: Target, *parts: str, lock: Path = LOCK) -> list[str]:
    """Lines of a requirements file: what these parts of a lock hold for such a machine."""
    return list(dict.fromkeys(str(pin) for part in parts for pin in pins(part, lock) if target.wants(pin.requirement)))


def asked() -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for, by the part of the lock that answers it."""
    pyproject: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    project = pyproject["project"]
    # The extra pi is picamera2, which is the system's.
    extras = {name: lines for name, lines in project["optional-dependencies"].items() if name != "pi"}
    parts = {"base": project["dependencies"], **extras, "backend": pyproject["build-system"]["requires"]}
    return {part: [Requirement(line) for line in lines] for part, lines in parts.items()}


def download(lines: list[str], target: Target, folder: Path) -> None:
    """Fetch wheels for such a machine; where the lines have hashes, pip compares them."""
    platforms = [f"--platform={name}" for name in target.platforms]
    which = ["--no-deps", "--only-binary=:all:", "--implementation=cp", f"--python-version={target.python}", *platforms]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines))
        file.flush()
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", *which]
        subprocess.run([*pip, "--dest", folder, "-r", file.name], check=True)


def main() -> int:
    """Fetch for each machine all that is locked for it; 1 where that fails."""
    for target in TARGETS:
        lines = locked(target, *asked())
        print(f"lock: fetching {len(lines)} packages for {target}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                download(lines, target, Path(folder))
            except subprocess.CalledProcessError:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
