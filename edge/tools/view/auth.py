"""Who may look: a token, a name that this server goes by, and no other site's page."""

import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from edge.errors import UsageError

TOKEN = r"[A-Za-z0-9_-]{16,128}"
_COOKIE = "posenet_edge_view"


class Address(NamedTuple):
    """Where the server listens."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        return ipaddress.ip_address(self.host).is_loopback

    def url(self) -> str:
        """For a browser: of this machine, where it listens on every address."""
        host = self.host if not ipaddress.ip_address(self.host).is_unspecified else socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


def address(text: str) -> Address:
    """From ``127.0.0.1:8470``, ``[::1]:8470`` or ``0.0.0.0:8470``; raises UsageError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").replace("localhost", "127.0.0.1")
    try:
        made = Address(str(ipaddress.ip_address(host)), int(port))
    except ValueError:
        made = Address("", -1)
    if not 0 <= made.port <= 65535:
        raise UsageError(f"--listen {text}: expected an address and a port, for instance 127.0.0.1:8470 or [::]:8470")
    return made


class Auth:
    """Says why a request is refused, from its headers alone."""

    def __init__(self, listens: Address, token: str | None, hosts: Iterable[str] = ()) -> None:
        """token: None where a reverse proxy asks who it is. hosts: further names that this server goes by."""
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *(host.lower() for host in hosts)}
        self._token = token
        # Cookies know no port: two of these on one machine would take each other's.
        self.cookie = f"{_COOKIE}_{listens.port}"

    @property
    def pass_(self) -> str:
        """What the cookie holds: proof of the token, without it."""
        return hmac.digest((self._token or "").encode(), b"cookie", hashlib.sha256).hex()

    def refuses(self, headers: Mapping[str, str]) -> str:
        """Why no page is answered at all: another's name or another's page; empty: it is."""
        # Whoever owns a name can point it at this machine (DNS rebinding); nobody can do that with an address.
        host = headers.get("Host", "").lower()
        name = re.sub(r":\d+$", "", host)
        if name not in self._names and not _is_address(name):
            return f"this server does not go by that name; start it with --host {_plain(name)} if it should"
        origin = headers.get("Origin")
        if origin is not None and origin.lower().partition("://")[2] != host:
            return "asked by the page of another site"
        if headers.get("Sec-Fetch-Site", "none") == "cross-site" and headers.get("Sec-Fetch-Mode") != "navigate":
            return "asked by the page of another site"
        return ""

    def refuses_command(self, headers: Mapping[str, str]) -> str:
        """Why nothing is sent to a sensor, of what ``refuses`` lets pass; empty: it is.

        Browsers say an origin with everything that changes something, and ask first before they send JSON to another.
        """
        if "Origin" not in headers or headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "not asked by this server's own page"
        if headers.get("Content-Type") != "application/json":
            return "expected JSON"
        return ""

    def knows(self, token: str | None, cookie: str | None) -> bool:
        """Whether one of them is right; always without a token."""
        if self._token is None:
            return True
        return _is_same(token, self._token) or _is_same(cookie, self.pass_)


def make_token(given: str | None) -> str:
    """The one that was given, or a new one of 128 bits; raises UsageError for one that could be guessed."""
    if given is None:
        return secrets.token_urlsafe(16)
    if not re.fullmatch(TOKEN, given):
        raise UsageError("--token: expected 16 to 128 letters, digits, - and _; without --token one is made")
    return given


def _is_same(given: str | None, right: str) -> bool:
    """In a time that does not tell how much of it was right."""
    return given is not None and hmac.compare_digest(given.encode(), right.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "", name)[:100] or "NAME"
