"""The socket on which ``sense`` sends its lines: handed over by systemd or made here, and served to one sender."""

import contextlib
import logging
import os
import selectors
import socket
import stat
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.errors import OutputFailed
from edge.runtime import incidents
from edge.runtime.log_once import LogOnce
from edge.wire import MAX_LINE_BYTES, RESTART

log = logging.getLogger(__name__)

_CHUNK_BYTES = 65536
_CREDENTIALS = struct.Struct("3i")
"""pid, uid and gid of SO_PEERCRED, as unix(7) has them."""
_FIRST_HANDED_OVER = 3
"""sd_listen_fds(3): descriptors begin here."""
_BACKLOG = 4


class LineServer:
    """Takes lines from one sender; a new sender replaces the last one.

    The last one may be a process that was killed or that hangs, and its successor must not wait until that shows.
    """

    def __init__(self, listener: socket.socket, sender_uid: int) -> None:
        """Admit senders of one user only.

        Args:
            listener: UNIX stream socket that listens.
            sender_uid: User id of ``sense``; others are disconnected and logged.
        """
        self._listener = listener
        self._command = ""
        self._listener.setblocking(False)
        self._sender_uid = sender_uid
        self._log_once = LogOnce(log)
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
        """Send one of ``edge.wire.WORDS_DOWN`` to the sender, and first of all to each that connects later.

        Those that connect later have started again anyway: ``restart`` is not repeated to them.
        """
        if word != RESTART:
            self._command = word
        self._send(word)

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
            incidents.count("senders_refused")
            self._log_once.log(
                logging.WARNING, f"a process of user {uid} was not let in; expected user {self._sender_uid}"
            )
            return
        self._hang_up()
        self._sender = sender
        self._sender.setblocking(False)
        self._selector.register(self._sender, selectors.EVENT_READ)
        self._send(self._command)

    def _send(self, word: str) -> None:
        if self._sender and word:
            try:
                self._sender.sendall(f"{word}\n".encode())
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


@contextlib.contextmanager
def listening(path: Path, environment: Mapping[str, str] = os.environ) -> Iterator[socket.socket]:
    """Open a UNIX stream socket that listens: the one that systemd handed over, or one made at ``path``.

    A socket that a killed process left at ``path`` is replaced; anything else there is left alone. A socket that was
    made here is removed at the end.

    Args:
        path: Of the socket.
        environment: Of the process, in which systemd says what it handed over.

    Yields:
        The socket.

    Raises:
        OutputFailed: None can be made.
    """
    if environment.get("LISTEN_PID") == str(os.getpid()) and int(environment.get("LISTEN_FDS") or 0) >= 1:
        with socket.socket(fileno=_FIRST_HANDED_OVER) as listener:
            yield listener
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            make_room(path)
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(_BACKLOG)
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputFailed(
                f"socket {path}: {reason}; expected a folder to make it in (--socket PATH), or systemd's socket. "
                "posenet-edge run starts report and sense together"
            ) from error
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def make_room(path: Path) -> None:
    """Remove a socket that a killed process left.

    Raises:
        OutputFailed: Something else is there.
        OSError: It cannot be removed.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OutputFailed(f"socket {path}: something else is there, and was left alone; expected a free name")
        path.unlink()
