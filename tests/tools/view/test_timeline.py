"""The last day on the page: what the server heard, with gaps, also after a reload, and never more than fits."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from edge.tools.mosquitto import Mosquitto
from tests.support.waiting import wait_until
from tests.tools.view.client import TOKEN, ask, cookie
from tests.tools.view.stage import Player, ask_page, shown, text, viewer

DAY_S = 86400.0


def bands(page: webdriver.Chrome) -> list[str]:
    """What the band shows from left to right."""
    script = "return [...document.querySelectorAll('#band g rect')].map(band => band.classList[1])"
    return list(page.execute_script(script))


def drawn(page: webdriver.Chrome, url: str, day: dict[str, Any]) -> tuple[list[tuple[str, float, float]], str, str]:
    """The bands of this day: word, begin and end as fractions of the width; its sum and since when it was heard."""
    script = """const { Timeline } = await import('/page/timeline.js');
    const timeline = new Timeline();
    timeline.day = { ...arguments[0], at: Date.now() };
    timeline.draw();
    const width = document.querySelector('#band').viewBox.baseVal.width;
    const bands = [...document.querySelectorAll('#band g rect')].map(band =>
      [band.classList[1], band.x.baseVal.value / width, (band.x.baseVal.value + band.width.baseVal.value) / width]);
    return [bands, document.querySelector('#day-sum').textContent, document.querySelector('#listened').textContent]"""
    bands, total, since = ask_page(page, url, script, day)
    return [(word, begin, end) for word, begin, end in bands], total, since


def test_spans_are_drawn_where_they_were_and_the_rest_is_a_gap(page: webdriver.Chrome, modules: str) -> None:
    day = {
        "length": DAY_S,
        "listened": DAY_S / 2,
        "spans": [[DAY_S / 2, DAY_S / 4, "empty"], [DAY_S / 4, DAY_S / 8, "offline"], [DAY_S / 8, 0, "occupied"]],
        "events": [],
    }
    near = [pytest.approx(part, abs=0.01) for part in (0, 0.5, 0.75, 0.875, 1)]
    bands, total, since = drawn(page, modules, day)
    assert bands == [
        ("no-record", near[0], near[4]),
        ("empty", near[1], near[2]),
        ("offline", near[2], near[3]),
        ("occupied", near[3], near[4]),
    ]
    assert total == "occupied 3 h 0 min, empty 6 h 0 min, offline 3 h 0 min; 0 events"
    assert since.startswith("Listening since ")


def test_it_grows_with_what_is_heard_and_survives_a_reload(
    page: webdriver.Chrome, broker: Mosquitto, player: Player
) -> None:
    with viewer(broker.port) as url:
        shown(page, "hall", url)
        player.state(occupied=True, people=1)
        player.event("arrived")
        player.event("fall_confirmed", person=4)
        wait_until(lambda: "occupied" in bands(page), what="occupied")
        wait_until(lambda: "2 events, 1 about falls" in text(page, "#day-sum"), what="events")
        page.find_element(By.CSS_SELECTOR, "#day-list summary").send_keys(Keys.ENTER)
        wait_until(lambda: "fall confirmed, person 4" in text(page, "#day-list ol"), what="as a list")
        player.state(occupied=None, people=None)
        wait_until(lambda: bands(page)[-1] == "unknown", what="a gap")
        before = bands(page)
        shown(page, "hall")
        wait_until(lambda: bands(page) == before, what="the same again")
        assert "2 events, 1 about falls" in text(page, "#day-sum")
        with Player(broker.port, "attic") as attic:
            attic.health()
            wait_until(lambda: "The attic" in text(page, "#devices"), what="another sensor")
            page.execute_script("location.hash = 'attic'")
            wait_until(lambda: "0 events" in text(page, "#day-sum"), what="a day of its own")
            assert "occupied" not in bands(page)


def test_it_is_told_to_nobody_else(broker: Mosquitto, player: Player) -> None:
    with viewer(broker.port, "--token", TOKEN) as url:
        port = int(urlsplit(url).port or 0)
        assert ask(port, "/history?device=hall").status == 403
        crumb = cookie(port)
        wait_until(lambda: ask(port, "/history?device=hall", Cookie=crumb).body != b"null", what="heard")
        told = json.loads(ask(port, "/history?device=hall", Cookie=crumb).body)
        assert set(told) == {"length", "listened", "spans", "events"}
        for device in ("attic", "", "+", "%23", "../setup"):
            assert ask(port, f"/history?device={device}", Cookie=crumb).body == b"null"
        assert ask(port, "/history?device=hall", Cookie=crumb, Origin="http://evil.example").status == 403


def test_a_page_that_is_open_for_a_week_does_not_grow(page: webdriver.Chrome, modules: str) -> None:
    script = """const { Sensors } = await import('/page/sensors.js');
    const { addEvent } = await import('/page/events.js');
    const { Timeline } = await import('/page/timeline.js');
    const { Tiles } = await import('/page/tiles.js');
    const sensors = new Sensors(), timeline = new Timeline(), tiles = new Tiles(document.querySelector('#tiles'));
    document.querySelector('#overview').hidden = false;
    document.querySelector('#day-list').open = true;
    const sizes = [];
    for (let sequence = 1; sequence <= 20000; sequence += 1) {
      const device = `d${sequence % 100}`;
      const event = { run: 'a', sequence, kind: 'arrived', time: 1e9, words: `arrived, person ${sequence}` };
      if (sensors.hear({ device, kind: 'event', data: event }) && device === 'd1') {
        addEvent(document.querySelector('#events'), event);
      }
      const data = { name: `${sequence}`, room: 'empty', headline: `${sequence}`, rows: [] };
      sensors.hear({ device, kind: 'summary', data });
      if (sequence % 4000) continue;
      const spans = Array.from({ length: 2000 }, (_, at) =>
        [86400 - 43 * at, 86400 - 43 * at - 43, at % 2 ? 'empty' : 'occupied']);
      const events = Array.from({ length: 600 }, (_, at) =>
        ({ age: 140 * at, words: `${sequence} ${at}`, fall: at % 2 === 0 }));
      timeline.day = { length: 86400, listened: 7 * 86400, at: Date.now(), spans, events };
      timeline.draw();
      timeline.list();
      tiles.show(sensors.titles(), id => sensors.get(id).summary);
      sizes.push([document.querySelectorAll('*').length, [...sensors.all.values()].flatMap(one => one.events).length]);
    }
    return sizes"""
    sizes = ask_page(page, modules, script)
    assert len(sizes) == 5
    nodes, events = zip(*sizes, strict=True)
    assert max(events) <= 64 * 50
    # From the second time on all is full. A full hour may come meanwhile, and with it a line and its time.
    assert max(nodes[1:]) - min(nodes[1:]) <= 4
    assert max(nodes) < 6000
