"""Recordings of poses: gzip with a header on the first line, then one ``poses`` message a line (docs/replay.md)."""

import gzip
import json
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from edge import __version__, wire
from edge.config.settings import PublishSettings
from edge.errors import BadLine, BadRecording, NoSource, OutputFailed, UsageError
from edge.report.messages.message import as_json
from edge.report.messages.poses import poses_payload
from edge.report.messages.quantize import quantize
from edge.strict_json import parse
from edge.tools.play.poses_reader import read_poses

FORMAT = "posenet-edge recording"
VERSION = 1
MODES = ("multi", "single")
_EVERYTHING = PublishSettings(min_pose_score=0.0)


class Header(NamedTuple):
    """First line of a recording."""

    device: str
    mode: str
    """Value of ``decode.mode``."""


class Writer:
    """Writer of a recording; its file is created with the first frame, and other users cannot read it."""

    def __init__(self, path: Path, device: str, force: bool) -> None:
        """Check that the file can be written.

        Args:
            path: The file.
            device: Id of the recorded sensor.
            force: Overwrite an existing file.

        Raises:
            UsageError: The file exists.
            OutputFailed: The folder is not writable.
        """
        if path.exists() and not force:
            raise UsageError(f"{path} exists already; expected a new file, or --force to overwrite it")
        if not os.access(path.parent, os.W_OK):
            raise OutputFailed(f"{path}: {path.parent} is not writable; expected a folder that this user may write to")
        self._path = path
        self._device = device
        self._flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
        self._file: gzip.GzipFile | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._explained():
            self._open.close()

    def write(self, frame: wire.FrameLine, mode: str) -> None:
        """Append a frame with positions in px.

        Raises:
            OutputFailed: The file cannot be written.
        """
        frame = quantize(frame)
        with self._explained():
            file = self._file or self._begin(frame, mode)
            file.write(as_json(poses_payload(frame, mode, _EVERYTHING)) + b"\n")

    def flush(self) -> None:
        """Make all frames written so far readable, even if this process is killed.

        Raises:
            OutputFailed: The file cannot be written.
        """
        with self._explained():
            if self._file:
                self._file.flush()

    def _begin(self, frame: wire.FrameLine, mode: str) -> gzip.GzipFile:
        raw = self._open.enter_context(os.fdopen(os.open(self._path, self._flags, 0o600), "wb"))
        self._file = self._open.enter_context(gzip.GzipFile("", "wb", fileobj=raw))
        header = {
            "format": FORMAT,
            "version": VERSION,
            "device": self._device,
            "software": __version__,
            "time": frame.time,
            "image": {"width": frame.width, "height": frame.height},
            "mode": mode,
            "positions": "pixels",
        }
        self._file.write(as_json(header) + b"\n")
        return self._file

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputFailed(
                f"{self._path}: {error.strerror or error}; what was recorded before can be read"
            ) from error


class Recording:
    """Reader of a recording."""

    def __init__(self, path: Path) -> None:
        """Open the file and read the header.

        Raises:
            NoSource: The file cannot be opened.
            BadRecording: It does not begin with a header.
        """
        self._path = path
        try:
            self._file = gzip.GzipFile(path, "rb")
        except OSError as error:
            raise NoSource(f"{path}: {error.strerror or error}; expected a recording of posenet-edge record") from error
        self._line = 0
        self.header = self._header(self._next())

    def frames(self) -> Iterator[wire.FrameLine]:
        """Read the frames.

        Yields:
            Each frame, with ``monotonic`` in s from the first.

        Raises:
            BadRecording: A line is damaged, or its time is before that of the one above.
        """
        first = last = None
        while line := self._next():
            try:
                frame, _ = read_poses(line)
            except BadLine as error:
                raise self._bad(f"line {self._line}: {error}; expected a poses message") from error
            if first is None or last is None:
                first = last = frame.time
            if frame.time < last:
                raise self._bad(
                    f"line {self._line}: its time {frame.time:.3f} is before that of the line above, {last:.3f}; "
                    "expected times that never go backwards"
                )
            last = frame.time
            yield replace(frame, monotonic=last - first)

    def _next(self) -> bytes:
        """Read the next line; empty at the end."""
        self._line += 1
        try:
            line = self._file.readline(wire.MAX_LINE_BYTES)
        except EOFError as error:
            raise self._bad(f"cut off in or after line {self._line - 1}; expected the end of a gzip file") from error
        except (OSError, zlib.error) as error:
            raise self._bad(f"line {self._line}: cannot be unpacked ({error}); expected a gzip file") from error
        if line and not line.endswith(b"\n"):
            cut = "longer than any message" if len(line) == wire.MAX_LINE_BYTES else "cut off"
            raise self._bad(f"line {self._line}: {cut}; expected a whole line")
        return line

    def _header(self, line: bytes) -> Header:
        try:
            said: Any = parse(line)
        except BadLine:
            said = None
        if type(said) is not dict or said.get("format") != FORMAT:
            raise self._bad(f'line 1: no header; expected {{"format": "{FORMAT}", ...}}')
        version, device, mode = said.get("version"), said.get("device"), said.get("mode")
        if type(version) is not int or version != VERSION:
            raise self._bad(f"line 1: version {json.dumps(version)[:20]} of the format; expected version {VERSION}")
        if type(device) is not str or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", device) or mode not in MODES:
            raise self._bad(f"line 1: the header has no device and mode; expected an id, and one of {', '.join(MODES)}")
        return Header(device, mode)

    def _bad(self, what: str) -> BadRecording:
        return BadRecording(f"{self._path}: {what}")
