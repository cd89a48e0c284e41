"""The page on a phone, a desk and a wide screen: nothing cut off, places edited beside the picture, all by keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import scene
from tests.support.waiting import wait_until
from tests.tools.view.stage import (
    DOOR,
    FLOOR,
    RUG,
    SOFA,
    TELEVISION,
    Player,
    corner,
    is_laid_out,
    press,
    shown,
    text,
    viewer,
)

SIZES = {"phone": (390, 844), "desk": (1280, 900), "wide": (1920, 1080)}
MANY = [{**SOFA, "name": f"a-zone-with-a-long-name-{number}"} for number in range(32)]
CUT_OFF = """const view = document.documentElement.clientWidth;
const cut = [...document.querySelectorAll('body *')].filter(one => one.checkVisibility() && one.childElementCount === 0
  && one.textContent.trim()).filter(one => {
    const box = one.getBoundingClientRect();
    if (!box.width) return false;
    const frame = one.ownerSVGElement?.getBoundingClientRect();
    const isOut = frame && (box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
    return isOut || box.left < -1 || box.right > view + 1
      || !frame && one.clientWidth && one.scrollWidth > one.clientWidth + 1;
  }).map(one => one.textContent);
if (document.documentElement.scrollWidth > view) cut.push('the whole page');
return cut"""
"""Texts that are not wholly in the window, or not in their drawing."""


@contextmanager
def sized(page: webdriver.Chrome, width: int, height: int) -> Iterator[None]:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        yield
    finally:
        metrics = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def box(page: webdriver.Chrome, selector: str) -> Any:
    return page.execute_script("return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", selector)


def in_sight(page: webdriver.Chrome, selector: str) -> bool:
    """Whether all of it is in the window, and nothing lies over its middle."""
    script = """const one = document.querySelector(arguments[0]), box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.top >= -1 && box.bottom <= innerHeight + 1 && box.left >= -1 && box.right <= innerWidth + 1
      && (one.contains(top) || top?.contains(one))"""
    return bool(page.execute_script(script, selector))


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off(page: webdriver.Chrome, broker: Mosquitto, player: Player, size: str) -> None:
    # At the very edges of the picture, where names would not fit.
    edges = [
        {"name": "a-place-on-the-right-edge", "polygon": [[0.97, 0.9], [1.0, 0.9], [1.0, 1.0], [0.97, 1.0]]},
        {"name": "a-place-at-the-top", "polygon": [[0.4, 0.0], [0.6, 0.0], [0.6, 0.01], [0.4, 0.01]]},
    ]
    lines = [
        DOOR,
        {"name": "right", "start": [0.999, 0.4], "end": [0.999, 0.6]},
        {"name": "low", "start": [0.9, 0.99], "end": [0.1, 0.99]},
    ]
    player.places(zone=[SOFA, RUG, *edges], line=lines, ignore=[TELEVISION], floor=FLOOR)
    player.health(name="A sensor whose name takes up all of the room that a name may have", source="video")
    zones = {zone["name"]: {"occupied": True, "people": 12, "dwelling": True} for zone in MANY}
    player.state(
        occupied=True, people=20, assumed=3, assumed_for=1800, fall=True, zones=zones, movement=None, waving=None
    )
    with sized(page, *SIZES[size]), viewer(broker.port) as url:
        page.get(url)
        wait_until(lambda: "Occupied" in text(page, "#headline"), what="known")
        wait_until(lambda: "a-place-at-the-top" in text(page, "#place-list"), what="places")

        def drawn() -> bool:
            player.poses(scene("two-cross").persons(1.0))
            return len(page.find_elements(By.CSS_SELECTOR, ".person")) == 2

        wait_until(drawn, what="people")
        page.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.execute_script(CUT_OFF) == []
        press(page, "#edit")
        assert page.execute_script(CUT_OFF) == []
        player.say("availability", b"offline", retain=True)
        wait_until(lambda: "offline" in text(page, "#headline"), what="offline")
        assert page.execute_script(CUT_OFF) == []


def test_what_is_cut_off_would_be_found(page: webdriver.Chrome, modules: str) -> None:
    page.get(modules)
    wait_until(lambda: is_laid_out(page), what="live")
    assert page.execute_script(CUT_OFF) == []
    script = """document.querySelector('#unknown').style = 'width: 20px; white-space: nowrap; overflow: hidden';
    document.querySelector('#unknown').textContent = 'a text that does not fit';
    const name = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    name.setAttribute('x', 630); name.setAttribute('y', 100);
    name.textContent = 'a name beyond the edge';
    document.querySelector('#places').append(name);"""
    page.execute_script(script)
    assert page.execute_script(CUT_OFF) == ["a name beyond the edge", "a text that does not fit"]


@pytest.mark.parametrize("size", SIZES)
def test_places_are_edited_beside_the_picture(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, size: str
) -> None:
    player.places(zone=MANY[:8], line=[DOOR])
    with sized(page, *SIZES[size]), viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: "door" in text(page, "#place-list"), what="places")
        assert in_sight(page, "#edit"), "without scrolling"
        page.find_element(By.ID, "edit").click()
        first = "#place-list li:first-child input"
        for part in ("#stage", "#edit", "#kind", "#add", "#save", first):
            assert in_sight(page, part), part
        # The last of many places is beside the picture too, once it is scrolled to.
        page.execute_script("document.querySelector('#place-list li:last-child').scrollIntoView({ block: 'end' })")
        for part in ("#stage", "#edit", "#place-list li:last-child input"):
            assert in_sight(page, part), part


def focused(page: webdriver.Chrome) -> str:
    """Which element has the focus, and whether that can be seen."""
    script = """const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
    const shown = outlined || one.matches('.corner') && style.strokeOpacity !== '0';
    const name = one.id || one.getAttribute('aria-label') || one.textContent.trim();
    return shown && box.height ? name : `${name} INVISIBLE`"""
    return str(page.execute_script(script))


def tab_through(page: webdriver.Chrome, count: int) -> list[str]:
    found = []
    for _ in range(count):
        ActionChains(page).send_keys(Keys.TAB).perform()
        found.append(focused(page))
    return found


def test_all_is_reached_by_keyboard_in_the_order_that_is_seen(
    page: webdriver.Chrome, broker: Mosquitto, player: Player
) -> None:
    player.places(zone=[SOFA], floor=FLOOR)
    with Player(broker.port, "attic") as attic, viewer(broker.port) as url:
        attic.health()
        page.get(url)
        wait_until(lambda: "The attic" in text(page, "#tiles") and "The hall" in text(page, "#tiles"), what="tiles")
        assert [each.split("\n")[0][:9] for each in tab_through(page, 3)] == ["devices", "The attic", "The hallN"]
        ActionChains(page).send_keys(Keys.ENTER).perform()
        wait_until(lambda: "sofa" in text(page, "#place-list"), what="the hall")
        # On from the picture, and back to the tile.
        assert focused(page) == "room"
        order = ["edit", "save", "grid-on", "As a list", "event-log", "What the words and numbers mean"]
        assert tab_through(page, len(order)) == order
        page.back()
        wait_until(lambda: focused(page).startswith("The hall"), what="the tile again")
        page.forward()
        wait_until(lambda: focused(page) == "room", what="the hall again")
        tab_through(page, 1)
        ActionChains(page).send_keys(Keys.ENTER).perform()
        # Back to the corners, which are in the picture before the buttons.
        ActionChains(page).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        assert focused(page) == "corner 4 of 4, 5 % from the left, 90 % from the top"
        ActionChains(page).send_keys(Keys.ARROW_UP).perform()
        assert focused(page) == "corner 4 of 4, 5 % from the left, 89 % from the top"
        ActionChains(page).send_keys(Keys.ESCAPE).perform()
        assert focused(page) == "edit"
        assert text(page, "#edit") == "Edit places"
        assert not page.find_elements(By.CSS_SELECTOR, ".corner")


def test_the_dialog_ends_with_escape_and_gives_the_focus_back(
    page: webdriver.Chrome, broker: Mosquitto, player: Player
) -> None:
    player.places(zone=[SOFA])
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: "sofa" in text(page, "#place-list"), what="places")
        page.find_element(By.ID, "edit").send_keys(Keys.ENTER)
        page.find_element(By.ID, "save").send_keys(Keys.ENTER)
        assert page.find_element(By.ID, "saving").is_displayed()
        names = tab_through(page, 4)
        assert {"toml", "copy", "close"} <= {name.removesuffix(" INVISIBLE") for name in names}, "and nothing behind it"
        ActionChains(page).send_keys(Keys.ESCAPE).perform()
        assert not page.find_element(By.ID, "saving").is_displayed()
        assert focused(page) == "save"
        assert corner(page, 0, 0).is_displayed(), "the editing goes on"


def test_the_words_are_explained_by_keyboard_and_touch(
    page: webdriver.Chrome, broker: Mosquitto, player: Player
) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        page.find_element(By.CSS_SELECTOR, "#legend summary").send_keys(Keys.ENTER)
        legend = page.find_element(By.ID, "legend").text
        assert "The number of a person is the one beside the skeleton" in legend
        assert "arrived\nthe room was empty, and somebody is there" in legend
