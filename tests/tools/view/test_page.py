"""The page in a real browser, of a real broker: what it draws is what was published, and its zones are good."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from edge import config
from edge.pose import FACE_NAMES, KEYPOINT_NAMES, Person
from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import scene
from tests.subscriber import wait_until
from tests.tools.view.stage import Player, browser, viewer, zones_file

BOTH = scene("two-cross").persons(2.0)


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    with browser() as driver:
        yield driver


@pytest.fixture
def page(chromium: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The browser; afterwards nothing may have gone wrong in it that nobody expected."""
    yield chromium
    said = [entry["message"] for entry in chromium.get_log("browser")]
    # A lost connection is said by the browser itself, whatever the page does.
    assert [text for text in said if "net::ERR_" not in text] == []
    chromium.execute_script("localStorage.clear()")


@pytest.fixture
def player(broker: Mosquitto) -> Iterator[Player]:
    with Player(broker.port) as playing:
        playing.online()
        playing.health()
        yield playing


def text(page: webdriver.Chrome, selector: str) -> str:
    return str(page.execute_script("return document.querySelector(arguments[0])?.textContent ?? ''", selector))


def shown(page: webdriver.Chrome, device: str, url: str = "") -> None:
    """The page, opened or (without a url) loaded again, once it shows what is known of the device."""
    if url:
        page.get(url)
    else:
        page.refresh()
    wait_until(lambda: f"The {device}" in text(page, "#devices"), what="sensor listed")
    wait_until(lambda: text(page, "#link") == "live", what="live")


def drawn(page: webdriver.Chrome) -> dict[int, dict[str, tuple[float, float, float]]]:
    """By id: x and y in px of the frame and opacity of every joint that is drawn, read back from the drawing."""
    script = """return [...document.querySelectorAll('.person')].map(person => [Number(person.dataset.id),
      [...person.querySelectorAll('circle')].filter(dot => dot.getAttribute('opacity') !== '0').map(dot =>
        [dot.dataset.part, ...['cx', 'cy', 'opacity'].map(name => Number(dot.getAttribute(name)))])])"""
    return {number: {part: tuple(rest) for part, *rest in dots} for number, dots in page.execute_script(script)}


def keep_playing(page: webdriver.Chrome, player: Player, people: tuple[Person, ...], **settings: str) -> None:
    """Publishes the frame until it is drawn."""

    def arrived() -> bool:
        player.poses(people, **settings)
        time.sleep(0.05)
        return set(drawn(page)) == {person.id for person in people}

    wait_until(arrived, what="drawn")


def expected(person: Person, hidden: frozenset[str] = frozenset()) -> dict[str, tuple[float, float, float]]:
    return {
        part: pytest.approx((point.x, point.y, point.score), abs=0.11)
        for part, point in zip(KEYPOINT_NAMES, person.pose.keypoints, strict=True)
        if part not in hidden and point.score > 0
    }


@pytest.mark.parametrize(
    ("settings", "hidden", "people"),
    [
        ({}, frozenset(), BOTH),
        ({"positions": "normalised"}, frozenset(), BOTH),
        ({"share": "body"}, FACE_NAMES, BOTH),
        ({"mode": "single"}, frozenset(), BOTH[:1]),
    ],
    ids=["pixels", "normalised", "body", "single"],
)
def test_it_draws_every_joint_where_it_is(
    page: webdriver.Chrome,
    broker: Mosquitto,
    player: Player,
    settings: dict[str, str],
    hidden: frozenset[str],
    people: tuple[Person, ...],
) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        keep_playing(page, player, people, **settings)
        assert drawn(page) == {person.id: expected(person, hidden) for person in people}
        assert page.execute_script("return document.querySelector('#stage').getAttribute('viewBox')") == "0 0 640 480"


