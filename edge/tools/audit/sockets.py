"""Borrow a socket of another process, to see where it leads.

Borrowing asks the kernel about the socket itself, so that one that was handed in from another network namespace is
seen as what it is; ``/proc/PID/net`` shows only those of the process' own. Source: pidfd_getfd(2), socket(7).
"""

import os
import socket
import struct
from typing import NamedTuple

from edge.sense.sandbox.kernel_calls import call

UEVENTS = 15
"""Netlink protocol of the kernel's messages about devices (linux/netlink.h)."""


class Socket(NamedTuple):
    """A socket and its two ends."""

    family: int
    """Such as ``socket.AF_UNIX``."""
    listens: bool = False
    own: object = None
    """Its address; None if it has none, as ``peer``."""
    peer: object = None
    peer_pid: int = 0
    """0 if it is not known."""
    protocol: int = 0


def look(pid: int, descriptor: int) -> Socket:
    """Look at a socket of a process.

    Returns:
        What it is and where it leads.

    Raises:
        OSError: The kernel does not lend it (EBADF: it was closed meanwhile).
    """
    with socket.socket(fileno=_borrow(pid, descriptor)) as found:
        unix = found.family == socket.AF_UNIX
        peer = _address(found, "getpeername")
        credentials = found.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12) if unix else bytes(12)
        return Socket(
            int(found.family),
            bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)),
            _address(found, "getsockname"),
            peer,
            struct.unpack("iII", credentials)[0],
            found.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL),
        )


def _address(found: socket.socket, which: str) -> object:
    try:
        return getattr(found, which)()
    except OSError:
        return None


def _borrow(pid: int, descriptor: int) -> int:
    process = os.pidfd_open(pid)
    try:
        return call("pidfd_getfd", process, descriptor, 0)
    except OSError as error:
        raise OSError(error.errno, f"the kernel doesn't lend a socket for a look: {error.strerror}") from error
    finally:
        os.close(process)
