"""Makes docs/dashboard.png: ``sudo .venv/bin/python -m tests.rehearsal.dashboard_picture [FOLDER]``.

The card of examples/homeassistant, as the pages of the real Home Assistant show it while a real ``report`` concludes from
scripted scenes. The graph spans a minute instead of a day. All run in a network of their own.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from selenium import webdriver

from edge.tools.end_process import end_process
from edge.tools.mosquitto import Mosquitto, listens
from tests.rehearsal.home import SITE, USUAL, frontend, home_assistant
from tests.support.commands import PROJECT
from tests.support.waiting import wait_until
from tests.tools.view.picture import sensor
from tests.tools.view.stage import browser

_CARD = PROJECT / "examples/homeassistant/dashboard.yaml"
_WIDTH, _HEIGHT = 500, 1080
_PORT = 8123
_PAGE = f"http://127.0.0.1:{_PORT}/"
_USER = "home"
"""Its password too."""
_NETWORK = (
    "link set lo up", "link add outside type veth peer name nobody", "address add 192.0.2.1/24 dev outside",
    "link set outside up", "link set nobody up", "route add default dev outside",
)  # fmt: skip
"""Home Assistant does not start without an address and a way to multicast; this one leads nowhere."""

_CONFIGURATION = """
homeassistant:
  name: Home
  time_zone: UTC
http: {server_host: 127.0.0.1}
frontend:
history:
lovelace:
  dashboards: {the-hall: {mode: yaml, filename: the-hall.yaml, title: The hall}}
"""
_SETTINGS = "[command]\nenabled = true\n[presence]\nclear = 1\n"
_ONBOARDED = {"version": 4, "key": "onboarding", "data": {"done": ["user", "core_config", "analytics", "integration"]}}
_VOICE = {"pymicro_vad": "MicroVad", "pyspeex_noise": "AudioProcessor"}
"""Modules of the voice assistant, one of which has no wheel; stand-ins are enough where nobody speaks."""
_TEXTS = """
const found = [];
const walk = node => {
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) found.push(child.textContent);
    else if (!['STYLE', 'SCRIPT'].includes(child.nodeName)) walk(child);
  }
  if (node.shadowRoot) walk(node.shadowRoot);
};
walk(document.body);
return found.join(' ');
"""
"""What the page says; its elements hide their contents from ``textContent``."""


def _broker_entry(port: int) -> dict[str, object]:
    entry = {
        "entry_id": "mqtt", "domain": "mqtt", "title": "mosquitto", "version": 1, "minor_version": 2,
        "data": {"broker": "127.0.0.1", "port": port}, "options": {"discovery": True},
        "source": "user", "unique_id": None, "disabled_by": None, "pref_disable_new_entities": False,
        "pref_disable_polling": False,
    }  # fmt: skip
    return {"version": 1, "minor_version": 1, "key": "core.config_entries", "data": {"entries": [entry]}}


def _dashboard() -> str:
    card = _CARD.read_text().replace("hours_to_show: 24", "hours_to_show: 0.017").replace("Last day", "Last minute")
    return "title: The hall\nviews:\n- title: The hall\n  cards:\n  -\n" + textwrap.indent(card, " " * 4)


@contextmanager
def _home_assistant(root: Path, port: int) -> Iterator[None]:
    """Serve its pages on loopback, with ``root`` as its system, until the end of the ``with``."""
    folder = root / "root/home"
    (folder / ".storage").mkdir(parents=True)
    (folder / "configuration.yaml").write_text(_CONFIGURATION)
    (folder / "the-hall.yaml").write_text(_dashboard())
    for name, stored in {"onboarding": _ONBOARDED, "core.config_entries": _broker_entry(port)}.items():
        (folder / ".storage" / name).write_text(json.dumps(stored))
    hass = ["chroot", str(root), "env", f"PYTHONPATH={SITE}", "python3", "-m", "homeassistant"]
    for module, name in _VOICE.items():
        (root / SITE[1:] / f"{module}.py").write_text(f"class {name}: pass\n")
    add_user = [*hass, "--script", "auth", "-c", "/root/home", "add", _USER, _USER]
    subprocess.run(add_user, check=True, stdout=subprocess.DEVNULL)
    with (root / "said").open("wb") as said:
        process = subprocess.Popen([*hass, "-c", "/root/home", "--skip-pip"], stdout=said, stderr=said)
        try:
            wait_until(partial(listens, _PORT), 120, what=(root / "said").read_text)
            yield
        finally:
            end_process(process, 20)


@contextmanager
def _system() -> Iterator[Path]:
    """Home Assistant's Debian, to be written to; gone after the ``with``."""
    with tempfile.TemporaryDirectory(prefix="posenet-edge-dashboard-") as name:
        upper, work, root = (Path(name) / each for each in ("upper", "work", "root"))
        for each in (upper, work, root):
            each.mkdir()
        lower = ":".join(map(str, (frontend(), home_assistant(), USUAL.root())))
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", root], check=True)
        for each in ("proc", "dev"):
            subprocess.run(["mount", "--rbind", f"/{each}", root / each], check=True)
        try:
            yield root
        finally:
            subprocess.run(["umount", "--recursive", "--lazy", root], check=True)


