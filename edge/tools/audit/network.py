"""Claims about sockets, networks and addresses."""

import errno
import ipaddress
import socket
from collections.abc import Collection, Iterator

from edge.runtime.command import SOCKET_PATH
from edge.sense.sandbox.probe_process import read_interfaces
from edge.tools.audit import probes
from edge.tools.audit.sockets import UEVENTS, Socket
from edge.tools.audit.system import Service, System
from edge.tools.checks.finding import Answer, CouldNotTell, judge
from edge.tools.proc import Process

JOURNAL, NOTIFY = "/run/systemd/journal/stdout", "/run/systemd/notify"
_RESOLVERS = ("/run/systemd/resolve/", "/run/nscd/", "/var/run/nscd/")
_TABLES = (
    "tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6", "packet", "dccp", "dccp6",
    "sctp/eps", "sctp/assocs", "mptcp",
)  # fmt: skip
_ADDRESSES = (
    "192.0.2.1", "198.51.100.1", "10.255.255.254", "172.31.255.254", "192.168.255.254", "169.254.255.254", "127.0.0.2",
    "2001:db8::1", "::1",
)  # fmt: skip
"""Addresses to try: of documentation (RFC 5737, RFC 3849), of private networks, and of this machine."""

Networks = Collection[ipaddress.IPv4Network | ipaddress.IPv6Network]


def own_network(system: System, service: Service) -> Answer:
    """Check that it is alone in a network namespace that has no interface but ``lo`` and no network socket."""
    breaches, names = [], set()
    members = {process.pid for process in service.processes}
    for process in service.processes:
        name = process.namespace("net")
        names.add(name)
        if name == system.process(1).namespace("net"):
            breaches.append("it is in the network namespace of the whole machine")
        others = [pid for pid in _sharing(system, name) if pid not in members]
        breaches += [f"process {pid} shares its network namespace" for pid in others[:3]]
        breaches += [f"network interface {card}" for card in read_interfaces(process.folder) if card != "lo"]
        breaches += [f"{count} sockets in /proc/{process.pid}/net/{table}" for table, count in _tables(process)]
    return judge(breaches, f"only lo, no network socket, {', '.join(sorted(names))}")


def _sharing(system: System, namespace: str) -> Iterator[int]:
    for folder in system.proc.iterdir():
        try:
            if folder.name.isdigit() and str((folder / "ns/net").readlink()) == namespace:
                yield int(folder.name)
        except OSError:
            continue  # it has ended


def _tables(process: Process) -> Iterator[tuple[str, int]]:
    for table in _TABLES:
        path = process.folder / "net" / table
        if path.exists() and (count := len(path.read_text().splitlines()) - 1) > 0:
            yield table, count


def _sockets(system: System, service: Service) -> Iterator[tuple[int, int, Socket]]:
    for process in service.processes:
        for descriptor in process.descriptors():
            if descriptor.name.startswith("socket:"):
                try:
                    yield process.pid, descriptor.number, system.look(process.pid, descriptor.number)
                except OSError as error:
                    if error.errno not in (errno.EBADF, errno.ESRCH):
                        raise


def sense_sockets(system: System, service: Service) -> Answer:
    """Check that every open socket leads to report, to systemd, or to itself."""
    found, breaches = [], []
    ours = {process.pid for process in service.processes}
    for pid, number, its in _sockets(system, service):
        if its.family == socket.AF_UNIX:
            named = its.peer in (SOCKET_PATH, JOURNAL, NOTIFY) and not its.own
            fresh = not its.peer and not its.own and (its.peer_pid == 0 or its.peer_pid in ours)
            if its.listens or not (named or fresh):
                breaches.append(f"UNIX socket {number} of process {pid}: {_ends(its)}")
            elif its.peer:
                found.append(str(its.peer))
        elif its.family != socket.AF_NETLINK or its.protocol != UEVENTS:
            breaches.append(f"socket {number} of process {pid}: {_family(its)} {_ends(its)}")
    return judge(breaches, f"to {', '.join(sorted(set(found))) or 'nobody'}")


def report_sockets(
    system: System,
    service: Service,
    brokers: Collection[tuple[str, int]],
    servers: Collection[str],
    metrics: str = "",
) -> Answer:
    """Check that every open socket leads to a broker, a name server, sense, systemd, or to itself."""
    looked = list(_sockets(system, service))
    own = {its.own for _, _, its in looked}
    breaches, found = [], []
    for pid, number, its in looked:
        if metrics and _is_metrics(its, metrics):
            found.append(f"whoever asks at {metrics}")
        elif its.family in (socket.AF_INET, socket.AF_INET6):
            host, peer_port = _host_and_port(its.peer)
            itself = its.peer in own and its.peer is not None
            unused = its.peer is None and not its.listens
            asks = host in servers and peer_port in (53, 853)
            good = asks or any(host == address and peer_port in (port, 0) for address, port in brokers)
            if its.listens or not (itself or unused or good):
                breaches.append(f"socket {number} of process {pid}: {_family(its)} {_ends(its)}")
            elif good:
                found.append(f"{host}:{peer_port}")
        elif its.family != socket.AF_UNIX or not _is_reports(its):
            breaches.append(f"socket {number} of process {pid}: {_family(its)} {_ends(its)}")
    return judge(breaches, f"to {', '.join(sorted(set(found))) or 'nobody at the moment'}, and the wall")


def _is_metrics(its: Socket, metrics: str) -> bool:
    """Tell the socket at ``metrics.listen``, and those of who asks there: only this machine can."""
    if its.family == socket.AF_UNIX:
        return its.own == metrics.removeprefix("unix:")
    host, port = _host_and_port(its.own)
    wanted, _, number = metrics.rpartition(":")
    return port == int(number) and host in ({"127.0.0.1", "::1"} if wanted == "localhost" else {wanted.strip("[]")})


def _is_reports(its: Socket) -> bool:
    peer = str(its.peer or "")
    return its.own == SOCKET_PATH or not (its.own or peer) or peer in (JOURNAL, NOTIFY) or peer.startswith(_RESOLVERS)


def filters_addresses(system: System, service: Service, allowed: Networks) -> Answer:
    """Check that packets to addresses that are not allowed are refused in the service's control group."""
    tried = [text for text in _ADDRESSES if not any(ipaddress.ip_address(text) in network for network in allowed)]
    if not tried:
        return judge(["every address is open"], "")
    outside = system.in_child(lambda: probes.send(tried), None)
    possible = [text for text in tried if outside[text] == 0]
    if not possible:
        raise CouldNotTell("packets are refused outside of the service too, so that its own filter can't be seen")
    inside = system.in_child(lambda: probes.send(possible), service.group)
    went = [text for text in possible if inside[text] != errno.EPERM]
    return judge([f"a packet to {text} was not refused" for text in went], f"tried, and refused: {', '.join(possible)}")


def _host_and_port(address: object) -> tuple[str, int]:
    if isinstance(address, tuple) and len(address) >= 2:
        return str(address[0]).removeprefix("::ffff:").partition("%")[0], int(address[1])
    return "", -1


def _family(its: Socket) -> str:
    try:
        return socket.AddressFamily(its.family).name
    except ValueError:
        return f"family {its.family}"


def _ends(its: Socket) -> str:
    if its.listens:
        return f"listens on {its.own or 'no name'}"
    return (
        f"to {its.peer or f'process {its.peer_pid}'}"
        if its.peer or its.peer_pid
        else f"bound to {its.own or 'nothing'}"
    )
