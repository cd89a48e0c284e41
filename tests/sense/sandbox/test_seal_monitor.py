"""The guard tests the cell once a minute, and a camera stays shut for an unsealed cell that must be sealed."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from edge import wire
from edge.config.settings import CameraSettings, ModelSettings, Settings
from edge.errors import CameraFailed
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import Notifier
from edge.runtime.service import Service
from edge.sense.camera.fake import source as fake
from edge.sense.loop import Sense
from edge.sense.sandbox.confine import Confinement
from edge.sense.sandbox.device_rules import LOOK_EVERY, PATIENCE, DeviceRules
from edge.sense.sandbox.seal_monitor import CHECK_EVERY, SealMonitor

OPEN = Confinement(0, (), (), None)


class Cell:
    """What the tests of the cell will find, and what was asked of them."""

    def __init__(self, *found: tuple[str, ...]) -> None:
        self._found = list(found)
        self.asked: list[dict[str, Any]] = []
        self.shut = 0
        self.now = 0.0

    def check(self, **asked: Any) -> tuple[str, ...]:
        self.asked.append(asked)
        return self._found.pop(0) if len(self._found) > 1 else self._found[0]

    def close(self) -> tuple[str, ...]:
        self.shut += 1
        return ()

    def guard(self) -> SealMonitor:
        return SealMonitor(OPEN, installed=True, check=self.check, shut=self.close, clock=lambda: self.now)


def test_it_looks_once_a_minute_and_says_only_what_changed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    cell = Cell((), ("network",), ("network",), ())
    guard = cell.guard()
    for second in range(0, 200, 5):
        cell.now = second
        guard.look()
    assert len(cell.asked) == 1 + 199 // int(CHECK_EVERY)
    assert [record.message for record in caplog.records] == ["not sealed: network", "sealed again"]


def test_programs_are_denied_once_the_camera_is_open_and_that_is_tested_at_once() -> None:
    cell = Cell(())
    guard = cell.guard()
    guard.camera_opened()
    guard.look()
    guard.camera_opened()
    assert cell.shut == 1
    assert [asked["running"] for asked in cell.asked] == [False, True]


class Driver:
    """Kinds of device that the kernel has, nodes that are barred, and a clock."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] | None = {"media": 238}
        self.barred: list[Path] = []
        self.now = 0.0
        self.looks = 0

    def find(self) -> list[Path]:
        self.looks += 1
        return self.barred

    def guard(self) -> SealMonitor:
        rules = DeviceRules(lambda: self.kinds, self.find, lambda: self.now)
        return SealMonitor(Confinement(0, (), (), None, rules), installed=True, check=lambda **_: (), shut=lambda: ())

    def ask(self, guard: SealMonitor, until: float) -> list[float]:
        """When a new process was asked for, until that second."""
        asked = []
        while self.now < until:
            if guard.why_new_process():
                asked.append(self.now)
            self.now += 0.25
        return asked


def test_a_driver_that_comes_late_asks_for_a_new_process_at_once() -> None:
    driver = Driver()
    guard = driver.guard()
    assert driver.ask(guard, 20.0) == []
    driver.kinds = {"media": 238, "video4linux": 81}
    assert driver.ask(guard, 25.0) == [], "there is no node yet"
    driver.barred = [Path("/dev/video0")]
    assert 25.0 <= driver.ask(guard, 35.0)[0] <= 25.0 + LOOK_EVERY
    assert guard.barred == ("/dev/video0",)
    driver.now = 25.0 + 2 * LOOK_EVERY
    assert "/dev/video0 was loaded after this process" in guard.why_new_process()


def test_a_driver_whose_nodes_open_asks_for_none() -> None:
    driver = Driver()
    guard = driver.guard()
    driver.kinds = {"media": 238, "video4linux": 81}
    assert driver.ask(guard, 2 * PATIENCE) == []
    assert guard.barred == ()


@pytest.mark.parametrize("kinds", [{"media": 238}, None])
def test_rules_that_no_new_process_mends_do_not_make_one_again_and_again(kinds: dict[str, int] | None) -> None:
    driver = Driver()
    driver.kinds, driver.barred = kinds, [Path("/dev/media0")]
    guard = driver.guard()
    assert driver.ask(guard, PATIENCE) == []
    assert driver.ask(guard, PATIENCE + 2 * LOOK_EVERY)
    driver.now += LOOK_EVERY
    assert "DeviceAllow=" in guard.why_new_process()


