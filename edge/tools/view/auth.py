"""Access control of the web server: a token, the names of this server, and the origin of a request."""

import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from edge.config.texts import is_address
from edge.errors import OutputFailed, UsageError
from edge.runtime import durable
from edge.runtime.token_bucket import TokenBucket

TOKEN = r"[A-Za-z0-9_-]{16,128}"
_COOKIE = "posenet_edge_view"
_WRONG_AT_ONCE, _WRONG_A_SECOND = 60, 1.0
"""Wrong tokens from one address until it has to wait, and how many a second after that."""
_MAX_PEERS = 1024
"""Addresses whose wrong tokens are counted; the first of them are forgotten first."""


class Address(NamedTuple):
    """Address that the server listens on."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """True if only this machine can connect."""
        return ipaddress.ip_address(self.host).is_loopback

    def url(self) -> str:
        """URL for a browser, with the machine's name if the server listens on all addresses."""
        host = self.host if not ipaddress.ip_address(self.host).is_unspecified else socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


def address(text: str) -> Address:
    """Parse ``127.0.0.1:8470``, ``[::1]:8470`` or ``0.0.0.0:8470``.

    Returns:
        The address.

    Raises:
        UsageError: The text is not an address and a port.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").replace("localhost", "127.0.0.1")
    try:
        parsed = Address(str(ipaddress.ip_address(host)), int(port))
    except ValueError:
        parsed = Address("", -1)
    if not 0 <= parsed.port <= 65535:
        raise UsageError(f"--listen {text}: expected an address and a port, for instance 127.0.0.1:8470 or [::]:8470")
    return parsed


class Auth:
    """Decides by its headers whether a request is answered."""

    def __init__(self, listens: Address, token: str | None, hosts: Iterable[str] = (), proxy: str = "") -> None:
        """Set up the rules.

        Args:
            listens: Where the server listens.
            token: None if a reverse proxy authenticates users.
            hosts: Further names of this server.
            proxy: Address of a reverse proxy that authenticates users, where only that may connect. The names by
                which browsers reach it are its own affair, and pages of its site may frame this one.
        """
        self.proxy = proxy
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *(host.lower() for host in hosts)}
        self._token = token
        self._tries: dict[str, TokenBucket] = {}
        # Browsers send a cookie to all ports: two servers on one machine need different names.
        self.cookie = f"{_COOKIE}_{listens.port}"

    @property
    def cookie_value(self) -> str:
        """Value of the cookie, which proves knowledge of the token without containing it."""
        return hmac.digest((self._token or "").encode(), b"cookie", hashlib.sha256).hex()

    def refuses(self, headers: Mapping[str, str], peer: str | None) -> str:
        """Reason why a request is not answered; empty if there is none.

        Args:
            headers: Of the request.
            peer: Address that it comes from.

        Returns:
            Another peer than the proxy, a wrong host name, or another site's page, in words.
        """
        if self.proxy and (peer is None or not _is_same_address(peer, self.proxy)):
            return "only the proxy may connect"
        # The owner of any name can point it at this machine (DNS rebinding); with an address that is impossible.
        host = headers.get("Host", "").lower()
        name = _without_port(host)
        if not self.proxy and name not in self._names and not is_address(name.removeprefix("[").removesuffix("]")):
            return f"this server does not go by that name; start it with --host {_plain(name)} if it should"
        if (origin := headers.get("Origin")) is not None and not self._is_own(origin.lower(), host, headers):
            return "asked by the page of another site"
        if headers.get("Sec-Fetch-Site", "none") == "cross-site" and headers.get("Sec-Fetch-Mode") != "navigate":
            return "asked by the page of another site"
        return ""

    def _is_own(self, origin: str, host: str, headers: Mapping[str, str]) -> bool:
        """Tell whether the page that asks, of this origin, is this server's own."""
        asking = origin.partition("://")[2]
        if not self.proxy:
            return asking == host
        # Proxies before the proxy drop the port from the name, or pass it in a header of its own.
        names = {_without_port(host), _without_port(headers.get("X-Forwarded-Host", "").lower())} - {""}
        return _without_port(asking) in names

    def refuses_command(self, headers: Mapping[str, str]) -> str:
        """Reason why a command is not sent to a sensor, for a request that ``refuses`` accepts; empty if there is none.

        Browsers send an origin with every request that changes something, and before they send JSON to another site
        they ask it whether they may (CORS).

        Returns:
            The reason in words.
        """
        if "Origin" not in headers or headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "not asked by this server's own page"
        if headers.get("Content-Type") != "application/json":
            return "expected JSON"
        return ""

    def knows(self, token: str | None, cookie: str | None, peer: str, now: float) -> bool | None:
        """Tell whether the token or the cookie is right.

        Args:
            token: From the address.
            cookie: Its value.
            peer: Address that asks.
            now: Monotonic s.

        Returns:
            Always True if no token is used; None if the token was not looked at, as there were too many wrong ones.
        """
        if self._token is None or _is_same(cookie, self.cookie_value):
            return True
        if token is None:
            return False
        tries = self._tries.setdefault(peer, TokenBucket(_WRONG_A_SECOND, _WRONG_AT_ONCE))
        if not tries.take(1, now):
            return None
        is_right = _is_same(token, self._token)
        if is_right or len(self._tries) > _MAX_PEERS:
            del self._tries[peer if is_right else next(iter(self._tries))]
        return is_right


def make_token(given: str | None) -> str:
    """Check the given token, or make one of 128 bits.

    Returns:
        The token.

    Raises:
        UsageError: The given token is too short or has other characters.
    """
    if given is None:
        return secrets.token_urlsafe(16)
    if not re.fullmatch(TOKEN, given):
        raise UsageError("--token: expected 16 to 128 letters, digits, - and _; without --token one is made")
    return given


def keep_token(file: Path) -> str:
    """Read the token from a file; without the file, make a token and keep it there, for its owner alone.

    Returns:
        The token.

    Raises:
        UsageError: The file holds no token.
        OutputFailed: It cannot be read or written.
    """
    try:
        if file.exists():
            return make_token(file.read_text(errors="replace").strip())
        token = make_token(None)
        durable.write(file, f"{token}\n".encode(), 0o600)
    except UsageError as error:
        raise UsageError(
            f"--token-file {file}: found no token there; expected 16 to 128 letters, digits, - and _. Remove the file, "
            "and a new one is made"
        ) from error
    except OSError as error:
        raise OutputFailed(f"--token-file {file}: {error.strerror}; expected a file in a folder to write to") from error
    return token


def _is_same(given: str | None, right: str) -> bool:
    """Compare in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), right.encode())


def _without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host)


def _is_same_address(one: str, other: str) -> bool:
    return ipaddress.ip_address(one) == ipaddress.ip_address(other)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "", name)[:100] or "NAME"
