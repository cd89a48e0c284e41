"""Several sensors on the page: a tile for each, one that leads to the sensor, and the one sensor at once."""

from contextlib import ExitStack

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from edge.tools.mosquitto import Mosquitto
from tests.support.waiting import wait_until
from tests.tools.view.stage import Player, shown, text, viewer


def tiles(page: webdriver.Chrome) -> dict[str, list[str]]:
    """By name, what stands on each tile that can be seen."""
    found = [tile.text.split("\n") for tile in page.find_elements(By.CSS_SELECTOR, "#tiles .tile")]
    return {lines[0]: lines[1:] for lines in found if lines[0]}


def is_open(page: webdriver.Chrome, headline: str) -> bool:
    return not tiles(page) and page.find_element(By.ID, "headline").text == headline


def test_one_sensor_is_shown_at_once_and_stays(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    player.state(occupied=True, people=1)
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: is_open(page, "Occupied, 1 person"), what="the only one")
        assert not page.find_element(By.ID, "devices").is_displayed()
        wait_until(lambda: page.current_url.endswith("#hall"), what="settled")
        with Player(broker.port, "attic") as attic:
            attic.health()
            wait_until(page.find_element(By.ID, "devices").is_displayed, what="a choice")
            assert is_open(page, "Occupied, 1 person"), "nobody who looks at it is led away"


def test_each_has_a_tile_that_says_how_it_is(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    with ExitStack() as stack:
        attic, cellar, garage = (
            stack.enter_context(Player(broker.port, device)) for device in ("attic", "cellar", "garage")
        )
        player.state(occupied=True, people=2, fall=False)
        attic.online()
        attic.health()
        attic.state(occupied=True, people=1, fall=True)
        cellar.health()
        cellar.state(occupied=False, people=0)
        cellar.say("availability", b"offline", retain=True)
        garage.silent_health()
        garage.state(occupied=False, people=0)
        page.get(stack.enter_context(viewer(broker.port)))
        fallen = "Fall: somebody has fallen and has not got up"
        wanted = {
            "The hall": ["Occupied, 2 people", "running"],
            "The attic": [fallen, "Occupied, 1 person", "running"],
            "The cellar": ["Nothing is known of the room: offline", "offline"],
            "The garage": ["Empty", "simulated or replayed"],
        }
        wait_until(lambda: tiles(page) == wanted, what=lambda: f"tiles, found {tiles(page)}")
        assert text(page, "#alarms") == f"The attic {fallen}"
        assert list(tiles(page)) == sorted(wanted), "in the order of their names"

        # By keyboard: the tile that has the focus opens with Enter, and "back" returns.
        tile = page.find_element(By.CSS_SELECTOR, "a.tile[href='#attic']")
        tile.send_keys(Keys.ENTER)
        wait_until(lambda: is_open(page, "Occupied, 1 person"), what="the attic")
        assert fallen in text(page, "#alarms")
        page.back()
        wait_until(lambda: len(tiles(page)) == 4, what="all again")
        # A fall elsewhere is said beside any sensor, and leads there.
        tile = page.find_element(By.CSS_SELECTOR, "a.tile[href='#hall']")
        tile.click()
        wait_until(lambda: is_open(page, "Occupied, 2 people"), what="the hall")
        page.find_element(By.CSS_SELECTOR, "#alarms a").click()
        wait_until(lambda: is_open(page, "Occupied, 1 person"), what="the attic")
        attic.state(occupied=True, people=1, fall=False)
        wait_until(lambda: text(page, "#alarms") == "", what="up again")


def test_names_change_are_shared_and_written_in_any_script(
    page: webdriver.Chrome, broker: Mosquitto, player: Player
) -> None:
    with Player(broker.port, "attic") as attic, viewer(broker.port) as url:
        attic.health(name="The hall")
        page.get(url)
        wait_until(lambda: sorted(tiles(page)) == ["The hall (attic)", "The hall (hall)"], what="told apart")
        attic.health(name="غرفة 🛋 <b>")
        wait_until(lambda: sorted(tiles(page)) == ["The hall", "غرفة 🛋 <b>"], what="another name")
        for name in ("availability", "health"):
            attic.say(name, b"", retain=True)
        wait_until(lambda: is_open(page, "Nothing is known of the room"), what="one is left")


@pytest.mark.parametrize("fragment", ["%", "%E0%A4%A", "attic", "%00"])
def test_an_address_of_no_sensor_does_no_harm(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, fragment: str
) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", f"{url}#{fragment}")
        assert text(page, "#link") == "live"
