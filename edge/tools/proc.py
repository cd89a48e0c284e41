"""Read a process from outside, in ``/proc/PID``.

Source: proc(5), Documentation/filesystems/proc.rst.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from edge.sense.sandbox.probe_process import read_core_limit, read_status, read_threads


class Descriptor(NamedTuple):
    """An open file descriptor."""

    number: int
    name: str
    """Name that the kernel gives it."""
    flags: int
    mode: int
    """Mode from stat(2), where ``device`` comes from too; 0 if it is no file."""
    device: int

    @property
    def writes(self) -> bool:
        """True if it is open for writing."""
        return self.flags & os.O_ACCMODE != os.O_RDONLY

    @property
    def inherited(self) -> bool:
        """True if it outlives the start of another program, as whatever was handed in does."""
        return not self.flags & os.O_CLOEXEC


class Mapping(NamedTuple):
    """One line of ``maps``."""

    rights: str
    """Such as ``rw-s``."""
    name: str
    """Empty for plain memory."""


class Mount(NamedTuple):
    """One line of ``mounts``."""

    device: str
    point: str
    kind: str
    options: frozenset[str]

    @property
    def size(self) -> int:
        """Bytes of a tmpfs; 0 if it has no limit, and of all others."""
        text = next((option[5:] for option in self.options if option.startswith("size=")), "0")
        unit = {"k": 1024, "m": 1024**2, "g": 1024**3}.get(text[-1:].lower())
        return int(text[:-1]) * unit if unit else int(text)


def read_mounts(text: str) -> list[Mount]:
    """Read a file ``mounts`` of proc(5), in order; of two mounts at one point the last is seen."""
    found = []
    for line in text.splitlines():
        device, point, kind, options = line.split()[:4]
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point)
        found.append(Mount(device, point, kind, frozenset(options.split(","))))
    return found


@dataclass(frozen=True)
class Process:
    """A process by its number and its folder in proc."""

    pid: int
    folder: Path

    def threads(self) -> list[dict[str, str]]:
        """Read the status of each thread."""
        return read_threads(self.folder)

    def status(self) -> dict[str, str]:
        """Read ``status``, by field."""
        return read_status(self.folder)

    def users(self) -> list[int]:
        """Read the real, effective, saved and file-system user."""
        return [int(word) for word in self.status()["Uid"].split()]

    def groups(self) -> set[int]:
        """Read its groups, the main ones and all others."""
        status = self.status()
        return {int(word) for word in (status["Gid"] + " " + status.get("Groups", "")).split()}

    def namespace(self, kind: str) -> str:
        """Read the identity of a namespace, such as ``net:[4026531840]``."""
        return str((self.folder / "ns" / kind).readlink())

    def command(self) -> list[str]:
        """Read the words of its command line."""
        return (self.folder / "cmdline").read_text().split("\0")[:-1]

    def environment(self) -> dict[str, str]:
        """Read the variables it was started with."""
        text = (self.folder / "environ").read_bytes().decode(errors="replace")
        return {name: value for name, _, value in (entry.partition("=") for entry in text.split("\0")) if name}

    def descriptors(self) -> list[Descriptor]:
        """List the open descriptors; one that is closed meanwhile is left out."""
        found = []
        for path in sorted((self.folder / "fd").iterdir(), key=lambda path: int(path.name)):
            try:
                name = str(path.readlink())
                about = path.stat() if name.startswith("/") else None
                flags = _octal(self.folder / "fdinfo" / path.name)
            except FileNotFoundError:
                continue
            mode, device = (about.st_mode, about.st_rdev) if about else (0, 0)
            found.append(Descriptor(int(path.name), name, flags, mode, device))
        return found

    def mappings(self) -> list[Mapping]:
        """Read what is mapped into its memory."""
        lines = (line.split(None, 5) for line in (self.folder / "maps").read_text().splitlines())
        return [Mapping(words[1], words[5] if len(words) > 5 else "") for words in lines]

    def mounts(self) -> list[Mount]:
        """Read its mounts, in order."""
        return read_mounts((self.folder / "mounts").read_text())

    def core_limit(self) -> list[str]:
        """Read the soft and the hard limit of core dumps."""
        return read_core_limit(self.folder)

    def is_dumpable(self) -> bool:
        """Tell whether its memory may be dumped; where it may not, the kernel gives the process' files to root."""
        return (self.folder / "environ").stat().st_uid == self.users()[1]


def is_node(descriptor: Descriptor) -> bool:
    """Tell whether a descriptor is a device."""
    return stat.S_ISCHR(descriptor.mode) or stat.S_ISBLK(descriptor.mode)


def _octal(info: Path) -> int:
    match = re.search(r"^flags:\s*([0-7]+)", info.read_text(), flags=re.MULTILINE)
    return int(match[1], 8) if match else os.O_RDWR
