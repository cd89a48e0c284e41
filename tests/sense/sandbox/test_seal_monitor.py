"""The monitor tests the sandbox once a minute, and a camera stays closed while a seal that is required is broken."""

import logging
import threading
from pathlib import Path

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
from edge.sense.sandbox.device_rules import LOOK_INTERVAL_S, RETRY_AFTER_S, DeviceRules
from edge.sense.sandbox.seal_monitor import CHECK_INTERVAL_S, SealMonitor
from tests.support.sense_parts import FakeSandbox, Outlet


def test_it_looks_once_a_minute_and_says_only_what_changed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    sandbox = FakeSandbox((), ("network",), ("network",), ())
    monitor = sandbox.monitor()
    for second in range(0, 200, 5):
        sandbox.now = second
        monitor.look()
    assert len(sandbox.asked) == 1 + 199 // int(CHECK_INTERVAL_S)
    assert [record.message for record in caplog.records] == ["not sealed: network", "sealed again"]


def test_programs_are_denied_once_the_camera_is_open_and_that_is_tested_at_once() -> None:
    sandbox = FakeSandbox(())
    monitor = sandbox.monitor()
    monitor.camera_opened()
    monitor.look()
    monitor.camera_opened()
    assert sandbox.confined == 1
    assert [asked["running"] for asked in sandbox.asked] == [False, True]


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

    def monitor(self) -> SealMonitor:
        rules = DeviceRules(lambda: self.kinds, self.find, lambda: self.now)
        return SealMonitor(
            Confinement(0, (), (), None, rules), installed=True, check=lambda **_: (), confine=lambda: ()
        )

    def ask(self, monitor: SealMonitor, until: float) -> list[float]:
        """When a new process was asked for, until that second."""
        asked = []
        while self.now < until:
            if monitor.confinement.why_outdated():
                asked.append(self.now)
            self.now += 0.25
        return asked


def test_a_driver_that_comes_late_asks_for_a_new_process_at_once() -> None:
    driver = Driver()
    monitor = driver.monitor()
    assert driver.ask(monitor, 20.0) == []
    driver.kinds = {"media": 238, "video4linux": 81}
    assert driver.ask(monitor, 25.0) == [], "there is no node yet"
    driver.barred = [Path("/dev/video0")]
    assert 25.0 <= driver.ask(monitor, 35.0)[0] <= 25.0 + LOOK_INTERVAL_S
    assert monitor.confinement.barred == ("/dev/video0",)
    driver.now = 25.0 + 2 * LOOK_INTERVAL_S
    assert "/dev/video0 was loaded after this process" in monitor.confinement.why_outdated()


def test_a_driver_whose_nodes_open_asks_for_none() -> None:
    driver = Driver()
    monitor = driver.monitor()
    driver.kinds = {"media": 238, "video4linux": 81}
    assert driver.ask(monitor, 2 * RETRY_AFTER_S) == []
    assert monitor.confinement.barred == ()


@pytest.mark.parametrize("kinds", [{"media": 238}, None])
def test_rules_that_no_new_process_mends_do_not_make_one_again_and_again(kinds: dict[str, int] | None) -> None:
    driver = Driver()
    driver.kinds, driver.barred = kinds, [Path("/dev/media0")]
    monitor = driver.monitor()
    assert driver.ask(monitor, RETRY_AFTER_S) == []
    assert driver.ask(monitor, RETRY_AFTER_S + 2 * LOOK_INTERVAL_S)
    driver.now += LOOK_INTERVAL_S
    assert "DeviceAllow=" in monitor.confinement.why_outdated()


def test_nodes_are_opened_once_in_a_while() -> None:
    driver = Driver()
    driver.ask(driver.monitor(), 60.0)
    assert driver.looks == 60.0 / LOOK_INTERVAL_S


def test_without_a_unit_nothing_is_asked_of_the_devices() -> None:
    monitor = FakeSandbox(()).monitor()
    assert (monitor.confinement.why_outdated(), monitor.confinement.barred) == ("", ())


def test_a_sense_that_finds_no_camera_ends_where_a_new_process_helps() -> None:
    driver = Driver()
    monitor = driver.monitor()
    driver.kinds, driver.barred = {"media": 238, "video4linux": 81}, [Path("/dev/video0")]
    settings = Settings(
        camera=CameraSettings(source="v4l2:/dev/video-none", wait=True), model=ModelSettings(file="fast")
    )
    reload = Reload("sense", settings, lambda: settings, Notifier({}), threading.Event())
    stopping = threading.Event()
    sense = Sense(Service(settings, stopping, Notifier({}), reload), Outlet(), monitor)
    # A process that goes on looking would never end by itself.
    timer = threading.Timer(60.0, stopping.set)
    timer.start()
    with pytest.raises(CameraFailed, match=r"loaded after this process .*; restarting"):
        sense.run()
    timer.cancel()


def run_until(monitor: SealMonitor, require: bool, state: str) -> list[wire.Line]:
    """The lines of ``sense`` until it says ``state``."""
    fake.forget()
    stopping = threading.Event()
    outlet = Outlet()
    settings = Settings(
        camera=CameraSettings(source="fake:frames=20", require_seal=require), model=ModelSettings(file="fast")
    )
    reload = Reload("sense", settings, lambda: settings, Notifier({}), threading.Event())
    sense = Sense(Service(settings, stopping, Notifier({}), reload), outlet, monitor)
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


def test_a_broken_seal_keeps_the_camera_closed_if_the_seal_is_required() -> None:
    sandbox = FakeSandbox(("network", "exec"))
    lines = run_until(sandbox.monitor(), require=True, state="refused")
    assert not [line for line in lines if isinstance(line, wire.FrameLine)]
    statuses = [line for line in lines if isinstance(line, wire.StatusLine)]
    assert {(line.state, line.breaches, line.source) for line in statuses} == {("refused", ("network", "exec"), "none")}
    assert sandbox.confined == 0, "no camera was opened"


@pytest.mark.parametrize(("found", "require"), [((), True), (("connect",), False)])
def test_a_seal_or_a_tolerant_setting_opens_it(found: tuple[str, ...], require: bool) -> None:
    sandbox = FakeSandbox(found)
    lines = run_until(sandbox.monitor(), require, state="running")
    assert sandbox.confined == 1
    assert next(line for line in lines if isinstance(line, wire.StatusLine)).breaches == found


def test_a_seal_that_breaks_later_shuts_the_camera() -> None:
    """The process ends; started again, it refuses."""
    fake.forget()
    sandbox = FakeSandbox((), (), ("writable",))
    monitor = sandbox.monitor()
    outlet = Outlet()
    settings = Settings(camera=CameraSettings(source="fake:", require_seal=True), model=ModelSettings(file="fast"))
    reload = Reload("sense", settings, lambda: settings, Notifier({}), threading.Event())
    sense = Sense(Service(settings, threading.Event(), Notifier({}), reload), outlet, monitor)
    timer = threading.Timer(1.0, lambda: setattr(sandbox, "now", 2 * CHECK_INTERVAL_S))
    timer.start()
    with pytest.raises(CameraFailed, match=r"no longer sealed \(writable\)"):
        sense.run()
    timer.join()
    assert any(isinstance(line, wire.FrameLine) for line in outlet.lines)
