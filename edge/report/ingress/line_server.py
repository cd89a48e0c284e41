"""Server of the socket on which ``sense`` sends its lines, for one sender at a time."""

import logging
import selectors
import socket
import struct
from collections import Counter

from edge.runtime.log_once import LogOnce
from edge.wire import MAX_LINE_BYTES

log = logging.getLogger(__name__)

_CHUNK_BYTES = 65536
_CREDENTIALS = struct.Struct("3i")
"""pid, uid and gid of SO_PEERCRED, as unix(7) has them."""


class LineServer:
    """Takes lines from one sender; a new sender replaces the last one.

    The last one may be a process that was killed or that hangs, and its successor must not wait until that shows.
    """

    def __init__(self, listener: socket.socket, sender_uid: int) -> None:
        """Admit senders of one user only.

        Args:
            listener: UNIX stream socket that listens.
            sender_uid: User id of ``sense``; others are disconnected, logged and counted.
        """
        self._listener = listener
        self._command = ""
        self._listener.setblocking(False)
        self._sender_uid = sender_uid
        self._log_once = LogOnce(log)
        self.rejected_peers: Counter[int] = Counter()
        """Connections of other users, by user id."""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._sender: socket.socket | None = None
        self._lines = LineBuffer()

    def poll(self, timeout: float) -> list[bytes]:
        """Lines that arrived, without their newlines, waiting up to ``timeout`` s for the first."""
        ready = [key.fileobj for key, _ in self._selector.select(timeout)]
        lines: list[bytes] = []
        if self._sender in ready:
            lines = self._receive()
        if self._listener in ready:
            self._accept()
        return lines

    def send_command(self, word: str) -> None:
        """Send one of ``edge.wire.WORDS_DOWN`` to the sender, and first of all to each that connects later."""
        self._command = word
        self._send_last_command()

    def close(self) -> None:
        """Disconnect the sender."""
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
            self.rejected_peers[uid] += 1
            self._log_once.log(
                logging.WARNING, f"a process of user {uid} was not let in; expected user {self._sender_uid}"
            )
            return
        self._hang_up()
        self._sender = sender
        self._sender.setblocking(False)
        self._selector.register(self._sender, selectors.EVENT_READ)
        self._send_last_command()

    def _send_last_command(self) -> None:
        if self._sender and self._command:
            try:
                self._sender.sendall(f"{self._command}\n".encode())
            except OSError:  # it no longer listens; on its next connection it is sent the command
                self._hang_up()

    def _receive(self) -> list[bytes]:
        assert self._sender
        try:
            data = self._sender.recv(_CHUNK_BYTES)
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
    """Cuts a stream of bytes into lines, holding at most as much as one line may have."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Lines that ``data`` completes; an over-long one is given once, cut to one byte more than is allowed."""
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
