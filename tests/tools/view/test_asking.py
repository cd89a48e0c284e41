"""Places that are sent to a sensor: by this server's own page alone, none that it would refuse, and it is told of."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from edge.tools.mosquitto import Mosquitto
from tests.support.commands import COMMAND
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until
from tests.tools.view.client import TOKEN, Answer, ask, cookie
from tests.tools.view.stage import FLOOR, RUG, SOFA, Player, corner, drag, press, shown, text, viewer

LISTS = {"zone": [SOFA], "line": [], "ignore": []}


@contextmanager
def may_send() -> Iterator[tuple[Mosquitto, int]]:
    """A broker, and the port of a view of it that may send."""
    with Mosquitto() as broker, viewer(broker.port, "--commands", "--token", TOKEN) as url, Player(broker.port) as hall:
        port = int(urlsplit(url).port or 0)
        hall.places()
        with Subscriber(broker.port, "posenet/+/command/#") as heard:
            wait_until(lambda: post(port).status != 409, what="the sensor's places")
            # It is on its way for a moment, and would be heard by the first test.
            wait_until(lambda: heard.messages, what="the command")
        yield broker, port


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[Mosquitto, int]]:
    """Shared by tests in any order: they leave it connected."""
    with may_send() as running:
        yield running


def post(port: int, body: object = None, device: str = "hall", **changed: str) -> Answer:
    """As the page does it, but for what is changed; a header that is empty is left out."""
    payload = body if isinstance(body, bytes) else json.dumps(LISTS if body is None else body).encode()
    headers = {
        "Cookie": cookie(port),
        "Origin": f"http://127.0.0.1:{port}",
        "Content_Type": "application/json",
        "Sec_Fetch_Site": "same-origin",
        **changed,
    }
    return ask(
        port, f"/places?device={device}", "POST", payload, **{name: text for name, text in headers.items() if text}
    )


def test_it_sends_what_the_page_asked_and_keeps_nothing_at_the_broker(told: tuple[Mosquitto, int]) -> None:
    broker, port = told
    for payload in (b"", json.dumps(LISTS).encode()):
        # A subscriber that comes later hears only what is asked from then on.
        with Subscriber(broker.port, "posenet/+/command/#") as heard:
            assert post(port, payload).status == 204
            wait_until(lambda heard=heard: heard.messages, what="the command")
            (message,) = heard.messages
            assert (message.topic, message.payload, message.qos) == ("posenet/hall/command/places", payload, 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"Cookie": ""},
        {"Cookie": "posenet_edge_view_0=1"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": ""},
        {"Host": "evil.example"},
    ],
    ids=str,
)
def test_nobody_else_can_ask(told: tuple[Mosquitto, int], changed: dict[str, str]) -> None:
    broker, port = told
    with Subscriber(broker.port, "posenet/+/command/#") as heard:
        assert post(port, {**LISTS, "zone": []}, **changed).status == 403
        assert post(port).status == 204
        wait_until(lambda: heard.messages, what="the page's own")
        assert [json.loads(message.payload) for message in heard.messages] == [LISTS]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "not_json"),
        (b"[]", "expected a JSON object"),
        ({"mqtt": {"host": "evil.example"}}, "expected a JSON object with the lists zone, line, ignore"),
        ({"zone": [{**SOFA, "name": "Sofa!"}]}, "small letters"),
        ({"zone": [{**SOFA, "extra": 1}]}, "no such key"),
        ({"zone": [SOFA, SOFA]}, "expected another"),
        ({"zone": [{"name": "a", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]}, "cross or touch"),
        ({"line": [{"name": "a", "start": [0.5, 0.5], "end": [0.5, 0.5]}]}, "the same point"),
        ({"zone": [RUG]}, "without a floor"),
    ],
    ids=str,
)
def test_what_the_sensor_would_refuse_is_not_sent(told: tuple[Mosquitto, int], body: object, why: str) -> None:
    answer = post(told[1], body)
    assert answer.status == 400
    assert why in answer.body.decode()


def test_where_it_cannot_be_sent_that_is_said(told: tuple[Mosquitto, int]) -> None:
    broker, port = told
    for device in ("attic", "+", "hall/poses", "", "%23"):
        assert post(port, device=device).status == 409
    assert post(port, b" " * 70_000).status == 413
    with Player(broker.port, "attic") as attic:
        attic.places(floor=FLOOR)
        wait_until(lambda: post(port, {"zone": [RUG]}, "attic").status == 204, what="its floor is known")


def test_without_a_broker_that_is_said() -> None:
    with may_send() as (broker, port):
        broker.stop()
        wait_until(lambda: post(port).status == 503, what="the broker is away")


@contextmanager
def sensor(broker: Mosquitto, *settings: str) -> Iterator[None]:
    """A real ``report``, of a simulated person."""
    where = ["--set=mqtt.host=127.0.0.1", f"--set=mqtt.port={broker.port}", *settings]
    arguments = ["simulate", "--scene=stand-still", "--loop", "--name=hall"]
    process = subprocess.Popen([*COMMAND, *arguments, *where], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def said(page: webdriver.Chrome) -> str:
    return text(page, "#said")


def test_the_sensor_takes_what_was_drawn_and_its_settings_again(page: webdriver.Chrome, broker: Mosquitto) -> None:
    with (
        Subscriber(broker.port, "posenet/hall/places") as heard,
        sensor(broker, "--set=command.enabled=true"),
        viewer(broker.port, "--commands") as url,
    ):
        page.get(url)
        wait_until(lambda: text(page, "#source") == "As in its settings", what="places")
        press(page, "#edit")
        drag(page, (0.2, 0.3), (0.6, 0.7))
        press(page, "#save")
        assert not page.find_element(By.ID, "settings").is_displayed()
        page.find_element(By.ID, "send").click()
        wait_until(lambda: said(page) == "the sensor uses this now", what="taken")
        told = json.loads(heard.messages[-1].payload)
        (zone,) = told["zone"]
        assert (zone["name"], zone["point"], told["source"]) == ("zone-1", "feet", "command")
        assert zone["polygon"] == [
            pytest.approx(point, abs=0.004) for point in ((0.2, 0.3), (0.6, 0.3), (0.6, 0.7), (0.2, 0.7))
        ]
        press(page, "#close")
        assert "over MQTT" in text(page, "#source")
        assert corner(page, 0, 0).is_displayed()
        press(page, "#save")
        page.find_element(By.ID, "settings").click()
        wait_until(lambda: said(page) == "the sensor uses its settings again", what="taken back")
        assert text(page, "#place-list") == "None yet"
        assert json.loads(heard.messages[-1].payload)["zone"] == []


def test_a_sensor_that_takes_no_commands_is_told_of(page: webdriver.Chrome, broker: Mosquitto) -> None:
    with sensor(broker), viewer(broker.port, "--commands") as url:
        page.get(url)
        wait_until(lambda: text(page, "#source") == "As in its settings", what="places")
        press(page, "#edit")
        press(page, "#add")
        press(page, "#save")
        page.execute_script("const wait = setTimeout; setTimeout = (what, ms, ...rest) => wait(what, ms / 20, ...rest)")
        page.find_element(By.ID, "send").click()
        wait_until(lambda: said(page).startswith("not answered within 5 s: does it have"), what="said")
        assert "Edited" in text(page, "#source"), "nothing is lost"


def test_without_the_option_nothing_can_be_sent(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    player.places(zone=[SOFA], source="command")
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: "sofa" in text(page, "#place-list"), what="places")
        page.find_element(By.ID, "save").click()
        for button in ("send", "settings", "rights"):
            assert not page.find_element(By.ID, button).is_displayed()
        assert page.find_element(By.ID, "copy").is_displayed()
