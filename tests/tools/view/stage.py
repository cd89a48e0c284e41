"""What the view needs to be looked at: a sensor that plays scenes to a real broker, the view itself, a browser."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from edge.config import loader
from edge.config.settings import PublishSettings, Settings
from edge.geometry.polygon import Corner
from edge.pose import Person
from edge.report.analytics.event import Event
from edge.report.messages.event import event_payload
from edge.report.messages.health import health_payload
from edge.report.messages.message import as_json
from edge.report.messages.places import places_payload
from edge.report.messages.poses import poses_payload
from edge.report.messages.state import STATE_MESSAGE
from edge.tools.simulate.pinhole_camera import CORNER
from edge.wire import FrameLine, StatusLine
from scripts.message_docs import example_status
from tests.support.commands import COMMAND
from tests.support.outbox import NUMBER, OUTBOX
from tests.support.waiting import wait_until

SIZE = (640, 480)
CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
WHY_NOT = "no chromium with chromedriver on this machine (scripts/setup chromium)"

STATUS = example_status(
    monotonic=125.0, time=1_700_000_001.5, state="running", source="picamera2", model_height=257, model_width=353,
    output_stride=16, quantization="int8", model_choice="set", frames=100, frames_dropped=3, lines_dropped=2,
    camera_failures=0,
    frame_rate=14.8, fit_ms=0.4, invoke_ms=31.2, decode_ms=0.5, latency_ms=47.5, breaches=(), brightness=0.43,
    contrast=0.228, sharpness=2.41, temperature=51.5, uptime=9.5,
)  # fmt: skip


def health_of(name: str, status: StatusLine | None = STATUS, blindness: str | None = "") -> bytes:
    """The payload of ``health`` of now."""
    about: dict[str, Any] = {"blindness": blindness, "suggested_rotate": None}
    about |= {"time": time.time(), "uptime": 12.0, "name": name, "software": "0.1.0", **OUTBOX}
    return as_json(health_payload(status, {}, 1, 0, {}, **about))


class Player:
    """Publishes as the sensor ``device`` does, between ``with`` and its end."""

    def __init__(self, port: int, device: str = "hall") -> None:
        self._port = port
        self._device = device
        self._sequence = self._events = 0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.reconnect_delay_set(1, 1)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, name: str, payload: bytes, retain: bool = False) -> None:
        """On the device's topic ``name``; returns when the broker has it, also one that has just come back."""
        wait_until(self._client.is_connected, what="connected")
        sent = self._client.publish(f"posenet/{self._device}/{name}", payload, qos=1, retain=retain)
        sent.wait_for_publish(10)

    def poses(self, people: Sequence[Person], mode: str = "multi", **settings: Any) -> None:
        """One frame, as the settings of ``[publish]`` have it written."""
        self._sequence += 1
        frame = FrameLine(self._sequence, time.monotonic(), time.time(), *SIZE, tuple(people))
        self.say("poses", as_json(poses_payload(frame, mode, replace(PublishSettings(), **settings))))

    def health(self, blindness: str = "", name: str = "", **changed: Any) -> None:
        """One ``health``, of a sensor that is well but for what changed."""
        self.say("health", health_of(name or f"The {self._device}", replace(STATUS, **changed), blindness), retain=True)

    def silent_health(self) -> None:
        """One ``health`` as of ``simulate``, which has no camera process."""
        self.say("health", health_of(f"The {self._device}", None, None), retain=True)

    def state(self, **state: Any) -> None:
        """One ``state`` of now."""
        self.say("state", as_json(STATE_MESSAGE.build(time=time.time(), **state)), retain=True)

    def places(self, source: str = "settings", **table: Any) -> None:
        """What a sensor says whose configuration has these sections."""
        settings = loader.lay_over(Settings(), table, "test")
        self.say("places", as_json(places_payload(settings, source, time.time())), retain=True)

    def event(self, kind: str, **details: Any) -> None:
        """One ``event/<kind>`` of now."""
        self._events += 1
        numbered = event_payload(Event(kind, **details), time.time()) | NUMBER | {"sequence": self._events}
        self.say(f"event/{kind}", as_json(numbered))

    def online(self) -> None:
        """As on every connect."""
        self.say("availability", b"online", retain=True)