def test_bones_are_no_surer_than_their_joints(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    person = BOTH[0]
    points = list(person.pose.keypoints)
    wrist = KEYPOINT_NAMES.index("leftWrist")
    points[wrist] = points[wrist]._replace(score=0.25)
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        keep_playing(page, player, (Person(5, person.pose._replace(keypoints=tuple(points))),))
        script = """return [...document.querySelectorAll('.person line')].filter(line => Math.hypot(
          line.getAttribute('x2') - arguments[0], line.getAttribute('y2') - arguments[1]) < 0.2)
          .map(line => Number(line.getAttribute('opacity')))"""
        assert page.execute_script(script, points[wrist].x, points[wrist].y) == [0.25]


def test_all_is_there_as_text(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    player.state(occupied=True, people=2, postures={"1": "standing", "2": "sitting"})
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        player.event("arrived", person=1, zone="sofa", details={"side": "left"})
        keep_playing(page, player, BOTH)
        wait_until(lambda: "Person 2: sitting" in text(page, "#persons"), what="postures")
        assert text(page, ".person[data-id='1'] text") == "1 standing"
        assert page.find_element(By.ID, "persons").get_attribute("aria-live") == "polite"
        wait_until(lambda: "arrived" in text(page, "#events"), what="event")
        assert "person 1, sofa, side left" in text(page, "#events")
        health = text(page, "#health")
        for word in ("running", "sealed", "47.5 ms", "51.5 °C", "clear"):
            assert word in health
        player.health(breaches=("network",), brightness=0.01, temperature=85.5)
        wait_until(lambda: "not sealed" in text(page, "#health"), what="bad health")
        bad = [part.text.split("\n")[-1] for part in page.find_elements(By.CSS_SELECTOR, "#health .bad")]
        assert bad == ["not sealed", "85.5 °C", "dark"]


def test_words_of_others_stay_words(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    evil = "<img src=x onerror=alert(1)>"
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        player.state(**{evil: evil, "postures": {"1": evil}})
        player.say("event/x", f'{{"time": 1, "kind": "{evil}", "id": 1, "{evil}": "{evil}"}}'.encode())
        keep_playing(page, player, BOTH)
        wait_until(lambda: evil in text(page, "#known") and evil in text(page, "#events"), what="shown")
        wait_until(lambda: evil in text(page, "#persons"), what="shown")
        assert page.execute_script("return document.images.length") == 0


def test_a_sensor_that_shares_events_only(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    player.state(occupied=True, people=1)
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: text(page, "#notice") == "This sensor shares no coordinates", what="said")
        wait_until(lambda: "occupiedyes" in text(page, "#known"), what="state")
        player.state(occupied=None, people=None)
        wait_until(lambda: "not known" in text(page, "#known"), what="nothing known")


def test_several_sensors(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    with Player(broker.port, "attic") as other, viewer(broker.port) as url:
        other.health()
        shown(page, "hall", url)
        wait_until(lambda: "The attic" in text(page, "#devices"), what="the other one listed")
        page.execute_script(
            "const s = document.querySelector('#devices'); s.value = 'attic'; s.dispatchEvent(new Event('change'))"
        )
        player.poses(BOTH)
        keep_playing(page, other, BOTH[1:])
        assert set(drawn(page)) == {2}
        assert urlsplit(page.current_url).fragment == "attic"


def test_it_survives_a_restart_of_the_broker(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        keep_playing(page, player, BOTH)
        broker.stop()
        wait_until(lambda: "broker is away" in text(page, "#link"), what="said")
        wait_until(lambda: not drawn(page), what="old poses gone")
        broker.start()
        wait_until(lambda: text(page, "#link") == "live", what="live again")
        keep_playing(page, player, BOTH[:1])


def test_the_token_does_not_stay_in_the_address(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        assert urlsplit(url).query
        assert not urlsplit(page.current_url).query
        # The cookie opens it from now on, and scripts cannot read that.
        shown(page, "hall")
        assert page.execute_script("return document.cookie") == ""
        (cookie,) = page.get_cookies()
        assert cookie["sameSite"] == "Strict"
        assert cookie["httpOnly"]
        page.delete_all_cookies()
        page.get(page.current_url.partition("#")[0])
        assert "not allowed" in text(page, "body")
    assert "403" in page.get_log("browser")[-1]["message"]


def toml(page: webdriver.Chrome) -> str:
    page.find_element(By.ID, "save").click()
    said = str(page.find_element(By.ID, "toml").get_property("value"))
    page.find_element(By.ID, "close").click()
    return said


def zones(page: webdriver.Chrome, folder: Path) -> dict[str, list[tuple[float, float]]]:
    """As the sensor would read them."""
    file = folder / "saved.toml"
    file.write_text(toml(page))
    return {zone.name: list(zone.polygon) for zone in config.load(file).zone}


def drag(page: webdriver.Chrome, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one point of the frame (in fractions) to another, with the mouse."""
    stage = page.find_element(By.ID, "stage")
    place = stage.rect
    across = [((x - 0.5) * place["width"], (y - 0.5) * place["height"]) for x, y in (start, end)]
    chain = ActionChains(page).move_to_element_with_offset(stage, *map(round, across[0])).click_and_hold()
    chain.move_by_offset(5, 5).move_to_element_with_offset(stage, *map(round, across[1])).release().perform()


def corner(page: webdriver.Chrome, zone: int, number: int) -> WebElement:
    return page.find_element(By.CSS_SELECTOR, f".corner[data-zone='{zone}'][data-corner='{number}']")


def near(*points: tuple[float, float]) -> list[object]:
    return [pytest.approx(point, abs=0.004) for point in points]


def test_a_zone_is_drawn_dragged_and_kept(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, tmp_path: Path
) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        page.find_element(By.ID, "edit").click()
        drag(page, (0.2, 0.3), (0.6, 0.7))
        assert zones(page, tmp_path) == {"zone-1": near((0.2, 0.3), (0.6, 0.3), (0.6, 0.7), (0.2, 0.7))}
        drag(page, (0.6, 0.7), (0.9, 0.8))
        drag(page, (0.4, 0.3), (0.4, 0.1))
        wanted = near((0.2, 0.3), (0.4, 0.1), (0.6, 0.3), (0.9, 0.8), (0.2, 0.7))
        assert zones(page, tmp_path) == {"zone-1": wanted}
        name = page.find_element(By.CSS_SELECTOR, "#zone-list input")
        name.clear()
        name.send_keys("sofa", Keys.TAB)
        shown(page, "hall")
        assert zones(page, tmp_path) == {"sofa": wanted}
        page.find_element(By.ID, "edit").click()
        page.find_element(By.ID, "reset").click()
        assert zones(page, tmp_path) == {}


def test_a_zone_is_edited_by_keyboard(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, tmp_path: Path
) -> None:
    with viewer(broker.port, f"--config={zones_file(tmp_path)}") as url:
        shown(page, "hall", url)
        configured = near((0.05, 0.55), (0.35, 0.55), (0.35, 0.9), (0.05, 0.9))
        assert zones(page, tmp_path) == {"sofa": configured}
        page.find_element(By.ID, "edit").send_keys(Keys.ENTER)
        first = corner(page, 0, 0)
        assert first.get_attribute("aria-label") == "corner 1 of 4, 5 % from the left, 55 % from the top"
        page.execute_script("arguments[0].focus()", first)
        page.switch_to.active_element.send_keys(Keys.ARROW_UP, Keys.ARROW_RIGHT)
        ActionChains(page).key_down(Keys.SHIFT).send_keys(Keys.ARROW_UP).key_up(Keys.SHIFT).perform()
        assert zones(page, tmp_path) == {"sofa": [*near((0.06, 0.49)), *configured[1:]]}
        page.execute_script("arguments[0].focus()", corner(page, 0, 0))
        ActionChains(page).key_down(Keys.SHIFT).send_keys(Keys.ARROW_LEFT * 2).key_up(Keys.SHIFT).perform()
        assert zones(page, tmp_path) == {"sofa": [*near((0.0, 0.49)), *configured[1:]]}, "no further than the edge"
        page.execute_script("arguments[0].focus()", corner(page, 0, 0))
        page.switch_to.active_element.send_keys(Keys.DELETE)
        assert zones(page, tmp_path) == {"sofa": configured[1:]}
        page.execute_script("document.querySelector('.corner').focus()")
        page.switch_to.active_element.send_keys(Keys.DELETE)
        assert zones(page, tmp_path) == {"sofa": configured[1:]}, "three are the least"
        page.find_element(By.ID, "add").send_keys(Keys.ENTER)
        assert list(zones(page, tmp_path)) == ["sofa", "zone-2"]
        kept = config.load(tmp_path / "saved.toml").zone[0]
        assert kept.dwell == 60.0


def test_what_the_sensor_would_refuse_is_said(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        page.find_element(By.ID, "edit").click()
        drag(page, (0.3, 0.3), (0.6, 0.6))
        drag(page, (0.3, 0.3), (0.9, 0.5))
        assert text(page, ".problem") == "its edges cross or touch"
        assert toml(page) == "# zone-1: its edges cross or touch; correct that first\n"
        drag(page, (0.9, 0.5), (0.3, 0.3))
        name = page.find_element(By.CSS_SELECTOR, "#zone-list input")
        name.clear()
        name.send_keys("Sofa!", Keys.TAB)
        assert "small letters" in text(page, ".problem")
