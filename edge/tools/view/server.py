"""Web server: the page with its scripts, and a stream of messages (server-sent events)."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from edge.errors import BadSetting, OutputFailed
from edge.tools.view.auth import Address, Auth
from edge.tools.view.client_queue import ClientQueue
from edge.tools.view.hub import Hub
from edge.tools.view.message import Message
from edge.tools.view.overview import Overview
from edge.tools.view.places import check_asked

PAGE = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY = "Content-Security-Policy"
_HEADERS = {
    _POLICY: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for "
    "'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_MAX_COMMAND_BYTES = 65536
_KEEPALIVE_S = 5.0
"""Time without messages after which ``_ALIVE`` is sent, which fails if the browser is gone."""
_ALIVE = b'data: {"kind":"alive"}\n\n'
_MAX_BROWSERS = 32
_POLL_S = 0.2


Ask = Callable[[str, bytes], bool]
"""Sends a payload to the places command of a device; False if that is impossible now."""


class Server:
    """Web server of the view."""

    def __init__(self, hub: Hub, overview: Overview, auth: Auth, setup: dict[str, Any], ask: Ask | None = None) -> None:
        """Set up the server.

        Args:
            hub: Source of messages.
            overview: Source of histories.
            auth: Access control.
            setup: Data that the page asks for at its start.
            ask: For sending commands; None if nothing is ever sent.
        """
        self._hub = hub
        self._overview = overview
        self._auth = auth
        self._headers = dict(_HEADERS)
        if auth.proxy:
            self._headers[_POLICY] = _HEADERS[_POLICY].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        self._setup = {**setup, "commands": ask is not None}
        self._ask = ask
        self._browsers = 0

    def run(self, listens: Address, stopping: Event, ready: Callable[[Address], None]) -> None:
        """Serve until ``stopping`` is set.

        Args:
            listens: Where to listen; port 0 for a free one.
            stopping: Ends the server.
            ready: Called with the address in use once the server listens.

        Raises:
            OutputFailed: The address cannot be used.
        """
        asyncio.run(self._serve(listens, stopping, ready))

    async def _serve(self, listens: Address, stopping: Event, ready: Callable[[Address], None]) -> None:
        application = web.Application(middlewares=[self._admit], client_max_size=_MAX_COMMAND_BYTES)
        application.add_routes(
            [
                web.get("/", self._index),
                web.get("/setup", self._tell_setup),
                web.get("/stream", self._stream),
                web.get("/history", self._tell_history),
                web.get("/page/{name}", self._file),
            ]
        )
        if self._ask:
            application.router.add_post("/places", partial(self._send_places, self._ask))
        application.on_response_prepare.append(self._add_headers)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, listens.host, listens.port).start()
            ready(Address(listens.host, runner.addresses[0][1]))
            while not stopping.is_set():
                await asyncio.sleep(_POLL_S)
        except OSError as error:
            raise OutputFailed(
                f"--listen {listens.host}:{listens.port}: {os.strerror(error.errno or 0)}; expected an address of this "
                "machine and a free port"
            ) from error
        finally:
            await runner.cleanup()

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if why := self._auth.refuses(request.headers, request.remote):
            raise web.HTTPForbidden(text=f"posenet-edge view: {why}\n")
        known = self._auth.knows(
            request.query.get("token"), request.cookies.get(self._auth.cookie), request.remote or "", time.monotonic()
        )
        if known is None:
            raise web.HTTPTooManyRequests(
                text="posenet-edge view: too many wrong tokens from this address; try again in a minute\n"
            )
        if not known:
            raise web.HTTPForbidden(
                text="posenet-edge view: not allowed; open the address that it printed at its start, with the token\n"
            )
        return await handler(request)

    async def _add_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(self._headers)
        response.headers.popall("Server", None)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        response = _answer(PAGE / "index.html")
        # Without a redirection: after a link on another site, the browser would not send a strict cookie with it.
        if "token" in request.query:
            secure = request.headers.get("X-Forwarded-Proto") == "https"
            response.set_cookie(
                self._auth.cookie, self._auth.cookie_value, httponly=True, samesite="Strict", secure=secure, path="/"
            )
        return response

    async def _file(self, request: web.Request) -> web.StreamResponse:
        names = {file.name: file for file in PAGE.iterdir() if file.suffix in _TYPES}
        if request.match_info["name"] not in names:
            raise web.HTTPNotFound
        return _answer(names[request.match_info["name"]])

    async def _tell_setup(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._setup)

    async def _tell_history(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._overview.history(request.query.get("device", "")))

    async def _send_places(self, ask: Ask, request: web.Request) -> web.StreamResponse:
        if why := self._auth.refuses_command(request.headers):
            raise web.HTTPForbidden(text=f"posenet-edge view: {why}\n")
        device = request.query.get("device", "")
        said = self._hub.latest(device, "places")
        if not said:
            raise web.HTTPConflict(text="this sensor has not published its places")
        payload = await request.read()
        try:
            check_asked(payload, said.data["floor"])
        except BadSetting as error:
            raise web.HTTPBadRequest(text=f"the sensor would refuse this: {error}") from error
        if not ask(device, payload):
            raise web.HTTPServiceUnavailable(text="not connected to the broker")
        return web.Response(status=204)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self._browsers >= _MAX_BROWSERS:
            raise web.HTTPServiceUnavailable(text=f"{_MAX_BROWSERS} pages are open already\n")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        queue = ClientQueue(request.query.get("device", ""))
        self._browsers += 1
        # Before the answer begins, so that a browser that has it misses nothing.
        self._hub.join(queue)
        queue(Message("", "ready", {}, time.monotonic()))
        try:
            await response.prepare(request)
            await response.write(b"retry: 1000\n\n")
            while True:
                messages = await queue.take(_KEEPALIVE_S)
                # The browser must hear something now and then, to tell a silent room from a lost connection.
                await response.write(b"".join(map(_event, messages)) or _ALIVE)
        except ConnectionError:
            return response
        finally:
            self._hub.leave(queue)
            self._browsers -= 1


def _answer(file: Path) -> web.Response:
    return web.Response(body=file.read_bytes(), content_type=_TYPES[file.suffix], charset="utf-8")


def _event(message: Message) -> bytes:
    age = round(time.monotonic() - message.since, 2)
    told = {"device": message.device, "kind": message.kind, "age": age, "data": message.data}
    return f"data: {json.dumps(told, separators=(',', ':'))}\n\n".encode()
