"""Claims about the installed code, as each service sees the files that it was started from."""

import base64
import csv
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

from edge.tools.audit import import_walk
from edge.tools.audit.system import Service, System
from edge.tools.checks.finding import Answer, CouldNotTell, judge


def imports_nothing_foreign(_: System, service: Service) -> Answer:
    """Check that no file that a service may load imports the other service or a library of the other's side."""
    site = _site(service)
    files = import_walk.walk(site, service.short_name)
    if not files:
        raise CouldNotTell(f"no package edge in {site}")
    return judge(import_walk.breaches(site, service.short_name), f"{len(files)} files")


def is_what_was_installed(_: System, service: Service) -> Answer:
    """Check that each file is the one that pip installed, none was added, and none is newer than the process."""
    site = _site(service)
    records = sorted(site.glob("posenet_edge-*.dist-info/RECORD"))
    if len(records) != 1:
        raise CouldNotTell(f"{site} has {len(records)} records of pip for this package; expected one")
    with records[0].open(newline="") as lines:
        recorded = {row[0]: row[1] for row in csv.reader(lines) if row[0].startswith("edge/") and row[1]}
    there = {str(path.relative_to(site)): path for path in _code(site / "edge")}
    breaches = [f"{name} was added" for name in sorted(there.keys() - recorded.keys())]
    # report cannot see the models; they are no code.
    missing = [name for name in sorted(recorded.keys() - there.keys()) if name.endswith((".py", ".so"))]
    breaches += [f"{name} is missing" for name in missing]
    breaches += [
        f"{name} was changed" for name in sorted(there) if name in recorded and _hash(there[name]) != recorded[name]
    ]
    started = _started(service)
    parts = (name for name in sorted(there) if not name.startswith("edge/tools/"))
    late = [name for name in parts if there[name].stat().st_ctime > started]
    if late and not breaches:
        raise CouldNotTell(f"{late[0]} is newer than the process, which may run other code: restart {service.name}")
    return judge(breaches, f"{len(there)} files, as pip recorded them in {records[0].parent.name}")


def _site(service: Service) -> Path:
    """Find the folder of packages of a service's interpreter, through the service's own mounts."""
    assert service.main
    interpreter = Path(service.main.command()[0])
    root = service.main.folder / "root"
    sites = sorted((root / str(interpreter.parent.parent).lstrip("/")).glob("lib/python3*/site-packages"))
    if len(sites) != 1:
        raise OSError(f"{interpreter} has {len(sites)} folders of packages; expected the one of a virtual environment")
    return sites[0]


def _code(package: Path) -> Iterator[Path]:
    for path in package.rglob("*"):
        if path.suffix in (".py", ".so", ".pth") or (path.suffix == ".pyc" and path.parent.name != "__pycache__"):
            yield path


def _hash(path: Path) -> str:
    """Hash a file in the form of pip's RECORD: base64 without padding."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")


def _started(service: Service) -> float:
    """Find when the main process started, in seconds since 1970."""
    microseconds = int(service["ExecMainStartTimestampMonotonic"] or 0)
    if not microseconds:
        return time.time()
    return time.time() - time.clock_gettime(time.CLOCK_MONOTONIC) + microseconds / 1e6
