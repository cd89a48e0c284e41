"""The camera is open only while it may be, and really shut otherwise."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from edge import wire
from edge.config.settings import CameraSettings, ModelSettings, Settings
from edge.errors import FINAL, RESTART, CameraFailed, Told
from edge.runtime.backoff import Backoff
from edge.runtime.reload import Reload
from edge.runtime.sd_notify import Notifier
from edge.runtime.service import Service
from edge.sense.camera import open_camera
from edge.sense.camera.damage import DamageCount
from edge.sense.camera.fake import source as fake
from edge.sense.camera_controller import CameraController
from edge.sense.loop import Sense
from tests.support.sense_parts import FakeSandbox, Outlet
from tests.support.waiting import wait_until

SETTINGS = Settings(camera=CameraSettings(source="fake:", frame_rate=50.0), model=ModelSettings(file="fast"))
ONE_FRAME = Settings(camera=CameraSettings(source="fake:frames=1,end"))


class Listening(Outlet):
    """An outlet that hears ``word``."""

    def __init__(self) -> None:
        super().__init__()
        self.word = ""

    def listen(self) -> str:
        return self.word

    def frames(self) -> int:
        return sum(isinstance(line, wire.FrameLine) for line in self.lines)

    def states(self) -> list[str]:
        return [line.state for line in self.lines if isinstance(line, wire.StatusLine)]


@pytest.fixture
def outlet() -> Iterator[Listening]:
    """Of a ``sense`` with a fake camera that runs as long as the test."""
    fake.forget()
    stopping, hearing = threading.Event(), Listening()
    guard = FakeSandbox(()).monitor()
    reload = Reload("sense", SETTINGS, lambda: SETTINGS, Notifier({}), threading.Event())
    thread = threading.Thread(target=Sense(Service(SETTINGS, stopping, Notifier({}), reload), hearing, guard).run)
    thread.start()
    yield hearing
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()


def is_shut() -> bool:
    """Whether the fake camera, which is exclusive as a real one is, can be opened by somebody else."""
    try:
        with open_camera(SETTINGS, (257, 353), threading.Event()):
            return True
    except Exception:
        return False


def test_no_camera_before_the_first_word(outlet: Listening) -> None:
    wait_until(lambda: outlet.states())
    time.sleep(0.3)
    assert (outlet.frames(), set(outlet.states())) == (0, {"starting"})
    assert is_shut()
    outlet.word = "resume"
    wait_until(lambda: outlet.frames() > 3)
    assert not is_shut()


def test_a_pause_closes_the_camera_and_resuming_opens_it_again(outlet: Listening) -> None:
    for _ in range(2):
        outlet.word = "resume"
        count = outlet.frames()
        wait_until(lambda count=count: outlet.frames() > count + 3)
        outlet.word = "pause"
        wait_until(lambda: outlet.states()[-1] == "paused")
        assert is_shut()
        count = outlet.frames()
        time.sleep(0.2)
        assert outlet.frames() == count


def test_a_pause_from_the_beginning_never_opens_it(outlet: Listening) -> None:
    outlet.word = "pause"
    wait_until(lambda: outlet.states()[-1:] == ["paused"])
    assert (outlet.frames(), is_shut()) == (0, True)


def test_a_restart_shuts_the_camera_and_ends_with_a_code_that_starts_it_again() -> None:
    fake.forget()
    hearing = Listening()
    hearing.word = "resume"
    reload = Reload("sense", SETTINGS, lambda: SETTINGS, Notifier({}), threading.Event())
    sense = Sense(Service(SETTINGS, threading.Event(), Notifier({}), reload), hearing, FakeSandbox(()).monitor())
    ended: list[int] = []

    def run() -> None:
        try:
            sense.run()
        except Told as told:
            ended.append(told.exit_code)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: hearing.frames() > 3)
    hearing.word = "restart"
    thread.join(10)
    assert ended == [RESTART]
    assert RESTART not in FINAL | {os.EX_OK}, "posenet-edge run would end with it"
    assert is_shut()


def test_it_is_not_over_before_the_last_frame_was_taken() -> None:
    fake.forget()
    shutter = CameraController(lambda closing: open_camera(ONE_FRAME, (257, 353), closing), True, lambda: None)
    shutter.open()
    wait_until(lambda: shutter.state == "ended")
    assert not shutter.is_over
    assert shutter.take(0.0)
    wait_until(lambda: shutter.is_over)


def test_damaged_frames_are_counted_over_all_openings() -> None:
    openings: list[int] = []

    class Damaging:
        kind, lossless = "fake", False

        def __init__(self) -> None:
            self.damage = DamageCount()
            openings.append(len(openings))

        def __enter__(self) -> "Damaging":
            return self

        def __exit__(self, *_: object) -> None:
            return

        def frames(self) -> Iterator[object]:
            for _ in range(3):
                self.damage.damaged()
            if len(openings) < 3:
                raise CameraFailed("gone")
            yield from ()

    shutter = CameraController(
        lambda _: Damaging(),  # type: ignore[arg-type, return-value]
        True,
        backoff=Backoff(first=0.01, longest=0.01),
    )
    assert shutter.damaged == 0
    shutter.open()
    wait_until(lambda: shutter.is_over)
    assert shutter.shut()
    assert (len(openings), shutter.damaged) == (3, 9)


def test_a_camera_that_does_not_let_go_is_not_called_shut() -> None:
    hanging, let_go = threading.Event(), threading.Event()

    class Hanging:
        kind, lossless, damage = "fake", False, DamageCount()

        def __enter__(self) -> "Hanging":
            return self

        def __exit__(self, *_: object) -> None:
            return

        def frames(self) -> Iterator[object]:
            hanging.set()
            let_go.wait(20)
            yield from ()

    shutter = CameraController(lambda _: Hanging(), True, lambda: None)  # type: ignore[arg-type, return-value]
    shutter.open()
    assert hanging.wait(10)
    assert not shutter.shut()
    assert shutter.is_open
    let_go.set()
    assert shutter.shut()
    assert not shutter.is_open
