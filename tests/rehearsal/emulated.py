"""A Raspberry Pi's Python with its packages, run by qemu: Debian's files and the wheels unpacked, nothing booted."""

import os
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

from edge.tools.install.build import PARTS
from tests.rehearsal.cache import kept
from tests.rehearsal.debian import unpacked_root
from tests.rehearsal.wheels import wheels
from tests.support.locked import Target, locked


class Pi(NamedTuple):
    """A board and the system on it; ``architecture`` as Debian calls it, ``cpu`` as qemu does, ``part`` as Linux."""

    suite: str
    architecture: str
    target: Target
    cpu: str
    part: str

    def __str__(self) -> str:
        return f"{self.suite}-{self.architecture}"

    def run(self, sites: list[Path], *words: str) -> str:
        """What its Python says, with the packages in these folders and the system's."""
        root = self.root()
        qemu = "qemu-arm-static" if self.architecture == "armhf" else "qemu-aarch64-static"
        python = [qemu, "-cpu", self.cpu, "-L", str(root), f"{root}/usr/bin/python{self.target.python}", "-P"]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(map(str, sites))}
        ran = subprocess.run([*python, *words], env=environment, capture_output=True, text=True, timeout=_HANGS_AFTER)
        assert ran.returncode == 0, f"status {ran.returncode}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def root(self) -> Path:
        """Its system, unpacked."""
        return unpacked_root(self.suite, self.architecture, _PACKAGES, {"proc/cpuinfo": self._cpuinfo()})

    def wheels(self) -> Path:
        """All that ``scripts/install`` fetches there."""
        return wheels(str(self), locked(self.target, *PARTS), self.target)

    def site(self) -> Path:
        """All that, unpacked."""
        return _unpack(str(self), self.wheels())

    def site_of(self, requirement: str) -> Path:
        """One package, and nothing of what it depends on."""
        name = f"{self}-{requirement.partition('=')[0]}"
        return _unpack(name, wheels(name, [requirement], self.target))

    def _cpuinfo(self) -> str:
        """What the kernel says of the processor: the runtime chooses its code by this, and on an x86's it crashes."""
        version = 7 if self.architecture == "armhf" else 8
        core = (
            f"processor\t: {{}}\nCPU implementer\t: 0x41\nCPU architecture: {version}\n"
            f"CPU variant\t: 0x0\nCPU part\t: {self.part}\nCPU revision\t: 3\n"
        )
        return "\n".join(core.format(number) for number in range(4))


_HANGS_AFTER = 300.0
"""Seconds; under ten are usual."""

# numpy is there too, as on a Raspberry Pi, where Picamera2 depends on it; the locked one goes before it.
_PACKAGES = ["python3", "python3-numpy", "libstdc++6", "zlib1g"]


PI_2 = Pi("bookworm", "armhf", Target("3.11", 36, "armv7l"), "cortex-a7", "0xc07")
PI_4 = Pi("bookworm", "arm64", Target("3.11", 36, "aarch64"), "cortex-a72", "0xd08")
PI_5 = Pi("trixie", "arm64", Target("3.13", 41, "aarch64"), "cortex-a76", "0xd0b")


def _unpack(name: str, fetched: Path) -> Path:
    def make(folder: Path) -> None:
        for wheel in fetched.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)

    return kept(f"site-{name}", fetched.name, make)
