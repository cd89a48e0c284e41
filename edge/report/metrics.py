"""The numbers of ``health`` as OpenMetrics, for whoever asks over HTTP on this machine; off unless it is configured.

Source: the OpenMetrics specification 1.0. What is rendered follows from the declaration of ``health``, so that a value
that is added there is a metric too.
"""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from edge.errors import OutputFailed
from edge.report.fields import Counts, Field, Flag, Group, Number, Text, WordList, Words
from edge.report.ingress.line_server import make_room
from edge.report.messages.health import HEALTH, PERCENTILES

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_SUFFIXES = {"ms": ("_seconds", 1e-3), "s": ("_seconds", 1.0), "MB": ("_bytes", 1e6), "°C": ("_celsius", 1.0)}
"""Units of health in OpenMetrics, which wants base units: the end of the name, and the factor."""
_ASK_WITHIN_S = 2.0
_INFO = ("name", "software")

_Labels = Mapping[str, str]


def render(health: Mapping[str, Any]) -> str:
    """Write a payload of ``health`` as OpenMetrics; what is null is left out.

    Returns:
        The text, with its ``# EOF``.
    """
    lines = [_sample("posenet_edge", {key: str(health[key]) for key in _INFO}, 1, "info", "which sensor this is")]
    for key, field in HEALTH.fields.items():
        if health.get(key) is not None and key not in (*_INFO, *HEALTH.optional):
            lines += _metric(f"posenet_edge_{key}", field, health[key])
    return "\n".join([*lines, "# EOF\n"])


def _metric(name: str, field: Field, value: Any) -> Iterator[str]:
    if isinstance(field, Counts):
        counts = [_line(f"{name}_total", {"reason": word}, value.get(word, 0)) for word in field.allowed]
        yield "\n".join([_head(name, "counter", field.help), *counts])
    elif isinstance(field, Flag):
        yield _sample(name, {}, int(value), "gauge", field.help)
    elif isinstance(field, Words | WordList):
        said = value if isinstance(field, WordList) else [value]
        flags = [_line(name, {name: str(word)}, int(word in said)) for word in field.allowed]
        yield "\n".join([_head(name, "stateset", field.help), *flags])
    elif isinstance(field, Number):
        suffix, factor = _SUFFIXES.get(field.unit, ("", 1.0))
        base = name.removesuffix("_ms") + suffix
        kind = "counter" if field.total else "gauge"
        yield _sample(base, {}, value * factor if suffix else value, kind, field.help)
    elif isinstance(field, Group) and name.endswith("_stages"):
        name = f"{name.removesuffix('s')}_seconds"
        quantiles = {percent: f"{int(percent[1:]) / 100:g}" for percent in PERCENTILES}
        times = [
            _line(name, {"stage": stage, "quantile": quantiles[percent]}, time / 1000)
            for stage, of in value.items()
            for percent, time in of.items()
        ]
        yield "\n".join([_head(name, "summary", field.help), *times])
    elif isinstance(field, Group):
        yield _sample(name, {key: str(part) for key, part in value.items()}, 1, "info", field.help)
    else:
        assert isinstance(field, Text), field


def _sample(name: str, labels: _Labels, value: float, kind: str, meaning: str) -> str:
    suffix = {"counter": "_total", "info": "_info"}.get(kind, "")
    return f"{_head(name, kind, meaning)}\n{_line(name + suffix, labels, value)}"


def _head(name: str, kind: str, meaning: str) -> str:
    unit = next((suffix for suffix, _ in _SUFFIXES.values() if name.endswith(suffix)), "")
    units = f"# UNIT {name} {unit[1:]}\n" if unit else ""
    return f"# TYPE {name} {kind}\n{units}# HELP {name} {_escaped(meaning)}"


def _line(name: str, labels: _Labels, value: float) -> str:
    told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{told}}} {value:.12g}" if told else f"{name} {value:.12g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


@contextlib.contextmanager
def serving(listen: str, latest: Callable[[], Mapping[str, Any] | None]) -> Iterator[None]:
    """Answer GET /metrics in a thread of its own.

    Args:
        listen: ``metrics.listen``; empty: nothing is done.
        latest: The last payload of ``health``; None while there is none.

    Yields:
        Nothing.

    Raises:
        OutputFailed: It cannot listen there.
    """
    if not listen:
        yield
        return

    class Handler(_Handler):
        ask = staticmethod(latest)

    path = Path(listen.removeprefix("unix:")) if listen.startswith("unix:") else None
    with _server(listen, path, Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.1], name="metrics", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            if path:
                path.unlink(missing_ok=True)


def _server(listen: str, path: Path | None, handler: type["_Handler"]) -> socketserver.TCPServer:
    try:
        if path:
            make_room(path)
            server: socketserver.TCPServer = _UnixServer(str(path), handler)  # type: ignore[arg-type]
            # The folder says who may ask; others of the group may connect, which is to write.
            path.chmod(0o660)
            return server
        host, _, port = listen.rpartition(":")
        kind = _Ipv6Server if host.startswith("[") else _TcpServer
        return kind((host.strip("[]"), int(port)), handler)
    except OSError as error:
        raise OutputFailed(
            f"metrics.listen {listen}: {error.strerror or error}; expected a free port, or a folder to make a socket in"
        ) from error


class _TcpServer(socketserver.TCPServer):
    allow_reuse_address = True


class _Ipv6Server(_TcpServer):
    address_family = socket.AF_INET6


class _UnixServer(socketserver.TCPServer):
    address_family = socket.AF_UNIX


class _Handler(BaseHTTPRequestHandler):
    """One request at a time, each within ``timeout`` s; the next one waits in the kernel's queue."""

    timeout = _ASK_WITHIN_S
    ask: Callable[[], Mapping[str, Any] | None]

    def do_GET(self) -> None:
        """Answer with the metrics."""
        health = self.ask() if self.path == "/metrics" else None
        if health is None:
            self.send_error(503 if self.path == "/metrics" else 404)
            return
        text = render(health).encode()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Log nothing: who asks could fill the log."""
