"""A camera whose library leaks descriptors at each failed attempt: the process ends itself in time."""

import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.config.settings import CameraSettings, Settings
from edge.errors import CameraFailed, NoSource
from edge.runtime.process import SignalEvent
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import Notifier
from edge.runtime.service import Service
from edge.sense import loop
from edge.sense.descriptors import why_exhausted
from tests.support.sense_parts import FakeSandbox, Outlet


@pytest.fixture
def leaked() -> Iterator[list[int]]:
    """Descriptors to close again, below a limit that is some 300 away."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 300, before[1]))
    descriptors: list[int] = []
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_it_ends_itself_before_it_has_none_left(leaked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def open_camera(*_: Any) -> Any:
        for _ in range(60):
            leaked.extend(os.pipe())
        raise NoSource("no camera")

    monkeypatch.setattr(loop, "open_camera", open_camera)
    settings = Settings(camera=CameraSettings(wait=True))
    reload = Reload("sense", settings, lambda: settings, Notifier({}), SignalEvent())
    sense = loop.Sense(Service(settings, threading.Event(), Notifier({}), reload), Outlet(), FakeSandbox(()).monitor())
    with pytest.raises(CameraFailed, match="descriptors are open, as the camera's library leaks them; restarting"):
        sense.run()
    assert len(leaked) < 300, "while some are left"


def test_a_process_with_few_has_no_reason() -> None:
    assert why_exhausted() == ""
