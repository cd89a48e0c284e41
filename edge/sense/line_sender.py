"""Where lines leave the sensing room: a UNIX socket that nobody waits for, or a pipe for people."""

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edge.errors import OutputFailed
from edge.wire import WORDS_DOWN

_SEND_BUFFER = 65536
_CONNECT_EVERY = 0.25
_LONGEST_HEARD = 64


class LineSender(Protocol):
    """Takes lines; ``dropped`` counts those that could not leave."""

    dropped: int

    def send(self, line: bytes) -> bool: ...

    def listen(self) -> str: ...

    def close(self) -> None: ...


class SocketLineSender:
    """Lines into the UNIX stream socket at ``path``; one that cannot leave at once is dropped and counted.

    The kernel may take only the beginning of a line. Its rest is kept and goes first next time, since a line that
    was begun must be finished before another.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._socket: socket.socket | None = None
        self._rest = self._heard = b""
        self._word = ""
        self._tried_at = -_CONNECT_EVERY
        self.dropped = 0

    def send(self, line: bytes) -> bool:
        """True if the line left (or its rest will leave before any other)."""
        if self._connected() and self._flush() and self._push(line):
            return True
        self.dropped += 1
        return False

    def listen(self) -> str:
        """The last of ``edge.wire.WORDS_DOWN`` that was heard, on this connection or an earlier one; empty: none."""
        if self._connected() and self._socket:
            try:
                heard = self._socket.recv(_LONGEST_HEARD)
            except BlockingIOError:
                return self._word
            except OSError:
                heard = b""
            if not heard:
                self.close()
            *lines, self._heard = (self._heard + heard).split(b"\n")
            self._heard = self._heard[-_LONGEST_HEARD:]
            # Whatever else is said means nothing here.
            for line in lines:
                self._word = next((word for word in WORDS_DOWN if word.encode() == line), self._word)
        return self._word

    def close(self) -> None:
        """Hangs up."""
        if self._socket:
            self._socket.close()
        self._socket = None
        self._rest = self._heard = b""

    def _connected(self) -> bool:
        if self._socket is None and self._clock() - self._tried_at >= _CONNECT_EVERY:
            self._tried_at = self._clock()
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            try:
                connection.connect(str(self._path))
            except OSError:  # not there yet, not allowed yet, or its queue is full: all of that may pass
                connection.close()
            else:
                self._socket = connection
        return self._socket is not None

    def _flush(self) -> bool:
        return not self._rest or (self._push(b"") and not self._rest)

    def _push(self, line: bytes) -> bool:
        """Writes the rest and ``line``; False if not a byte of it was taken or the other side is gone."""
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
    """Lines to standard output, for a pipe: here the reader sets the pace and nothing is dropped."""

    def __init__(self) -> None:
        self.dropped = 0

    def send(self, line: bytes) -> bool:
        """Writes the line; raises BrokenPipeError when the reader is gone, OutputFailed when nothing can be written."""
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputFailed(f"standard output: {error.strerror}; no more lines can be written") from error
        return True

    def listen(self) -> str:
        """Nobody speaks through a pipe: whoever reads from it wants to see."""
        return "resume"

    def close(self) -> None:
        """Nothing to do: standard output is not ours."""
