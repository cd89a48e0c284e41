"""The configured brokers: their addresses, their ports, and the networks that must be open for them."""

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from edge.config.settings import MqttSettings
from edge.tools.audit.network import Networks
from edge.tools.checks.finding import Answer, judge
from edge.tools.dropins import RESOLVER, broker_addresses, name_servers, without_scope

_WORDS = {"localhost": ("127.0.0.0/8", "::1/128"), "link-local": ("169.254.0.0/16", "fe80::/64")}
"""Names of networks. Source: systemd.resource-control(5)."""


class Broker(NamedTuple):
    """The broker as this machine sees it now."""

    host: str
    addresses: frozenset[str]
    """Addresses of ``host``; empty where that does not resolve."""
    port: int
    servers: frozenset[str]
    """Name servers of this machine."""

    @property
    def is_named(self) -> bool:
        """True if no address is configured, only a name."""
        return self.host != "localhost" and self.host not in self.addresses

    @property
    def endpoints(self) -> frozenset[tuple[str, int]]:
        """Address and port of each connection to it."""
        return frozenset((address, self.port) for address in self.addresses)


def find_brokers(mqtt: MqttSettings) -> tuple[Broker, ...]:
    """Look up every configured broker, the preferred one first."""
    return tuple(map(find_broker, mqtt.in_order))


def all_endpoints(brokers: Sequence[Broker]) -> frozenset[tuple[str, int]]:
    """Collect address and port of every connection to a broker."""
    return frozenset().union(*(broker.endpoints for broker in brokers))


def find_broker(mqtt: MqttSettings, resolver: Path = RESOLVER) -> Broker:
    """Look the configured name up."""
    port = mqtt.port_in_force
    try:
        answers = socket.getaddrinfo(mqtt.host, port, type=socket.SOCK_STREAM)
    except OSError:
        answers = []
    addresses = frozenset(str(answer[4][0]) for answer in answers)
    try:
        host = without_scope(mqtt.host)
    except ValueError:
        host = mqtt.host
    return Broker(host, addresses, port, frozenset(name_servers(resolver)))


def networks(words: str) -> Networks:
    """Read a list of networks as systemd does."""
    texts = (text for word in words.split() for text in _WORDS.get(word, (word,)))
    return {ipaddress.ip_network(text, strict=False) for text in texts}


def opens_only_the_brokers(properties: Mapping[str, str], brokers: Sequence[Broker], extra: str = "") -> Answer:
    """Check that systemd lets report reach no address but the brokers'; extra: others that are configured."""
    allowed = networks(properties.get("IPAddressAllow", ""))
    addresses = [address for broker in brokers for address in broker_addresses(broker.host)]
    expected = networks(f"{' '.join(addresses)} {extra}")
    breaches = [f"{network} is open" for network in sorted(set(allowed) - set(expected), key=str)]
    found = f"open: {', '.join(sorted(map(str, allowed))) or 'none'}"
    if named := [broker.host for broker in brokers if broker.is_named]:
        found = f"only the broker's name is known ({', '.join(named)}), so private addresses are open; give its address"
    return judge(breaches, found)
