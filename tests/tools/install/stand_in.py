"""A machine below a folder, with stand-ins for systemctl, pip and the product; and what is killed there."""

import argparse
import json
import os
import re
import signal
import sys
from pathlib import Path

from edge.tools.install import installer as installing
from edge.tools.install import options
from edge.tools.install.commands import Failed
from edge.tools.install.installer import Installer

SICK = "sick"
"""In a version's text: its camera gives no frames."""
UNITS = (
    "posenet-edge.target", "posenet-report.service", "posenet-sense.service", "posenet-recover.service",
    "posenet-resolver.path", "posenet-resolver.service", "posenet-view.service",
)  # fmt: skip
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "os.truncate"}


def checkout(folder: Path, version: str, *, sick: bool = False) -> Path:
    """A project as small as can be; each file tells the version."""
    text = f'__version__ = "{version}"\n# {SICK if sick else "well"}\n'
    units = [f"systemd/{unit}" for unit in UNITS]
    for name in (
        "edge/__init__.py", "models/models.toml", "scripts/pip-locked", "docs/page.md", "examples/posenet-edge.toml",
        "examples/photos/astronaut.jpg", "systemd/sysusers.conf", "systemd/tmpfiles.conf", "systemd/launcher.sh",
        "share/man/man1/posenet-edge.1", "README.md", "LICENSE", "NOTICE", "pyproject.toml", *units,
    ):  # fmt: skip
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


class Machine:
    """What runs is what ``apply`` started last."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls: list[list[str]] = []
        self.packages_can_be_had = True
        (root / "run/systemd/system").mkdir(parents=True, exist_ok=True)

    def run(self, words: list[str], _environment: dict[str, str]) -> str:
        self.calls.append(words)
        sys.audit("stand-in.run")
        line = " ".join(words)
        if "-m venv" in line:
            venv = Path(words[-1])
            package = venv / "lib/python3.11/site-packages/edge"
            package.mkdir(parents=True)
            (package / "__init__.py").write_bytes((venv.parent / "source/edge/__init__.py").read_bytes())
        elif "pip" in line and not self.packages_can_be_had:
            raise Failed(words, "", "WARNING: Retrying\nERROR: No matching distribution found for numpy\n")
        elif "--target" in words:
            Path(words[-1]).mkdir()
        elif words[-1] == "apply":
            folder = _folder(words)
            unit = self.root / "etc/systemd/system/posenet-sense.service"
            running = {"code": _text(folder), "unit": unit.read_text()}
            (self.root / "running").write_text(json.dumps(running))
        elif "doctor" in words:
            level = "bad" if SICK in _text(_folder(words)) else "good"
            checks = ("posenet-report.service", "posenet-sense.service", "camera", "seal")
            findings = [{"check": check, "level": "good", "found": "", "remedy": ""} for check in checks]
            findings[2] |= {"level": level, "found": "none that works"}
            return json.dumps({"findings": findings})
        elif "sense" in words:
            return '{"persons":[[1,0.5,[]]]}'
        elif line == "systemctl --version":
            return "systemd 252 (252.1)\n"
        return ""

    def running(self) -> str:
        """The version that runs; code and unit must be of one version."""
        told = json.loads((self.root / "running").read_text())
        assert told["code"] == told["unit"]
        return _version(told["code"])

    def installed(self) -> str:
        """The version that would run after a boot; its files must be of one version, and no journal left."""
        assert not (self.root / "opt/posenet-edge/upgrade.json").exists()
        files = [self.root / "etc/systemd/system" / unit for unit in UNITS[:3]]
        files.append(self.root / "usr/share/man/man1/posenet-edge.1")
        texts = {file.read_text() for file in files if file.exists()}
        found = Installer(self.run, self.root).installed
        assert {_version(text) for text in texts} == ({found} if found else set())
        return found


def install(
    root: Path, project: Path, words: tuple[str, ...] = (), patience: float = 0.0, machine: Machine | None = None
) -> list[str]:
    """Install a checkout below a folder, as ``scripts/install`` does."""
    machine = machine or Machine(root)
    installing.__version__ = _version((project / "edge/__init__.py").read_text())
    installer = Installer(machine.run, root, patience)
    asked: argparse.Namespace = options.parse(list(words))
    with installer.alone():
        installer.recover()
        return installer.install(asked, project, installer.new_config(asked))


def recover(root: Path) -> None:
    """What a boot does."""
    installer = Installer(Machine(root).run, root)
    with installer.alone():
        installer.recover()


def killed(step: int, root: Path, project: Path | None) -> None:
    """Install, or recover without a project, and be killed before the given change of a file or command."""
    counted = 0

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal counted
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in _CHANGES or writes or event == "stand-in.run":
            counted += 1
            if counted == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)
    if project:
        install(root, project)
    else:
        recover(root)


def _folder(words: list[str]) -> Path:
    return Path(words[0]).parents[2]


def _text(folder: Path) -> str:
    (package,) = folder.glob("venv/lib/python*/site-packages/edge/__init__.py")
    return package.read_text()


def _version(text: str) -> str:
    found = re.search(r'__version__ = "(.*)"', text)
    assert found
    return found[1]
