"""Makes docs/dashboard.png: ``.venv/bin/python -m tests.rehearsal.dashboard_picture [FOLDER]``, as root.

It shows examples/homeassistant/dashboard.yaml in the real Home Assistant, with what a real ``report`` says of a scripted
scene. Half a minute, and once a minute more to install Home Assistant.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from edge.tools.mosquitto import Mosquitto
from tests.rehearsal.cache import PROJECT, kept
from tests.rehearsal.home import SITE, USUAL, home_assistant, install
from tests.support.commands import COMMAND
from tests.support.waiting import wait_until

_CARD = PROJECT / "examples/homeassistant/dashboard.yaml"
_FEEDER = PROJECT / "tests/rehearsal/kit/home/feeder.py"
_REQUIREMENTS = ["home-assistant-frontend==20260128.6"]
_PORT = 18123
_URL = f"http://127.0.0.1:{_PORT}"
_CLIENT = f"{_URL}/"
_CONFIGURATION = f"""
homeassistant:
  name: Home
  time_zone: UTC
http:
  server_host: 127.0.0.1
  server_port: {_PORT}
frontend:
history:
lovelace:
  mode: yaml
"""
_DASHBOARD = "views:\n  - title: Home\n    cards:\n      - !include card.yaml\n"
_SENSOR = """
[device]
id = "hall"
name = "Hall"
[command]
enabled = true
"""
_STARTS_WITHIN_S = 300.0


def _site() -> Path:
    """What the pages of Home Assistant need, over its layer."""

    def make(folder: Path) -> None:
        install(folder, [home_assistant(), USUAL.root()], _REQUIREMENTS, ["hass_frontend"])

    return kept("home-assistant-frontend", "\n".join([*_REQUIREMENTS, home_assistant().name]), make)


@contextmanager
def _house(folder: Path) -> Iterator[None]:
    """Home Assistant with that folder of configuration."""
    (folder / "configuration.yaml").write_text(_CONFIGURATION)
    (folder / "ui-lovelace.yaml").write_text(_DASHBOARD)
    shutil.copy(_CARD, folder / "card.yaml")
    top, work, root = (folder.with_name(f"{folder.name}-{name}") for name in ("top", "work", "root"))
    for each in (top, work, root):
        each.mkdir()
    layers = f"lowerdir={_site()}:{home_assistant()}:{USUAL.root()},upperdir={top},workdir={work}"
    script = (
        f"mount -t overlay -o {layers} overlay {root} && mount -t proc proc {root}/proc && mkdir -p {root}/config && "
        f"mount --bind {folder} {root}/config && mount --bind /dev {root}/dev && "
        f"exec chroot {root} env PYTHONPATH={SITE} python3 -m homeassistant --config /config --skip-pip"
    )
    running = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script])
    try:
        yield
    finally:
        running.terminate()
        running.wait(60)
        for each in (top, work, root):
            shutil.rmtree(each, ignore_errors=True)


@contextmanager
def _sensor(folder: Path, port: int) -> Iterator[None]:
    """Before whose camera two people cross, again and again."""
    file, socket = folder / "config.toml", folder / "wall"
    file.write_text(f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\n{_SENSOR}')
    environment = {**os.environ, "STATE_DIRECTORY": str(folder)}
    report = subprocess.Popen([*COMMAND, "report", f"--config={file}", f"--socket={socket}"], env=environment)
    try:
        wait_until(socket.exists, what="report listens")
        words = [sys.executable, _FEEDER, socket]
        with subprocess.Popen(words, stdin=subprocess.PIPE, text=True, cwd=PROJECT) as feeder:
            assert feeder.stdin
            print("repeat two-cross", file=feeder.stdin, flush=True)
            yield
    finally:
        report.terminate()
        report.wait(20)


def _ask(path: str, content: Any = None, token: str = "", form: bool = False) -> Any:
    """What Home Assistant's own interface answers."""
    data = None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if form:
        data = urllib.parse.urlencode(content).encode()
    elif content is not None:
        data, headers["Content-Type"] = json.dumps(content).encode(), "application/json"
    with urllib.request.urlopen(urllib.request.Request(_URL + path, data, headers), timeout=60) as answer:
        return json.load(answer)


