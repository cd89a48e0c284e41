"""The page in a real browser, of a real broker: what it draws is what was published."""

import time
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from edge.pose import FACE_NAMES, KEYPOINT_NAMES, Person
from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.scenes import scene
from tests.support.waiting import wait_until
from tests.tools.view.stage import Player, shown, text, viewer

BOTH = scene("two-cross").persons(2.0)


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
    player.state(
        occupied=True,
        people=2,
        postures={"1": "standing", "2": "sitting"},
        positions={"1": [0.5, 3.2]},
        rules={"late_visit": False},
    )
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        player.event("hand_raised", person=1, zone="sofa", details={"side": "left"})
        keep_playing(page, player, BOTH)
        wait_until(lambda: "Person 2: sitting" in text(page, "#persons"), what="postures")
        assert text(page, ".person[data-id='1'] text") == "1 standing"
        assert page.find_element(By.ID, "persons").get_attribute("aria-live") == "polite"
        wait_until(lambda: "hand raised" in text(page, "#events"), what="event")
        assert "person 1, zone sofa, side left" in text(page, "#events")
        wait_until(lambda: "Person 1: standing, 3.2 m away" in text(page, "#persons"), what="position")
        wait_until(lambda: "Person 2: sitting, on the" in text(page, "#persons"), what="place")
        assert page.find_element(By.ID, "name").text == "The hall"
        assert text(page, "#headline") == "Occupied, 2 people"
        assert [line.text for line in page.find_elements(By.CSS_SELECTOR, "#groups .rules li")] == ["none holds"]
        health = text(page, "#health")
        for word in ("running", "sealed", "47.5 ms", "51.5 °C", "clear"):
            assert word in health
        player.health(breaches=("network",), blindness="dark", temperature=85.5)
        wait_until(lambda: "not sealed" in text(page, "#health"), what="bad health")
        bad = [part.text.split("\n")[-1] for part in page.find_elements(By.CSS_SELECTOR, "#health .bad")]
        assert bad == ["not sealed", "85.5 °C"], "the picture is dark, but sure bodies are found in it"


def test_a_dark_picture_of_nobody_is_called_dark(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    player.health(blindness="dark")
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: text(page, "#notice") == "Nobody is shown: the camera sees nothing (dark)", what="said")
        assert "dark" in text(page, "#health")


def test_words_of_others_stay_words(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    evil = "<img src=x onerror=alert(1)>"
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        player.state(rules={evil: True})
        player.event("rule", person=1, zone=evil, details={"rule": evil})
        keep_playing(page, player, BOTH)
        wait_until(lambda: evil in text(page, "#groups") and evil in text(page, "#events"), what="shown")
        assert page.execute_script("return document.images.length") == 0


def test_silence_is_no_empty_room(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        keep_playing(page, player, ())
        wait_until(lambda: text(page, "#persons") == "Nobody is seen", what="a frame without people")
        player.say("availability", b"offline", retain=True)
        wait_until(lambda: text(page, "#headline") == "Nothing is known of the room: offline", what="offline")
        wait_until(lambda: text(page, "#persons") == "Nobody is shown", what="no frame")
        assert "obody is seen" not in page.find_element(By.TAG_NAME, "body").text
        assert text(page, "#health") == "Sensoroffline"


def test_a_sensor_that_shares_events_only(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    player.state(occupied=True, people=1)
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: text(page, "#notice") == "This sensor shares no coordinates", what="said")
        wait_until(lambda: text(page, "#headline") == "Occupied, 1 person", what="state")
        player.state(occupied=None, people=None)
        wait_until(lambda: text(page, "#headline") == "Nothing is known of the room", what="nothing known")


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