def _ask(path: str, **words: object) -> dict[str, Any]:
    request = urllib.request.Request(_PAGE + path, json.dumps({"client_id": _PAGE, **words}).encode())
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return dict(json.load(answer))


def _logged_in() -> str:
    """Log in as the page itself does, and return the address to which that leads."""
    flow = _ask("auth/login_flow", handler=["homeassistant", None], redirect_uri=_PAGE)["flow_id"]
    code = _ask(f"auth/login_flow/{flow}", username=_USER, password=_USER)["result"]
    state = base64.b64encode(json.dumps({"hassUrl": _PAGE.rstrip("/"), "clientId": _PAGE}).encode()).decode()
    return f"{_PAGE}the-hall/0?{urllib.parse.urlencode({'auth_callback': 1, 'code': code, 'state': state})}"


def _said(page: webdriver.Chrome) -> str:
    return " ".join(page.execute_script(_TEXTS).split())


def _shows(page: webdriver.Chrome, *words: str) -> bool:
    return all(word in _said(page) for word in words)


def main(folder: Path) -> None:
    """Wait until the card shows two people, and write the picture."""
    for command in _NETWORK:
        subprocess.run(["ip", *command.split()], check=True)
    with ExitStack() as stack:
        broker = stack.enter_context(Mosquitto())
        stack.enter_context(sensor(broker.port, "walk-through", _SETTINGS))
        stack.enter_context(_home_assistant(stack.enter_context(_system()), broker.port))
        page = stack.enter_context(browser(_WIDTH, _HEIGHT))
        page.get(_logged_in())
        wait_until(
            lambda: _shows(page, "Occupancy", "Detected", "Standing", "Sensitivity"), 180, what=partial(_said, page)
        )
        # Enough for the graph to show that people come and go.
        for occupied in ("Clear", "Detected") * 6:
            wait_until(lambda occupied=occupied: _shows(page, occupied), 120, what=partial(_said, page))
        wait_until(lambda: _shows(page, "Detected", "Standing"), 60, what=partial(_said, page))
        page.save_screenshot(str(folder / "dashboard.png"))


if __name__ == "__main__":
    if os.environ.get("POSENET_EDGE_OWN_NETWORK"):
        main(Path(*sys.argv[1:] or [PROJECT / "docs"]))
    else:
        # Made before, as it needs the network outside.
        frontend()
        os.environ["POSENET_EDGE_OWN_NETWORK"] = "1"
        again = [sys.executable, "-m", "tests.rehearsal.dashboard_picture", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", *again])