def _is_up() -> bool:
    try:
        return bool(_ask("/api/onboarding"))
    except (OSError, urllib.error.URLError):
        return False


def _move_in(port: int) -> dict[str, Any]:
    """Make an owner, and connect the broker; the tokens by which a browser is logged in."""
    owner = {"client_id": _CLIENT, "name": "Owner", "username": "owner", "password": "owner", "language": "en"}
    code = _ask("/api/onboarding/users", owner)["auth_code"]
    grant = {"grant_type": "authorization_code", "code": code, "client_id": _CLIENT}
    tokens: dict[str, Any] = _ask("/auth/token", grant, form=True)
    token = tokens["access_token"]
    for step in ("core_config", "analytics"):
        _ask(f"/api/onboarding/{step}", {}, token)
    _ask("/api/onboarding/integration", {"client_id": _CLIENT, "redirect_uri": _CLIENT}, token)
    flow = _ask("/api/config/config_entries/flow", {"handler": "mqtt"}, token)["flow_id"]
    done = _ask(f"/api/config/config_entries/flow/{flow}", {"broker": "127.0.0.1", "port": port}, token)
    assert done["type"] == "create_entry", done
    expires = int((time.time() + tokens["expires_in"]) * 1000)
    return {**tokens, "hassUrl": _URL, "clientId": _CLIENT, "expires": expires}


def _state(token: str, entity: str) -> str:
    try:
        return str(_ask(f"/api/states/{entity}", token=token)["state"])
    except urllib.error.HTTPError:
        return ""


@contextmanager
def _browser(folder: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("headless", "no-sandbox", "disable-gpu", "hide-scrollbars", f"user-data-dir={folder}"):
        options.add_argument(f"--{flag}")
    # A proxy would be asked for loopback too.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver"), env=environment))
    try:
        size = {"width": 560, "height": 1100, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        yield driver
    finally:
        driver.quit()


_FIND = """
const found = [];
const walk = node => {
  if (node.localName === arguments[0]) found.push(node);
  for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) walk(child);
};
walk(document.body);
"""
_AREA = _FIND + "const {x, y, width, height} = found[0].getBoundingClientRect(); return {x, y, width, height};"
_COUNT = _FIND + "return found.length;"
_CARDS = ("hui-glance-card", "hui-history-graph-card", "hui-entities-card", "state-history-charts")


def main(folder: Path) -> None:
    """Wait until all cards show something, and none an error."""
    with tempfile.TemporaryDirectory() as name, Mosquitto() as broker:
        work = Path(name)
        for each in ("config", "sensor", "browser"):
            (work / each).mkdir()
        with _house(work / "config"), _sensor(work / "sensor", broker.port), _browser(work / "browser") as page:
            wait_until(_is_up, _STARTS_WITHIN_S, "Home Assistant is up")
            tokens = _move_in(broker.port)
            is_there = partial(_state, tokens["access_token"], "sensor.hall_people")
            wait_until(
                lambda: is_there() not in ("", "unknown", "unavailable"), _STARTS_WITHIN_S, "the sensor is known"
            )
            time.sleep(60)  # For the history to have something.
            page.get(f"{_URL}/manifest.json")
            page.execute_script("localStorage.setItem('hassTokens', arguments[0])", json.dumps(tokens))
            page.get(f"{_URL}/lovelace/0")
            for card in _CARDS:
                wait_until(lambda card=card: page.execute_script(_COUNT, card), _STARTS_WITHIN_S, card)  # type: ignore[misc]
            wait_until(lambda: is_there() == "2", _STARTS_WITHIN_S, "both are there")
            time.sleep(3)  # Whatever is drawn has been drawn.
            assert not page.execute_script(_COUNT, "hui-error-card")
            clip = page.execute_script(_AREA, "hui-vertical-stack-card") | {"scale": 1}
            picture = page.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
            (folder / "dashboard.png").write_bytes(base64.b64decode(picture["data"]))


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or [PROJECT / "docs"]))
