"""A client that is no browser: it sends what it is told."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import NamedTuple

TOKEN = "a-token-of-sixteen-or-more"


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


@contextmanager
def asked(
    port: int, path: str, method: str = "GET", body: bytes = b"", **headers: str
) -> Iterator[http.client.HTTPResponse]:
    """The answer as it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(
            method, path, body or None, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        with connection.getresponse() as response:
            yield response
    finally:
        connection.close()


def ask(port: int, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
    """The whole answer; of the stream, which never ends, the headers."""
    with asked(port, path, method, body, **headers) as response:
        return Answer(response.status, response.headers, b"" if response.chunked else response.read())


def cookie(port: int) -> str:
    given = ask(port, f"/?token={TOKEN}").headers["Set-Cookie"] or ""
    assert "SameSite=Strict" in given
    assert "HttpOnly" in given
    assert TOKEN not in given
    return given.partition(";")[0]