def test_nodes_are_opened_once_in_a_while() -> None:
    driver = Driver()
    driver.ask(driver.guard(), 60.0)
    assert driver.looks == 60.0 / LOOK_EVERY


def test_without_a_unit_nothing_is_asked_of_the_devices() -> None:
    guard = Cell(()).guard()
    assert (guard.why_new_process(), guard.barred) == ("", ())


def test_a_sense_that_finds_no_camera_ends_where_a_new_process_helps() -> None:
    driver = Driver()
    guard = driver.guard()
    driver.kinds, driver.barred = {"media": 238, "video4linux": 81}, [Path("/dev/video0")]
    settings = Settings(
        camera=CameraSettings(source="v4l2:/dev/video-none", wait=True), model=ModelSettings(file="fast")
    )
    reload = Reload(settings, lambda: settings, Notifier({}), threading.Event())
    stopping = threading.Event()
    sense = Sense(Service(settings, stopping, Notifier({}), reload), Outlet(), guard)
    # A room that goes on looking would never end by itself.
    timer = threading.Timer(60.0, stopping.set)
    timer.start()
    with pytest.raises(CameraFailed, match=r"loaded after this process .*; starting anew"):
        sense.run()
    timer.cancel()


class Outlet:
    """Remembers what left."""

    dropped = 0

    def __init__(self) -> None:
        self.lines: list[wire.Line] = []

    def send(self, line: bytes) -> bool:
        self.lines.append(wire.decode(line))
        return True

    def listen(self) -> str:
        return "resume"

    def close(self) -> None:
        return


def run_until(guard: SealMonitor, require: bool, state: str) -> list[wire.Line]:
    """The lines of a sensing room until it says ``state``."""
    fake.forget()
    stopping = threading.Event()
    outlet = Outlet()
    settings = Settings(
        camera=CameraSettings(source="fake:frames=20", require_seal=require), model=ModelSettings(file="fast")
    )
    reload = Reload(settings, lambda: settings, Notifier({}), threading.Event())
    sense = Sense(Service(settings, stopping, Notifier({}), reload), outlet, guard)
    thread = threading.Thread(target=sense.run)
    thread.start()
    for _ in range(400):
        if any(isinstance(line, wire.StatusLine) and line.state == state for line in outlet.lines):
            break
        stopping.wait(0.05)
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()
    assert any(isinstance(line, wire.StatusLine) and line.state == state for line in outlet.lines)
    return outlet.lines


def test_an_unsealed_cell_keeps_the_camera_shut_where_the_seal_is_required() -> None:
    cell = Cell(("network", "exec"))
    lines = run_until(cell.guard(), require=True, state="refused")
    assert not [line for line in lines if isinstance(line, wire.FrameLine)]
    statuses = [line for line in lines if isinstance(line, wire.StatusLine)]
    assert {(line.state, line.breaches, line.source) for line in statuses} == {("refused", ("network", "exec"), "none")}
    assert cell.shut == 0, "no camera was opened"


@pytest.mark.parametrize(("found", "require"), [((), True), (("connect",), False)])
def test_a_sealed_cell_or_a_tolerant_setting_opens_it(found: tuple[str, ...], require: bool) -> None:
    cell = Cell(found)
    lines = run_until(cell.guard(), require, state="running")
    assert cell.shut == 1
    assert next(line for line in lines if isinstance(line, wire.StatusLine)).breaches == found


def test_a_seal_that_breaks_later_shuts_the_camera() -> None:
    """The process ends; started again, it refuses."""
    fake.forget()
    cell = Cell((), (), ("writable",))
    guard = cell.guard()
    outlet = Outlet()
    settings = Settings(camera=CameraSettings(source="fake:", require_seal=True), model=ModelSettings(file="fast"))
    reload = Reload(settings, lambda: settings, Notifier({}), threading.Event())
    sense = Sense(Service(settings, threading.Event(), Notifier({}), reload), outlet, guard)
    timer = threading.Timer(1.0, lambda: setattr(cell, "now", 2 * CHECK_EVERY))
    timer.start()
    with pytest.raises(CameraFailed, match=r"no longer sealed \(writable\)"):
        sense.run()
    timer.join()
    assert any(isinstance(line, wire.FrameLine) for line in outlet.lines)
