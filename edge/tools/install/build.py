"""All of one version in its folder: its own Python packages, its documents, and the source to make it again from."""

import shutil
from pathlib import Path

from edge.errors import Unavailable
from edge.tools.install.commands import Failed, Run

PYTHON = "/usr/bin/python3"
SOURCE = ("edge", "models", "systemd", "scripts", "share", "examples", "docs")
PAGES = ("README.md", "LICENSE", "NOTICE", "pyproject.toml")
"""Folders and files of a checkout that are installed."""
PARTS = ("base", "video", "view")
"""Files of scripts/lock.d whose packages are installed."""


def build(folder: Path, project: Path, wheelhouse: Path | None, run: Run) -> None:
    """Fill the empty folder of a version.

    Args:
        folder: Of this version.
        project: The checkout.
        wheelhouse: Where all packages are; None: on the internet.
        run: Runs commands.

    Raises:
        Unavailable: A package cannot be had.
    """
    source, share, venv = folder / "source", folder / "share", folder / "venv"
    for name in SOURCE:
        shutil.copytree(project / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    share.mkdir()
    for name in PAGES:
        shutil.copy(project / name, source)
    for name in ("LICENSE", "NOTICE", "examples/posenet-edge.toml"):
        shutil.copy(source / name, share)
    for page in source.glob("docs/*.md"):
        shutil.copy(page, share)
    site = ["--system-site-packages"] if has(run, "picamera2") else []
    run([PYTHON, "-m", "venv", *site, str(venv)], {})
    _install(source, str(venv / "bin/python"), wheelhouse, run)


def has(run: Run, module: str) -> bool:
    """Tell whether the system's Python has a module."""
    try:
        run([PYTHON, "-c", f"import {module}"], {})
    except Unavailable:
        return False
    return True


def _install(source: Path, python: str, wheelhouse: Path | None, run: Run) -> None:
    locked = [str(source / "scripts/pip-locked"), python, "install"]
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "-q", "--no-deps"]
    offline = ["--no-index", "--find-links", str(wheelhouse)] if wheelhouse else []
    try:
        run([*locked, ",".join(PARTS), "-q", *offline], {})
        if wheelhouse:
            # The package comes as a wheel too: building it would need the internet.
            run([*pip, *offline, "posenet-edge"], {})
        else:
            # What builds the package is locked too, and is not left in the product.
            backend = source / ".backend"
            run([*locked, "backend", "-q", "--target", str(backend)], {})
            run([*pip, "--no-build-isolation", str(source)], {"PYTHONPATH": str(backend)})
            shutil.rmtree(backend)
    except Failed as error:
        remedy = (
            f"{wheelhouse} does not hold what this checkout locks; make it anew with its scripts/wheelhouse"
            if wheelhouse
            else "is there a way to the internet? If not: scripts/wheelhouse on another machine, then --wheelhouse"
        )
        raise Unavailable(f"the Python packages cannot be had: {error}; {remedy}") from error
