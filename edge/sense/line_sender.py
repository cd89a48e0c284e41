"""Send lines out of ``sense``: into the UNIX socket to ``report`` without blocking, or to standard output."""

import logging
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from edge.errors import OutputFailed
from edge.wire import RESUME, WORDS_DOWN

log = logging.getLogger(__name__)

_SEND_BUFFER_BYTES = 65536
_CONNECT_INTERVAL_S = 0.25
_MAX_RECEIVED = 64


class SocketLineSender:
    """Sends to the UNIX stream socket at ``path``; a line that cannot be sent at once is dropped and counted.

    The kernel may take only the beginning of a line. Its rest is kept and sent before any other line.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._socket: socket.socket | None = None
        self._rest = self._received = b""
        self._word = ""
        self._waits = False
        self._tried_at = -_CONNECT_INTERVAL_S
        self.dropped = 0

    def send(self, line: bytes) -> bool:
        """Send a line; True also if only its beginning was sent and its rest is kept."""
        if self._connected() and self._flush() and self._push(line):
            return True
        self.dropped += 1
        return False

    def listen(self) -> str:
        """Return the last of ``edge.wire.WORDS_DOWN`` that was received, also on an earlier connection; empty: none."""
        if self._connected() and self._socket:
            try:
                received = self._socket.recv(_MAX_RECEIVED)
            except BlockingIOError:
                return self._word
            except OSError:
                received = b""
            if not received:
                self.close()
            *lines, self._received = (self._received + received).split(b"\n")
            self._received = self._received[-_MAX_RECEIVED:]
            # Anything but these words is ignored.
            for line in lines:
                self._word = next((word for word in WORDS_DOWN if word.encode() == line), self._word)
        return self._word

    def close(self) -> None:
        """Disconnect; the next ``send`` or ``listen`` connects again."""
        if self._socket:
            self._socket.close()
        self._socket = None
        self._rest = self._received = b""

    def _connected(self) -> bool:
        if self._socket is None and self._clock() - self._tried_at >= _CONNECT_INTERVAL_S:
            self._tried_at = self._clock()
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
            try:
                connection.connect(str(self._path))
            except OSError as error:  # not there yet, not allowed yet, or its queue is full: all of that may pass
                connection.close()
                if not self._waits:
                    log.info(
                        "waiting for report at %s (%s); no camera is opened before it says so",
                        self._path,
                        error.strerror,
                    )
                self._waits = True
            else:
                self._socket = connection
                self._waits = False
        return self._socket is not None

    def _flush(self) -> bool:
        return not self._rest or (self._push(b"") and not self._rest)

    def _push(self, line: bytes) -> bool:
        """Write the kept rest and ``line``; False if not a byte was taken or the connection is lost."""
        assert self._socket
        data = self._rest + line
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            return False
        except OSError:
            self.close()
            return False
        self._rest = data[sent:]
        return True


class StdoutLineSender:
    """Writes to standard output; blocks while a pipe is full, and drops nothing."""

    def __init__(self) -> None:
        self.dropped = 0

    def send(self, line: bytes) -> bool:
        """Write a line.

        Returns:
            True.

        Raises:
            BrokenPipeError: The reader has closed the pipe.
            OutputFailed: Nothing can be written.
        """
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputFailed(f"standard output: {error.strerror}; no more lines can be written") from error
        return True

    def listen(self) -> str:
        """Return ``resume``: nothing can be received, and a process with a reader is to send."""
        return RESUME

    def close(self) -> None:
        """Do nothing: standard output stays open."""


LineSender = SocketLineSender | StdoutLineSender
"""``dropped`` counts lines that could not be sent."""
