"""The loop of ``sense`` on a machine that is too hot: it looks at fewer frames, and says so."""

import threading

import pytest

from edge import wire
from edge.config.settings import CameraSettings, ModelSettings, Settings
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import Notifier
from edge.runtime.service import Service
from edge.sense import loop
from edge.sense.camera.fake import source as fake
from tests.support.sense_parts import FakeSandbox, Outlet
from tests.support.waiting import wait_until

SETTINGS = Settings(camera=CameraSettings(source="fake:", frame_rate=30.0), model=ModelSettings(file="fast"))


def test_a_hot_machine_looks_at_fewer_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    fake.forget()
    monkeypatch.setattr(loop, "is_throttled", lambda: True)
    outlet, stopping = Outlet(), threading.Event()
    reload = Reload("sense", SETTINGS, lambda: SETTINGS, Notifier({}), threading.Event())
    sense = loop.Sense(Service(SETTINGS, stopping, Notifier({}), reload), outlet, FakeSandbox(()).monitor())
    thread = threading.Thread(target=sense.run)
    thread.start()

    def statuses() -> list[wire.StatusLine]:
        return [line for line in outlet.lines if isinstance(line, wire.StatusLine)]

    try:
        wait_until(lambda: any(line.frames_spared > 3 for line in statuses()))
    finally:
        stopping.set()
        thread.join(10)
    last = statuses()[-1]
    assert (last.duty, last.state) == ("hot", "running")
    assert last.duty_rate < 30.0
    # What was passed over leaves no trace: a line would say that nobody was there.
    assert last.frames == sum(isinstance(line, wire.FrameLine) for line in outlet.lines)
