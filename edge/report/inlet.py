"""Where lines enter the reporting room: a UNIX socket that listens, for one sender at a time."""

import selectors
import socket
from pathlib import Path

from edge.errors import OutputFailed
from edge.wire import MAX_LINE_BYTES

_CHUNK = 65536
_BACKLOG = 4


class Inlet:
    """Listens on the UNIX stream socket at ``path``; a new sender replaces the last one.

    The last one may be a process that was killed or that hangs, and its successor must not wait for that to show.
    """

    def __init__(self, path: Path) -> None:
        """Raises OutputFailed where the socket cannot be made."""
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)
            self._listener.bind(str(path))
            path.chmod(0o600)
            self._listener.listen(_BACKLOG)
        except OSError as error:
            self._listener.close()
            raise OutputFailed(f"socket {path}: {error.strerror or error}; expected a folder to make it in") from error
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._sender: socket.socket | None = None
        self._lines = LineBuffer()

    def poll(self, timeout: float) -> list[bytes]:
        """Lines that arrived, waiting up to ``timeout`` s for the first; without their newlines."""
        ready = [key.fileobj for key, _ in self._selector.select(timeout)]
        lines: list[bytes] = []
        if self._sender in ready:
            lines = self._receive()
        if self._listener in ready:
            self._accept()
        return lines

    def close(self) -> None:
        """Hangs up and takes the socket away."""
        self._hang_up()
        self._selector.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        self._hang_up()
        self._sender, _ = self._listener.accept()
        self._sender.setblocking(False)
        self._selector.register(self._sender, selectors.EVENT_READ)

    def _receive(self) -> list[bytes]:
        assert self._sender
        try:
            data = self._sender.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return self._lines.feed(data)

    def _hang_up(self) -> None:
        if self._sender:
            self._selector.unregister(self._sender)
            self._sender.close()
        self._sender = None
        self._lines = LineBuffer()


class LineBuffer:
    """Cuts a stream of bytes into lines and never holds more than one line's worth of it."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that ``data`` completes; of an over-long one just enough to be refused for it, once."""
        *complete, rest = data.split(b"\n")
        lines = []
        for piece in complete:
            line = self._rest + piece
            self._rest = b""
            if not self._skipping:
                lines.append(line[: MAX_LINE_BYTES + 1])
            self._skipping = False
        if not self._skipping:
            self._rest += rest
        if len(self._rest) > MAX_LINE_BYTES:
            lines.append(self._rest[: MAX_LINE_BYTES + 1])
            self._rest = b""
            self._skipping = True
        return lines