@contextmanager
def viewer(port: int, *arguments: str) -> Iterator[str]:
    """``posenet-edge view`` of that broker; the address that it prints."""
    settings = ["--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={port}", "--listen=127.0.0.1:0"]
    with subprocess.Popen([*COMMAND, "view", *settings, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            assert process.wait(10) == 0


@contextmanager
def browser(width: int = 1280, height: int = 900, dark: bool = False) -> Iterator[webdriver.Chrome]:
    """A real one, with nothing remembered."""
    if not (CHROMIUM and DRIVER):
        pytest.skip(WHY_NOT)
    with tempfile.TemporaryDirectory(prefix="posenet-edge-browser-", ignore_cleanup_errors=True) as folder:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        flags = (
            "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
            "disable-component-update disable-sync disable-dev-shm-usage"
        )
        for flag in (*flags.split(), f"user-data-dir={folder}", f"window-size={width},{height}"):
            options.add_argument(f"--{flag}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # A proxy would be asked for loopback too.
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        driver = webdriver.Chrome(options, Service(DRIVER, env=environment))
        try:
            scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
            )
            yield driver
        finally:
            driver.quit()


def text(page: webdriver.Chrome, selector: str) -> str:
    return str(page.execute_script("return document.querySelector(arguments[0])?.textContent ?? ''", selector))


def is_laid_out(page: webdriver.Chrome) -> bool:
    """Whether the page has decided between one sensor and all."""
    return bool(
        page.execute_script("return document.querySelectorAll('#sensor[hidden], #overview[hidden]').length === 1")
    )


def shown(page: webdriver.Chrome, device: str, url: str = "") -> None:
    """The page, opened or (without a url) loaded again, once it shows what is known of the device."""
    if url:
        page.get(url)
    else:
        page.refresh()
    wait_until(lambda: f"The {device}" in text(page, "#devices"), what="sensor listed")
    wait_until(lambda: text(page, "#link") == "live" and is_laid_out(page), what="live")


def ask_page(page: webdriver.Chrome, url: str, script: str, *arguments: object) -> Any:
    """What a script says that imports the page's own modules."""
    page.get(url)
    whole = (
        f"const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done, e => done(`${{e}}`))"
    )
    return page.execute_async_script(whole, *arguments)


def drag(page: webdriver.Chrome, start: Corner, end: Corner) -> None:
    """From one point of the frame (in fractions) to another, with the mouse."""
    stage = page.find_element(By.ID, "stage")
    place = stage.rect
    across = [((x - 0.5) * place["width"], (y - 0.5) * place["height"]) for x, y in (start, end)]
    chain = ActionChains(page, duration=20).move_to_element_with_offset(stage, *map(round, across[0])).click_and_hold()
    chain.move_by_offset(5, 5).move_to_element_with_offset(stage, *map(round, across[1])).release().perform()


def press(page: webdriver.Chrome, selector: str) -> None:
    page.execute_script("document.querySelector(arguments[0]).click()", selector)


def corner(page: webdriver.Chrome, shape: int, number: int) -> WebElement:
    return page.find_element(By.CSS_SELECTOR, f".corner[data-shape='{shape}'][data-corner='{number}']")


SOFA = {"name": "sofa", "polygon": [[0.05, 0.55], [0.35, 0.55], [0.35, 0.9], [0.05, 0.9]], "dwell": 60.0}
RUG: dict[str, Any] = {"name": "rug", "unit": "metres", "polygon": [[-0.5, 4], [1, 4], [1, 6], [-0.5, 6]]}
DOOR = {"name": "door", "start": [0.88, 0.92], "end": [0.72, 0.52]}
TELEVISION = {"name": "television", "polygon": [[0.75, 0.1], [0.95, 0.1], [0.95, 0.35], [0.75, 0.35]]}
FLOOR = {"camera_height": CORNER.height, "tilt": CORNER.tilt, "field_of_view": CORNER.field_of_view}
"""Of the camera before which the scenes are played."""
