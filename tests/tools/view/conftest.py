"""What the tests of the page share: a browser in which nothing may go wrong, and a sensor that is well."""

from collections.abc import Iterator

import pytest
from selenium import webdriver

from edge.tools.mosquitto import Mosquitto
from tests.tools.view.stage import Player, browser, viewer


@pytest.fixture(scope="package")
def chromium() -> Iterator[webdriver.Chrome]:
    with browser() as driver:
        yield driver


@pytest.fixture(scope="package")
def modules(chromium: webdriver.Chrome) -> Iterator[str]:
    """The address of a page whose modules can be asked by themselves."""
    with Mosquitto() as broker, viewer(broker.port) as url:
        yield url


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
