"""Probe whether sockets can be made or connected.

The only module of ``sense`` beside the line sender that names sockets, and the only one that names network sockets.
"""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

_DATAGRAM, _STREAM, _RAW, _SEQUENCED = 2, 1, 3, 5
_NETWORKS = (
    (2, _DATAGRAM, 0),  # AF_INET
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
"""Family, type and protocol by their numbers in linux/socket.h, as not every Python has every name."""
_ROUTES, _GENERIC, _UEVENTS = 0, 16, 15
_LISTENING = 0x10000
_MAX_ABSTRACT_NAMES = 8
_SO_PROTOCOL = 38


def is_network_open() -> bool:
    """Tell whether a network socket of any kind can be made."""
    return any(_can_make(*kind) for kind in _NETWORKS)


def is_netlink_open() -> bool:
    """Tell whether a netlink socket can be made for more than device events: for routes or generic netlink."""
    return any(_can_make(socket.AF_NETLINK, _RAW, protocol) for protocol in (_ROUTES, _GENERIC))


def _can_make(family: int, kind: int, protocol: int) -> bool:
    try:
        socket.socket(family, kind, protocol).close()
    except OSError:
        return False
    return True


def is_any_reachable(paths: Iterable[Path], proc: Path = Path("/proc/self")) -> bool:
    """Tell whether a UNIX socket of another process can be connected: one of ``paths``, or an abstract one."""
    abstract = islice(abstract_names(proc), _MAX_ABSTRACT_NAMES)
    return any(_can_connect(str(path)) for path in paths) or any(map(_can_connect, abstract))


def _can_connect(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.setblocking(False)
        try:
            client.connect(address)
        except OSError as error:
            # A full queue, or a socket of another type: access was given.
            return error.errno in (errno.EAGAIN, errno.EPROTOTYPE)
    return True


def abstract_names(proc: Path) -> Iterator[str]:
    """Addresses of listening UNIX sockets that have a name and no path.

    Yields:
        Each with the zero byte in front for which the kernel writes ``@``.
    """
    for flags, name in read_unix_sockets(proc):
        if name.startswith("@") and int(flags, 16) & _LISTENING:
            yield "\0" + name[1:]


def read_unix_sockets(process: Path) -> Iterator[tuple[str, str]]:
    """Read which UNIX sockets have a name in the network namespace of a process.

    Args:
        process: Its folder in proc.

    Yields:
        Flags (hexadecimal) and name of each; an abstract name begins with ``@``.
    """
    with (process / "net/unix").open(errors="surrogateescape") as lines:
        next(lines, "")
        for words in (line.rstrip("\n").split(None, 7) for line in lines):
            if len(words) == 8:
                yield words[3], words[7]


def is_forbidden(descriptor: int) -> bool:
    """Tell whether an open socket is a network socket, or a netlink socket for more than device events."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        if copy.family == socket.AF_UNIX:
            return False
        return copy.family != socket.AF_NETLINK or copy.getsockopt(socket.SOL_SOCKET, _SO_PROTOCOL) != _UEVENTS
