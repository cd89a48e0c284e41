"""Sockets that must not be there: this opens some of every kind only to see that it can't.

The one place beside the outlet where the sensing room names sockets, and the one where it names those of a network.
"""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

_DATAGRAM, _STREAM, _RAW, _SEQUENCED = 2, 1, 3, 5
_NETWORKS = (
    (2, _DATAGRAM, 0),  # AF_INET comes first: where it is open nothing else is tried
    (2, _STREAM, 0),
    (10, _DATAGRAM, 0),  # AF_INET6
    (17, _DATAGRAM, 0),  # AF_PACKET
    (40, _STREAM, 0),  # AF_VSOCK, from a virtual machine to its host
    (31, _SEQUENCED, 0),  # AF_BLUETOOTH
    (31, _RAW, 1),
    (29, _RAW, 1),  # AF_CAN
    (38, _SEQUENCED, 0),  # AF_ALG
    (30, _SEQUENCED, 0),  # AF_TIPC
    (42, _DATAGRAM, 0),  # AF_QIPCRTR
    (44, _RAW, 0),  # AF_XDP
)
"""Family, type and protocol by their numbers in linux/socket.h, since not every Python knows every name."""
_ROUTES, _GENERIC, _UEVENTS = 0, 16, 15
_LISTENING = 0x10000
_MOST_TRIES = 8
_SO_PROTOCOL = 38


def is_network_open() -> bool:
    """Whether a socket of any network can be made."""
    return any(_makes(*kind) for kind in _NETWORKS)


def is_netlink_open() -> bool:
    """Whether the kernel can be talked to about more than devices that come and go (routes, wireless)."""
    return any(_makes(socket.AF_NETLINK, _RAW, protocol) for protocol in (_ROUTES, _GENERIC))


def _makes(family: int, kind: int, protocol: int) -> bool:
    try:
        socket.socket(family, kind, protocol).close()
    except OSError:
        return False
    return True


def is_any_answering(paths: Iterable[Path], proc: Path = Path("/proc/self")) -> bool:
    """Whether a foreign UNIX socket can be connected to: one of ``paths``, or one with a name and no path."""
    return any(_answers(str(path)) for path in paths) or any(map(_answers, _abstract_names(proc)))


def _answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        try:
            caller.connect(address)
        except OSError as error:
            # A full queue, or a socket of another type: somebody is there, and the door to them is open.
            return error.errno in (errno.EAGAIN, errno.EPROTOTYPE)
    return True


def _abstract_names(proc: Path) -> Iterator[str]:
    """Some of those that listen; the kernel writes ``@`` for the zero byte in front."""
    tried = 0
    with (proc / "net/unix").open(errors="surrogateescape") as lines:
        next(lines, "")
        for line in lines:
            words = line.rstrip("\n").split(None, 7)  # flags are the fourth, the name is the eighth
            if len(words) == 8 and words[7].startswith("@") and int(words[3], 16) & _LISTENING and tried < _MOST_TRIES:
                tried += 1
                yield "\0" + words[7][1:]


def is_foreign(descriptor: int) -> bool:
    """Whether an open socket belongs to a network, or to a part of the kernel that cameras don't need."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        if copy.family == socket.AF_UNIX:
            return False
        return copy.family != socket.AF_NETLINK or copy.getsockopt(socket.SOL_SOCKET, _SO_PROTOCOL) != _UEVENTS
