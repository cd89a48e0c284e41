"""The page in a real browser behind a proxy under a path of its own, in a frame, as Home Assistant's ingress has it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from aiohttp import ClientSession, web
from selenium import webdriver

from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import scene
from tests.support.waiting import wait_until
from tests.tools.view.stage import SOFA, Player, text, viewer

PREFIX = "/api/hassio_ingress/x7"
SITE = f"<!doctype html><link rel='icon' href='data:,'><iframe src='{PREFIX}/'></iframe>"
NOT_PASSED_ON = {"content-length", "transfer-encoding", "connection"}


@contextmanager
def ingress(port: int) -> Iterator[int]:
    """A site with a frame in its page, and the view below ``PREFIX``; its port."""
    loop = asyncio.new_event_loop()
    ready, bound = threading.Event(), []

    async def pass_on(request: web.Request) -> web.StreamResponse:
        address = f"http://127.0.0.1:{port}{request.raw_path.removeprefix(PREFIX)}"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in NOT_PASSED_ON}
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(request.method, address, headers=headers, data=await request.read()) as answer,
        ):
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in NOT_PASSED_ON}
            response = web.StreamResponse(status=answer.status, headers=kept)
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            return response

    async def frame(_request: web.Request) -> web.Response:
        return web.Response(text=SITE, content_type="text/html")

    async def serve() -> None:
        application = web.Application()
        application.add_routes([web.get("/", frame), web.route("*", PREFIX + "/{rest:.*}", pass_on)])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        bound.append((runner, runner.addresses[0][1]))
        ready.set()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop)
    try:
        assert ready.wait(60)
        runner, own_port = bound[0]
        yield own_port
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_in_a_frame_it_draws_and_sends(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    player.places(zone=[SOFA])
    people = scene("two-cross").persons(2.0)
    with viewer(broker.port, "--proxy=127.0.0.1", "--commands") as url, ingress(urlsplit(url).port or 0) as port:
        page.get(f"http://localhost:{port}/")
        page.switch_to.frame(0)
        wait_until(lambda: text(page, "#link") == "live", what="live")

        def drawn() -> bool:
            player.poses(people)
            return len(page.execute_script("return document.querySelectorAll('.person')")) == len(people)

        wait_until(drawn, what="skeletons")
        sent = page.execute_async_script(
            """const done = arguments[arguments.length - 1];
            fetch("places?device=hall", {method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"})
              .then(answer => done(answer.status))"""
        )
        assert sent == 204
        page.switch_to.default_content()
