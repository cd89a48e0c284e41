"""The camera thread: an error before the first frame is final, one after it is survived."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
import pytest

from edge.errors import BadInput, CameraFailed, NoSource, PosenetEdgeError
from edge.runtime.backoff import Backoff
from edge.sense.camera.base import Frame
from edge.sense.camera.damage import DamageCount
from edge.sense.camera_controller import CameraController

FRAME = Frame(np.zeros((4, 4, 3), np.uint8), 0.0, 0.0, 0.0)


class Script:
    """A camera that follows a list: a number of frames, then maybe an error."""

    kind: ClassVar[str] = "fake"
    lossless = True

    def __init__(self, frames: int, error: BaseException | None = None) -> None:
        self._frames = frames
        self._error = error
        self.closed = False
        self.damage = DamageCount()

    def __enter__(self) -> Self:
        if self._error and not self._frames:
            raise self._error
        return self

    def __exit__(self, *_: Any) -> None:
        self.closed = True

    def frames(self) -> Iterator[Frame]:
        for _ in range(self._frames):
            yield FRAME
        if self._error:
            raise self._error


def watch_all(cameras: list[Script], patient: bool = False) -> tuple[CameraController, int]:
    """Captures from the cameras in turn, without delays; returns the controller and the number of frames that came."""
    upcoming = iter(cameras)
    watch = CameraController(lambda _: next(upcoming), patient, backoff=Backoff(0.0, 0.0))  # type: ignore[arg-type, return-value]
    watch.open()
    count = 0
    while not watch.is_over:
        count += watch.take(5) is not None
    return watch, count


def test_the_end_of_the_source_is_the_end() -> None:
    camera = Script(3)
    watch, _ = watch_all([camera])
    assert (watch.state, watch.error, watch.source, camera.closed) == ("ended", None, "fake", True)


@pytest.mark.parametrize("error", [NoSource("none"), CameraFailed("busy"), BadInput("no photo")])
def test_before_the_first_frame_an_error_is_final(error: PosenetEdgeError) -> None:
    watch, _ = watch_all([Script(0, error), Script(3)])
    assert watch.error is error


@pytest.mark.parametrize("error", [NoSource("unplugged"), CameraFailed("stalled")])
def test_after_the_first_frame_it_is_survived_and_counted(error: PosenetEdgeError) -> None:
    watch, _ = watch_all([Script(2, error), Script(0, NoSource("gone")), Script(0, NoSource("gone")), Script(2)])
    assert (watch.state, watch.error, watch.failures) == ("ended", None, 3)


def test_the_patient_wait_for_a_camera_from_the_start() -> None:
    watch, _ = watch_all([Script(0, NoSource("gone")), Script(2)], patient=True)
    assert (watch.state, watch.failures) == ("ended", 1)


def test_a_broken_file_is_final_even_after_frames_and_for_the_patient() -> None:
    error = BadInput("cut in half")
    watch, count = watch_all([Script(2, error), Script(3)], patient=True)
    assert watch.error is error
    assert count >= 2


def test_a_bug_in_a_camera_is_not_swallowed() -> None:
    watch, _ = watch_all([Script(1, ZeroDivisionError("bug")), Script(3)], patient=True)
    assert isinstance(watch.error, ZeroDivisionError)


def test_loss_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    gone = [Script(0, NoSource("gone")) for _ in range(5)]
    watch_all([Script(1, CameraFailed("stalled")), *gone, Script(1)])
    assert [record.message for record in caplog.records if "looking again" in record.message] == [
        "stalled; looking again until it works"
    ]
