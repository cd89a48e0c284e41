"""Where lines enter the reporting room: a UNIX socket that listens, for one sender at a time."""

import logging
import selectors
import socket
import struct
from collections import Counter

from edge.runtime.log_once import LogOnce
from edge.wire import MAX_LINE_BYTES, WORDS_DOWN

log = logging.getLogger(__name__)

_CHUNK = 65536
PAUSE, RESUME = WORDS_DOWN
_CREDENTIALS = struct.Struct("3i")
"""pid, uid and gid of SO_PEERCRED, as unix(7) has them."""


class LineServer:
    """Takes lines from ``listener`` (a UNIX stream socket); a new sender replaces the last one.

    The last one may be a process that was killed or that hangs, and its successor must not wait for that to show.
    Only processes of ``sender_uid`` are let in; others are hung up on and counted in ``strangers``.
    """

    def __init__(self, listener: socket.socket, sender_uid: int) -> None:
        self._listener = listener
        self._word = RESUME
        self._listener.setblocking(False)
        self._sender_uid = sender_uid
        self._log_once = LogOnce(log)
        self.strangers: Counter[int] = Counter()
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

    def send_command(self, word: str) -> None:
        """Say one of ``edge.wire.WORDS_DOWN`` to the sender, and first of all to each that comes later."""
        self._word = word
        self._speak()

    def close(self) -> None:
        """Hangs up."""
        self._hang_up()
        self._selector.close()

    def _accept(self) -> None:
        try:
            sender, _ = self._listener.accept()
        except OSError:  # it has hung up already
            return
        credentials = sender.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, uid, _ = _CREDENTIALS.unpack(credentials)
        if uid != self._sender_uid:
            sender.close()
            self.strangers[uid] += 1
            self._log_once.log(logging.WARNING, f"a process of user {uid} knocked; expected user {self._sender_uid}")
            return
        self._hang_up()
        self._sender = sender
        self._sender.setblocking(False)
        self._selector.register(self._sender, selectors.EVENT_READ)
        self._speak()

    def _speak(self) -> None:
        if self._sender:
            try:
                self._sender.sendall(f"{self._word}\n".encode())
            except OSError:  # it listens no more; when it comes again it will be told
                self._hang_up()

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
