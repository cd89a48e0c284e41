"""Options, and the table of what each fault cost."""

import operator
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from edge.tools.mosquitto import Mosquitto
from tests.faults.sensor import Sensor, await_news, last_time, times
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until

# They wait, for minutes: scripts/rehearse and scripts/faults run them, an ordinary pytest passes by.
collect_ignore_glob = [] if "POSENET_EDGE_REHEARSAL" in os.environ else ["test_*.py"]

Fault = Callable[[str, Subscriber], AbstractContextManager[None]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what ``scripts/faults`` passes."""
    parser.addoption("--kills", type=int, default=20, help="times that a process is killed")
    parser.addoption("--recovery", action="store_true", help="print how soon the sensor was back")


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    """A broker that is up between the tests of a file."""
    with Mosquitto() as running:
        yield running


@pytest.fixture
def listener(broker: Mosquitto, sensor: Sensor) -> Iterator[Subscriber]:
    """What the broker hands on, also after a restart; the file's sensor sends poses."""
    with Subscriber(broker.port) as listener:
        wait_until(lambda: listener.on("poses"), what="poses")
        yield listener


@pytest.fixture
def fault(record_property: Callable[[str, object], None]) -> Fault:
    """A fault between ``with`` and its end; then new poses must come."""

    @contextmanager
    def injected(name: str, listener: Subscriber) -> Iterator[None]:
        begun = last_time(listener)
        yield
        back_after = await_news(listener, time.time())
        told = sorted(each for each in times(listener) if each >= begun)
        record_property("fault", (name, back_after, max(map(operator.sub, told[1:], told), default=0.0)))

    return injected


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print a table, in the form of the documentation."""
    if not config.getoption("--recovery"):
        return
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    times_of: dict[str, list[tuple[float, float]]] = {}
    for name, *seconds in (value for report in reports for key, value in report.user_properties if key == "fault"):
        times_of.setdefault(name, []).append(tuple(seconds))
    for name, found in sorted(times_of.items()):
        back_after, missing = (max(each) for each in zip(*found, strict=True))
        # Where it begins with the sensor itself, none are missing.
        told = f"{missing:.1f} s" if missing else "-"
        terminalreporter.write_line(f"| {name} | {len(found)} | {back_after:.1f} s | {told} |")
