"""The wheels that go into the package: each file is the locked one, and one for its machine."""

import hashlib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from edge.errors import Unavailable
from tests.support.locked import Pin, Target


def collect(pins: Iterable[Pin], target: Target, folder: Path) -> list[Path]:
    """Find the file of each locked package in a folder that may hold others too.

    Args:
        pins: What the target needs.
        target: Where it is installed.
        folder: Where the wheels are.

    Returns:
        One file for each package.

    Raises:
        Unavailable: One is not there, or is another file than the locked one.
    """
    version = tuple(int(number) for number in target.python.split("."))
    tags = set(
        chain(
            cpython_tags(version, platforms=target.platforms),
            compatible_tags(version, f"cp{version[0]}{version[1]}", target.platforms),
        )
    )
    fitting: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.whl")):
        name, number, _, its = parse_wheel_filename(file.name)
        if not tags.isdisjoint(its):
            fitting.setdefault(f"{name}=={number}", []).append(file)
    return [_only(pin, fitting, target, folder) for pin in pins]


def _only(pin: Pin, fitting: dict[str, list[Path]], target: Target, folder: Path) -> Path:
    wanted = f"{canonicalize_name(pin.requirement.name)}=={pin.version}"
    for file in fitting.get(wanted, []):
        if f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" in pin.hashes:
            return file
    found = f"found {fitting[wanted][0].name} with another sha256" if wanted in fitting else "found none"
    raise Unavailable(f"{folder}: {found}; expected the locked {wanted} for {target}")
