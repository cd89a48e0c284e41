"""The loop of ``sense`` on a machine that is too hot: fewer frames, or a smaller model, and it says so."""

import threading
from collections.abc import Callable

import pytest

from edge import wire
from edge.config.settings import CameraSettings, ModelSettings, Settings
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import Notifier
from edge.runtime.service import Service
from edge.sense import loop
from edge.sense.camera.fake import source as fake
from edge.sense.inference import models
from tests.support.sense_parts import FakeSandbox, Outlet
from tests.support.waiting import wait_until

SETTINGS = Settings(camera=CameraSettings(source="fake:", frame_rate=30.0), model=ModelSettings(file="fast"))


def statuses(outlet: Outlet) -> list[wire.StatusLine]:
    return [line for line in outlet.lines if isinstance(line, wire.StatusLine)]


def run_until(settings: Settings, condition: Callable[[wire.StatusLine], bool]) -> Outlet:
    """Run ``sense`` until a status line is as it should be; returns all lines."""
    fake.forget()
    outlet, stopping = Outlet(), threading.Event()
    reload = Reload("sense", settings, lambda: settings, Notifier({}), threading.Event())
    sense = loop.Sense(Service(settings, stopping, Notifier({}), reload), outlet, FakeSandbox(()).monitor())
    thread = threading.Thread(target=sense.run)
    thread.start()
    try:
        wait_until(lambda: any(map(condition, statuses(outlet))))
    finally:
        stopping.set()
        thread.join(10)
    return outlet


def test_a_hot_machine_takes_a_smaller_model_before_it_gives_up_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "is_throttled", lambda: True)
    # However busy this machine is, the trial takes the largest.
    monkeypatch.setattr(models, "choose", lambda trials, _: (len(trials) - 1, min(trials[-1](), 0.01)))
    camera = CameraSettings(source="fake:", frame_rate=10.0)
    settings = Settings(camera=camera, model=ModelSettings(file="auto"))
    lines = statuses(run_until(settings, lambda line: line.model_choice == "hot" and line.model_height == 257))
    assert (lines[0].model_height, lines[0].model_choice) == (353, "largest")
    assert {line.model_height for line in lines} == {353, 257}, "one step, which has its time"
    assert all(line.frames_spared == 0 for line in lines)


def test_a_hot_machine_looks_at_fewer_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "is_throttled", lambda: True)
    outlet = run_until(SETTINGS, lambda line: line.frames_spared > 3)
    last = statuses(outlet)[-1]
    assert (last.duty, last.state) == ("hot", "running")
    assert last.duty_rate < 30.0
    # What was passed over leaves no trace: a line would say that nobody was there.
    assert last.frames == sum(isinstance(line, wire.FrameLine) for line in outlet.lines)
