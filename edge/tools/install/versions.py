"""Versions side by side, and a switch from one to another that may be cut off at any moment.

Below ``/opt/posenet-edge``::

    versions/0.2.0/   all of one version: venv, share, source
    current           link to the version in force
    previous          link to the one before, which is kept
    upgrade.json      the journal: one line, there only while a switch is not yet found good

A switch writes the journal, which holds the former link and the former content of each file that is about to be
replaced; then it changes them. Removing the journal makes the switch final. Whoever finds a journal undoes the switch:
each step can be done again, and the journal goes last.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from edge.runtime import durable


class File(NamedTuple):
    """What a file holds, and its permissions."""

    content: bytes
    mode: int = 0o644


class Versions:
    """The versions below one folder. Only one process at a time may change them."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / "versions"
        self._journal = home / "upgrade.json"

    @property
    def in_force(self) -> Path:
        """The folder that the services run from; an installation of before there were versions has but one."""
        return self._home / "current" if (self._home / "current").exists() else self._home

    @property
    def switching(self) -> bool:
        """True while a switch is not final."""
        return self._journal.exists()

    @property
    def has_former(self) -> bool:
        """True if the switch that is not final was from another version."""
        return bool(json.loads(self._journal.read_bytes())["from"])

    @property
    def added(self) -> list[Path]:
        """Files that the switch made and that were not there before; undoing it removes them."""
        return [Path(name) for name, held in json.loads(self._journal.read_bytes())["files"].items() if not held]

    def make(self, version: str) -> Path:
        """Make an empty folder for a version, beside whatever is there. Nothing uses it before a switch."""
        number = 1
        while True:
            name = version if number == 1 else f"{version}-{number}"
            if not (self._folder / name).exists():
                durable.make_folder(self._folder / name)
                return self._folder / name
            number += 1

    def switch(self, to: Path, files: Mapping[Path, File]) -> None:
        """Put a version in force, and replace files with it.

        Args:
            to: Its folder, from ``make``.
            files: The new content of each file outside of it.
        """
        former = {str(path): _read(path) for path in files}
        told = {"from": self._target("current"), "to": to.name, "files": former}
        durable.make_folder(self._home)
        durable.write(self._journal, json.dumps(told).encode() + b"\n", 0o600)
        # The link first: who undoes this at a boot is found through it.
        self._point("current", to.name)
        for path, file in files.items():
            durable.make_folder(path.parent)
            durable.write(path, *file)

    def undo(self) -> None:
        """Put back what was before the switch that the journal tells of; the journal stays until ``finish``."""
        told = json.loads(self._journal.read_bytes())
        for name, held in told["files"].items():
            path = Path(name)
            if held:
                durable.write(path, held["content"].encode("latin-1"), held["mode"])
            elif path.parent.exists():
                durable.remove(path)
        if told["from"]:
            self._point("current", told["from"])
        else:
            durable.remove(self._home / "current")

    def finish(self) -> None:
        """Make final what is now, be it a switch or its undoing; of all versions keep this and the one before."""
        told = json.loads(self._journal.read_bytes())
        now = self._target("current")
        if now == told["to"] and told["from"]:
            self._point("previous", told["from"])
        durable.remove(self._journal)
        self.prune()

    def prune(self) -> None:
        """Remove versions that are neither in force nor the one before, also such as were never completed."""
        kept = {self._target("current"), self._target("previous")}
        for folder in self._folder.iterdir() if self._folder.exists() else ():
            if folder.name not in kept:
                shutil.rmtree(folder)
        if self._target("previous"):
            for name in ("venv", "share"):
                shutil.rmtree(self._home / name, ignore_errors=True)

    def _target(self, name: str) -> str:
        """Return the name of the version that a link leads to; empty if there is no link."""
        try:
            return (self._home / name).readlink().name
        except OSError:
            return ""

    def _point(self, name: str, version: str) -> None:
        unfinished = self._home / f".{name}"
        unfinished.unlink(missing_ok=True)
        unfinished.symlink_to(f"versions/{version}")
        unfinished.replace(self._home / name)
        durable.sync_folder(self._home)


def _read(path: Path) -> dict[str, str | int] | None:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o7777
            return {"content": file.read().decode("latin-1"), "mode": mode}
    except FileNotFoundError:
        return None
