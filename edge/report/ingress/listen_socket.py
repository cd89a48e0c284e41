"""Listening end of the socket between the two processes: handed over by systemd, or made at a path."""

import contextlib
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.errors import OutputFailed

_FIRST_HANDED_OVER = 3
"""sd_listen_fds(3): descriptors begin here."""
_BACKLOG = 4


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
    if handed_over(environment):
        with socket.socket(fileno=_FIRST_HANDED_OVER) as listener:
            yield listener
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            _make_room(path)
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(_BACKLOG)
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputFailed(
                f"socket {path}: {reason}; expected a folder to make it in, or systemd's socket"
            ) from error
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def handed_over(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether systemd started this very process with a socket."""
    return environment.get("LISTEN_PID") == str(os.getpid()) and int(environment.get("LISTEN_FDS") or 0) >= 1


def _make_room(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OutputFailed(f"socket {path}: something else is there, and was left alone; expected a free name")
        path.unlink()
