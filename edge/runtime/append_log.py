"""A file that only grows: each line has its checksum, and one that was appended is there after a power cut."""

import contextlib
import errno
import os
import zlib
from collections.abc import Iterable
from pathlib import Path

from edge.runtime import durable


class AppendLog:
    """Lines of a file; ``rewrite`` them once before the first ``append``, and again after one that failed.

    Attributes:
        path: The file. Only one process at a time may write to it.
        size: Its length, bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._descriptor: int | None = None

    def read(self) -> list[bytes | None]:
        """Read all lines.

        Returns:
            What each holds, in order; None for one that is torn or damaged, which harms no line but a neighbour that
            it has become one with. Nothing if there is no file.

        Raises:
            OSError: The file cannot be read.
        """
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return [_content(line) for line in (lines if lines[-1] else lines[:-1])]

    def append(self, content: bytes, synchronize: bool = True) -> None:
        """Add a line.

        Args:
            content: Without a line break.
            synchronize: On return it is on the disk; else it may get lost by a power cut, alone or with later ones.

        Raises:
            OSError: It is not stored, unless the disk refuses to take back what it has of it.
        """
        if self._descriptor is None:
            raise OSError(errno.EBADF, "is not open")
        line = _line(content)
        try:
            if os.write(self._descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if synchronize:
                os.fdatasync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            self.close()
            raise
        self.size += len(line)

    def rewrite(self, contents: Iterable[bytes]) -> None:
        """Replace all lines, or make the file, in one step; on return that is on the disk.

        Raises:
            OSError: It is not stored. The former lines are still there, unless only the folder could not be
                synchronized.
        """
        self.close()
        whole = b"".join(map(_line, contents))
        durable.write(self.path, whole, 0o600)
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        self.size = len(whole)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.close()


def _line(content: bytes) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(content), content)


def _content(line: bytes) -> bytes | None:
    content = line[9:]
    return content if _line(content) == line + b"\n" else None
