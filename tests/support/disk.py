"""A record of what a program asks of the disk, and a disk that is full."""

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest


class Disk:
    """Records the calls that decide what survives a power cut, in order, and still makes them.

    ``calls`` may be shared: append to it what else happens.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.watch: Path | None = None
        """A file whose absence is recorded with each fsync of a folder."""
        fsync, replace = os.fsync, os.replace

        def recorded_fsync(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            absent = f" without {self.watch.name}" if self.watch and not self.watch.exists() else ""
            self.calls.append(
                f"fsync {path.name}/{absent}" if path.is_dir() else f"fsync {path.name}: {path.read_text()}"
            )
            fsync(descriptor)

        def recorded_replace(source: Path, target: Path) -> None:
            self.calls.append(f"rename {source.name} to {target.name}")
            replace(source, target)

        monkeypatch.setattr(os, "fsync", recorded_fsync)
        monkeypatch.setattr(os, "replace", recorded_replace)


def full_disk(*_: object, **__: object) -> NoReturn:
    """What any call says there."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
