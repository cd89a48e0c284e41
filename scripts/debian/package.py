"""The package as a tree of files, and ``dpkg-deb`` on it.

What is in it lies below ``/usr/lib/posenet-edge``: the source with ``scripts/install``, and a wheelhouse. The scripts
beside this file are dpkg's; ``postinst`` runs the installer, which makes everything else.
"""

import email.utils
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from edge.errors import Unavailable
from edge.tools.install.build import PAGES, SOURCE
from tests.support.locked import Target

RELEASES = {"12": Target("3.11", 36), "13": Target("3.13", 41)}
"""What Debian's releases are; Raspberry Pi OS has the same."""
_HERE = Path(__file__).parent
_LEFT_OUT = ("scripts/deb", "scripts/debian", "scripts/machine", "scripts/qemu")
"""What builds and tries packages is no part of one."""
_SCRIPTS = ("config", "preinst", "postinst", "prerm", "postrm")
_MAINTAINER = "posenet-edge <noreply@posenet-edge.invalid>"
_CONTROL = """\
Package: posenet-edge
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: python3-picamera2
Section: misc
Priority: optional
Description: pose sensor: a camera's picture in, poses over MQTT out, never a picture
 A sensor for a Raspberry Pi, or any machine with a camera. It finds the joints
 of the people in view, derives what they do, and publishes both as JSON over
 MQTT. Pictures are never stored and never leave the device.
 .
 The Python packages that it needs are inside, in the locked versions, so that
 it installs without internet.
"""
_CHANGELOG = """\
posenet-edge ({version}) stable; urgency=medium

  * Version {project_version}; what changed stands in CHANGELOG.md of the project.

 -- {maintainer}  {date}
"""
_COPYRIGHT = """\
{notice}
Licensed under the Apache License, Version 2.0; on Debian systems its text is in /usr/share/common-licenses/Apache-2.0.
Each Python package in /usr/lib/posenet-edge/wheels holds its own licence.
"""
_OVERRIDES = """\
# The system's Python, and no other that PATH might lead to: the product's environment is made from it.
posenet-edge: command-with-path-in-maintainer-script /usr/bin/python3 *
"""


def debian_version(version: str, debian: str) -> str:
    """Write a version of Python as one of Debian: what comes before a release sorts before it."""
    early = re.sub(r"[.-]?(a|b|rc|dev)(?=[0-9])", r"~\1", version)
    return f"{early}+deb{debian}"


def build(out: Path, project: Path, wheels: Iterable[Path], architecture: str, debian: str) -> Path:
    """Build the package of a checkout.

    Args:
        out: The folder for it.
        project: The checkout; what git ignores stays out.
        wheels: All Python packages that it needs.
        architecture: As Debian calls it.
        debian: The release.

    Returns:
        The package.

    Raises:
        Unavailable: The checkout is none, or cannot be built.
    """
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        home, doc = tree / "usr/lib/posenet-edge", tree / "usr/share/doc/posenet-edge"
        copy_source(project, home / "source")
        (home / "wheels").mkdir()
        for wheel in wheels:
            shutil.copy(wheel, home / "wheels")
        epoch = _epoch(project)
        _build_wheel(project, home / "wheels", epoch)
        project_version = _version(project)
        about = {
            "version": debian_version(project_version, debian),
            "project_version": project_version,
            "architecture": architecture,
            "maintainer": _MAINTAINER,
            "depends": _depends(debian),
            "date": email.utils.formatdate(epoch),
            "notice": (project / "NOTICE").read_text(),
        }
        doc.mkdir(parents=True)
        (doc / "copyright").write_text(_COPYRIGHT.format(**about))
        (doc / "changelog.gz").write_bytes(gzip.compress(_CHANGELOG.format(**about).encode(), 9, mtime=0))
        _write(tree / "usr/share/lintian/overrides/posenet-edge", _OVERRIDES)
        _control(tree, about, debian)
        for path in [tree, *tree.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        out.mkdir(parents=True, exist_ok=True)
        package = out.absolute() / f"posenet-edge_{about['version']}_{architecture}.deb"
        # The wheels are compressed already. gzip is read by every dpkg, and fast.
        how = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(package)]
        subprocess.run(how, check=True, stdout=sys.stderr, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)})
    return package


def copy_source(project: Path, to: Path) -> None:
    """Copy what is installed of a checkout, without what git ignores.

    Raises:
        Unavailable: The checkout is none.
    """
    git = ["git", "-C", str(project), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    paths = [*SOURCE, *PAGES, *(f":!{path}" for path in _LEFT_OUT)]
    listed = subprocess.run([*git, *paths], capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name and (project / name).exists()]
    if listed.returncode or not names:
        raise Unavailable(f"{project}: expected a git checkout; git says: {listed.stderr.strip() or 'nothing'}")
    for name in names:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / name, to / name)


def _build_wheel(project: Path, folder: Path, epoch: int) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    words = [*pip, "--no-build-isolation", "--wheel-dir", str(folder), str(project)]
    subprocess.run(words, check=True, stdout=sys.stderr, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)})


def _version(project: Path) -> str:
    found = re.search(r'^__version__ = "([^"]+)"$', (project / "edge/__init__.py").read_text(), re.MULTILINE)
    if not found:
        raise Unavailable(f"{project}/edge/__init__.py tells no version")
    return found[1]


def _epoch(project: Path) -> int:
    """The time of the commit, so that one checkout always makes the same package."""
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(told)
    git = ["git", "-C", str(project), "log", "-1", "--format=%ct"]
    return int(subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or time.time())


def _depends(debian: str) -> str:
    python, glibc, _ = RELEASES[debian]
    major, minor = python.split(".")
    names = [
        f"python3 (>= {python}~)",
        f"python3 (<< {major}.{int(minor) + 1}~)",
        "python3-venv",
        # What the wheels are linked with.
        f"libc6 (>= 2.{glibc})",
        "libstdc++6",
        "systemd (>= 252)",
        "debconf (>= 0.5) | debconf-2.0",
    ]
    return ", ".join(names)


def _control(tree: Path, about: dict[str, str], debian: str) -> None:
    files = [path for path in sorted(tree.rglob("*")) if path.is_file()]
    size = sum(-(-path.stat().st_size // 1024) for path in files)
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files]
    control = tree / "DEBIAN"
    _write(control / "control", _CONTROL.format(**about, size=size))
    _write(control / "md5sums", "".join(sums))
    shutil.copy(_HERE / "templates", control)
    filled = {"@PYTHON@": RELEASES[debian].python, "@DEBIAN@": debian, "@VERSION@": about["project_version"]}
    for name in _SCRIPTS:
        text = re.sub("@[A-Z]+@", lambda found: filled[found[0]], (_HERE / name).read_text())
        _write(control / name, text)
        (control / name).chmod(0o755)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
