"""Places on the page, in a real browser: drawn as the sensor says, and edited by hand into what it would take."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from edge.config.settings import FloorSettings, IgnoreSettings, LineSettings, Settings, ZoneSettings
from edge.config.shapes import find_floor
from edge.geometry.polygon import Corner, crossing
from edge.report import configuration
from edge.tools.mosquitto import Mosquitto
from edge.tools.simulate.pinhole_camera import CORNER, SHELF, Camera
from tests.support.waiting import wait_until
from tests.tools.view.stage import (
    DOOR,
    FLOOR,
    RUG,
    SOFA,
    TELEVISION,
    Player,
    ask_page,
    corner,
    drag,
    press,
    shown,
    text,
    viewer,
)

MARKS = [(0.1, 0.9, -1.0, 2.5), (0.9, 0.9, 1.0, 2.5), (0.7, 0.5, 1.0, 6.0), (0.3, 0.5, -1.0, 6.0)]


def saved(page: webdriver.Chrome, folder: Path) -> Settings:
    """As the sensor would read what "Save" shows, with a floor beside it."""
    page.find_element(By.ID, "save").click()
    said = str(page.find_element(By.ID, "toml").get_property("value"))
    page.find_element(By.ID, "close").click()
    file = folder / "saved.toml"
    file.write_text("[floor]\n" + "".join(f"{key} = {value}\n" for key, value in FLOOR.items()) + said)
    return configuration.load(file)


def zones(page: webdriver.Chrome, folder: Path) -> dict[str, list[Corner]]:
    return {zone.name: list(zone.polygon) for zone in saved(page, folder).zone}


def draw(page: webdriver.Chrome, kind: str, start: Corner, end: Corner) -> None:
    Select(page.find_element(By.ID, "kind")).select_by_visible_text(kind)
    drag(page, start, end)


def near(*points: Corner) -> list[object]:
    return [pytest.approx(point, abs=0.004) for point in points]


def outline(page: webdriver.Chrome, kind: str) -> list[Corner]:
    """The corners that are drawn of the first place of that kind, in fractions of the frame."""
    said = page.execute_script(
        "return document.querySelector(arguments[0])?.getAttribute('points') ?? ''",
        f".{kind} polygon, .{kind} polyline",
    )
    points = [tuple(map(float, point.split(","))) for point in said.split()]
    return [(x / 640, y / 480) for x, y in points]


def test_it_draws_what_the_sensor_says(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    label = f"كنبة {'🛋️' * 29}"
    player.places(zone=[{**SOFA, "label": label}], line=[DOOR], ignore=[TELEVISION])
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: "television" in text(page, "#place-list"), what="places")
        assert text(page, "#place-list li") == f"{label} zone sofa"
        assert text(page, ".zone .name") == f"كنبة {'🛋️' * 26}…", "the picture has room for 32 letters"
        assert outline(page, "zone") == near(*SOFA["polygon"])
        assert outline(page, "line") == near(DOOR["start"], DOOR["end"])
        assert outline(page, "ignore") == near(*TELEVISION["polygon"])
        assert text(page, "#source") == "As in its settings"
        fill = "return getComputedStyle(document.querySelector('.ignore polygon')).fill"
        assert "#hatch" in page.execute_script(fill)
        named = [part.get_attribute("aria-label") for part in page.find_elements(By.CSS_SELECTOR, ".place")]
        way = ", in is from left to right as one looks from its start to its end"
        assert named == [f"zone {label}", f"line door{way}", "ignored place television"]
        player.places(zone=[{**SOFA, "name": "bed"}], source="command")
        wait_until(lambda: "bed" in text(page, "#place-list"), what="the new ones")
        assert "television" not in text(page, "#place-list")
        assert "over MQTT" in text(page, "#source")


def test_the_arrow_points_where_in_is(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    ends = {"up": [(0.7, 0.9), (0.7, 0.5)], "right": [(0.2, 0.5), (0.8, 0.5)], "left-down": [(0.6, 0.2), (0.3, 0.7)]}
    player.places(line=[{"name": name, "start": start, "end": end} for name, (start, end) in ends.items()])
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: "left-down" in text(page, "#place-list"), what="lines")
        script = """return [...document.querySelectorAll('.way')].map(way =>
          ['x', 'y'].map(name => Number(way.getAttribute(name))))"""
        for (start, end), (x, y) in zip(ends.values(), page.execute_script(script), strict=True):
            # Who looks along a has b on the right where a's turn to b is clockwise on a screen, whose y points down.
            along = ((end[0] - start[0]) * 640, (end[1] - start[1]) * 480)
            middle = ((start[0] + end[0]) * 320, (start[1] + end[1]) * 240)
            clockwise = np.arctan2(y - middle[1], x - middle[0]) - np.arctan2(along[1], along[0])
            assert 60 < np.rad2deg(clockwise) % 360 < 120


def test_metres_are_drawn_where_the_camera_sees_them(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, tmp_path: Path
) -> None:
    player.places(zone=[RUG], floor=FLOOR)
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: outline(page, "zone"), what="rug")
        pixels, _ = CORNER.project(np.array([(x, y, 0.0) for x, y in RUG["polygon"]]))
        assert outline(page, "zone") == near(*(pixels / CORNER.size).tolist())
        page.find_element(By.ID, "edit").click()
        assert not page.find_elements(By.CSS_SELECTOR, ".corner")
        assert not page.find_elements(By.CSS_SELECTOR, "#place-list input")
        drag(page, (0.1, 0.1), (0.3, 0.3))
        rug, drawn = saved(page, tmp_path).zone
        assert (rug.unit, list(rug.polygon)) == ("metres", [tuple(point) for point in RUG["polygon"]])
        assert drawn.unit == "frame"


def test_the_grid_lies_on_the_floor(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        assert not page.find_element(By.ID, "grid-choice").is_displayed()
        player.places(floor=FLOOR)
        wait_until(lambda: "4 m" in text(page, "#grid"), what="grid")
        script = """const lines = [...document.querySelectorAll('#grid line')].map(line =>
          ['x1', 'y1', 'x2', 'y2'].map(name => Number(line.getAttribute(name))));
        return arguments[0].map(([x, y]) => lines.filter(([x1, y1, x2, y2]) =>
          Math.abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / Math.hypot(x2 - x1, y2 - y1) < 0.1).length)"""
        spots = [(-1, 4), (0, 3), (2, 5), (0.5, 4), (1, 4.5), (0.5, 4.5)]
        pixels, _ = CORNER.project(np.array([(x, y, 0.0) for x, y in spots]))
        assert page.execute_script(script, pixels.tolist()) == [2, 2, 2, 1, 1, 0]
        page.find_element(By.ID, "grid-on").click()
        assert text(page, "#grid") == ""
        shown(page, "hall")
        wait_until(lambda: page.find_element(By.ID, "grid-choice").is_displayed(), what="places")
        assert text(page, "#grid") == "", "remembered"


def seen_spots(floor: FloorSettings, aspect: float) -> list[tuple[Corner, Corner]]:
    """Points of the frame, and where on the floor the sensor says that they are."""
    draw = random.Random(1)
    found = find_floor(floor)
    assert found
    points = [(draw.uniform(-0.2, 1.2), draw.uniform(-0.2, 1.2)) for _ in range(200)]
    return [(point, place) for point in points if (place := found.place(*point, aspect))]


@pytest.mark.parametrize(
    ("floor", "aspect"),
    [
        (FloorSettings(CORNER.height, CORNER.tilt, CORNER.field_of_view), 0.75),
        (FloorSettings(SHELF.height, SHELF.tilt, SHELF.field_of_view), 16 / 9),
        (FloorSettings(4.0, 90.0, 100.0), 0.5625),
        (FloorSettings(marks=tuple(MARKS)), 0.75),
        (FloorSettings(marks=tuple((x, y, 3 - away, right) for x, y, right, away in MARKS)), 1.0),
    ],
    ids=["corner", "shelf", "ceiling", "marks", "turned marks"],
)
def test_the_page_and_the_sensor_agree_where_the_floor_is(
    page: webdriver.Chrome, modules: str, floor: FloorSettings, aspect: float
) -> None:
    spots = seen_spots(floor, aspect)
    assert len(spots) > 50
    told = {name: getattr(floor, name) for name in ("camera_height", "tilt", "field_of_view", "marks")}
    script = """const { makeFloor } = await import('/page/floor.js');
    const floor = makeFloor(arguments[0], arguments[1]);
    return arguments[2].map(([frame, metres]) => [floor.toFrame(metres), floor.toMetres(frame)])"""
    answers = ask_page(page, modules, script, told, aspect, spots)
    for (frame, metres), (to_frame, to_metres) in zip(spots, answers, strict=True):
        for (x, y, divisor), wanted in ((to_frame, frame), (to_metres, metres)):
            assert divisor > 0
            assert (x / divisor, y / divisor) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_what_lies_behind_the_camera_is_cut_off(page: webdriver.Chrome, modules: str) -> None:
    camera = Camera(height=2.0, tilt=30.0)
    told = {"camera_height": 2.0, "tilt": 30.0, "field_of_view": camera.field_of_view}
    script = """const { inFrameOf, makeFloor } = await import('/page/floor.js');
    const floor = makeFloor(arguments[0], 0.75);
    return [inFrameOf(floor, [[-1, 6], [1, 6], [1, -6], [-1, -6]]), inFrameOf(floor, [[0, -6], [0, 6]], false),
      inFrameOf(floor, [[0, -6], [0, -5]], false)]"""
    polygon, line, nothing = ask_page(page, modules, script, told)
    pixels, _ = camera.project(np.array([(-1.0, 6.0, 0.0), (1.0, 6.0, 0.0), (0.0, 6.0, 0.0)]))
    left, right, middle = (pixels / camera.size).tolist()
    assert [polygon[0], polygon[1], line[1]] == near(left, right, middle)
    # Straight on towards the camera and past it: below the frame, and growing wider.
    (x1, y1), (x2, y2) = polygon[2:]
    assert min(y1, y2, line[0][1]) > 1
    assert x2 < left[0] < right[0] < x1
    assert nothing == []


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
        name = page.find_element(By.CSS_SELECTOR, "#place-list input")
        name.clear()
        name.send_keys("sofa", Keys.TAB)
        shown(page, "hall")
        player.places(zone=[TELEVISION])
        assert "Edited" in text(page, "#source")
        assert zones(page, tmp_path) == {"sofa": wanted}
        page.find_element(By.ID, "edit").click()
        page.find_element(By.ID, "reset").click()
        wait_until(lambda: list(zones(page, tmp_path)) == ["television"], what="as the sensor says")


def test_a_line_and_an_ignored_place_are_drawn(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, tmp_path: Path
) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        page.find_element(By.ID, "edit").click()
        draw(page, "Line", (0.3, 0.8), (0.7, 0.8))
        draw(page, "Ignored place", (0.7, 0.1), (0.9, 0.3))
        drag(page, (0.7, 0.8), (0.7, 0.5))
        settings = saved(page, tmp_path)
        (line,), (place,) = settings.line, settings.ignore
        assert [line.start, line.end] == near((0.3, 0.8), (0.7, 0.5))
        assert list(place.polygon) == near((0.7, 0.1), (0.9, 0.1), (0.9, 0.3), (0.7, 0.3))
        assert isinstance(line, LineSettings)
        assert isinstance(place, IgnoreSettings)
        assert corner(page, 0, 0).get_attribute("aria-label") == "start, 30 % from the left, 80 % from the top"
        press(page, "[aria-label='Turn around line-1']")
        assert outline(page, "line") == near((0.7, 0.5), (0.3, 0.8))
        page.execute_script("arguments[0].focus()", corner(page, 0, 1))
        page.switch_to.active_element.send_keys(Keys.DELETE)
        assert [*saved(page, tmp_path).line] == [LineSettings(line.name, line.end, line.start)], "two ends, always"
        press(page, "[aria-label='Remove line-1']")
        assert saved(page, tmp_path).line == ()


def test_a_zone_is_edited_by_keyboard(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, tmp_path: Path
) -> None:
    player.places(zone=[SOFA])
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        wait_until(lambda: "sofa" in text(page, "#place-list"), what="places")
        configured = near(*SOFA["polygon"])
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
        kept = saved(page, tmp_path).zone[0]
        assert isinstance(kept, ZoneSettings)
        assert kept.dwell == 60.0


def test_what_the_sensor_would_refuse_is_said(page: webdriver.Chrome, broker: Mosquitto, player: Player) -> None:
    def toml() -> object:
        press(page, "#save")
        said = page.find_element(By.ID, "toml").get_property("value")
        press(page, "#close")
        return said

    with viewer(broker.port) as url:
        shown(page, "hall", url)
        page.find_element(By.ID, "edit").click()
        drag(page, (0.3, 0.3), (0.6, 0.6))
        drag(page, (0.3, 0.3), (0.9, 0.5))
        assert text(page, ".problem") == "its edges cross or touch"
        assert toml() == "# zone-1: its edges cross or touch; correct that first\n"
        drag(page, (0.9, 0.5), (0.3, 0.3))
        name = page.find_element(By.CSS_SELECTOR, "#place-list input")
        name.clear()
        name.send_keys("Sofa!", Keys.TAB)
        assert "small letters" in text(page, ".problem")
        for other in ("غرفة", "🛋", "", "x" * 33):
            script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))"
            page.execute_script(script, page.find_element(By.CSS_SELECTOR, "#place-list input"), other)
            assert "small letters" in text(page, ".problem"), other
        press(page, "#reset")
        draw(page, "Line", (0.3, 0.3), (0.6, 0.3))
        drag(page, (0.6, 0.3), (0.3, 0.3))
        assert text(page, ".problem") == "start and end are the same point"


def test_more_places_than_a_sensor_takes_are_not_made(
    page: webdriver.Chrome, broker: Mosquitto, player: Player, tmp_path: Path
) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        page.find_element(By.ID, "edit").click()
        page.execute_script("for (let count = 0; count < 50; count += 1) document.querySelector('#add').click()")
        assert text(page, "#source") == "There are 32 of this kind, and a sensor takes no more"
        assert len(zones(page, tmp_path)) == 32


def test_the_page_and_the_sensor_agree_on_polygons(page: webdriver.Chrome, modules: str) -> None:
    draw = random.Random(2)
    # Eighths, so that corners often lie on edges, and no number is rounded on either side.
    polygons = [
        [(draw.randint(0, 8) / 8, draw.randint(0, 8) / 8) for _ in range(draw.randint(3, 6))] for _ in range(500)
    ]
    script = "const { crosses } = await import('/page/polygon.js'); return arguments[0].map(crosses)"
    answers = ask_page(page, modules, script, polygons)
    wanted = [crossing(polygon) is not None for polygon in polygons]
    assert {True, False} <= set(wanted)
    assert answers == wanted, json.dumps(
        [p for p, one, other in zip(polygons, answers, wanted, strict=True) if one != other]
    )


def test_an_answer_is_one_that_says_all_that_was_asked(page: webdriver.Chrome, modules: str) -> None:
    asked = {"zone": [SOFA], "line": [], "ignore": []}
    told = {**asked, "zone": [{**SOFA, "point": "feet", "enter": 0.5}], "source": "command", "floor": None}
    others = [
        {**told, "zone": []},
        {**told, "zone": [SOFA, RUG]},
        {**told, "zone": [{**SOFA, "dwell": 61}]},
        {**told, "zone": [{**SOFA, "polygon": SOFA["polygon"][1:]}]},
        {**told, "line": [DOOR]},
    ]
    script = (
        "const { isUsed } = await import('/page/places.js'); return arguments[1].map(one => isUsed(arguments[0], one))"
    )
    assert ask_page(page, modules, script, asked, [told, *others]) == [True] + [False] * len(others)
