"""Duty with the real model: what is left out in an empty room, and what somebody who comes in is told by."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from edge import wire
from edge.config.settings import AttentionSettings, DutySettings, Settings
from edge.data_files import MODELS
from edge.pose import Person
from edge.sense.camera.base import Frame
from edge.sense.duty.motion import Motion
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from edge.sense.pose_pipeline import PosePipeline
from edge.sense.stage_timer import StageTimer
from edge.tools.bench.bench import sample_frame

RATE = 15.0
DUTY = DutySettings(idle_after=1.0)
OFF = DutySettings(enabled=False)
MODEL = Model(find_model("default", MODELS))
NOBODY = np.full((480, 640, 3), 128, np.uint8)


class Room:
    """Shows pictures to a pipeline, 15 a second."""

    def __init__(self, duty: DutySettings = DUTY, survey: float = 2.0) -> None:
        settings = replace(Settings(), duty=duty, attention=AttentionSettings(survey=survey))
        self.pipeline = PosePipeline(settings, MODEL, StageTimer(), clock=lambda: 0.0)
        self.number = 0

    def show(self, picture: NDArray[np.uint8], frames: int) -> list[tuple[Person, ...]]:
        """Show it for so many frames, and return who is found in each."""
        found = []
        for _ in range(frames):
            now = self.number / RATE
            self.number += 1
            found.append(self.pipeline.find_persons(Frame(picture, now, now, now)))
        return found


@pytest.fixture(scope="module")
def somebody() -> NDArray[np.uint8]:
    return sample_frame("camera.jpg", 480, 0, 80)


def test_an_empty_room_spares_the_model_most_frames() -> None:
    room = Room()
    assert not any(room.show(NOBODY, 75))
    assert (room.pipeline.looking.duty, room.pipeline.looking.rate) == ("idle", 1.0)
    assert room.pipeline.looking.spared > 50
    assert room.pipeline.found == wire.Found()


def test_who_comes_in_is_found_as_without_duty_and_is_no_person_at_once(somebody: NDArray[np.uint8]) -> None:
    # Without looks at the picture turned, which come at other times. With looks so rare the tracker would take the
    # first body after the last one for somebody without a past.
    rooms = [Room(duty, survey=0.0) for duty in (replace(DUTY, floor_rate=0.5), OFF)]
    for room in rooms:
        room.show(NOBODY, 38)
    shown = [room.show(somebody, 6) for room in rooms]
    assert shown[0] == shown[1]
    assert not shown[0][0]
    assert shown[0][-1]


def test_who_comes_in_without_any_motion_is_found_soon(
    somebody: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room()
    room.show(NOBODY, 45)
    monkeypatch.setattr(Motion, "sees", lambda *_: False)
    found = room.show(somebody, 30)
    # Every other look of an empty room is at the picture turned.
    assert any(found)
    assert all(found[-3:])


def test_who_is_found_keeps_the_model_at_work_without_any_motion(somebody: NDArray[np.uint8]) -> None:
    room = Room()
    assert all(room.show(somebody, 60)[3:])
    assert room.pipeline.looking.spared == 0


def test_who_is_lost_inside_the_picture_is_looked_for_at_the_full_rate(somebody: NDArray[np.uint8]) -> None:
    room = Room()
    room.show(somebody, 30)
    room.show(NOBODY, 90)
    assert room.pipeline.looking.near > 0
    assert room.pipeline.looking.spared == 0


def test_people_keep_their_ids_when_the_model_is_exchanged(somebody: NDArray[np.uint8]) -> None:
    room = Room()
    (before,) = room.show(somebody, 20)[-1]
    for name, height in (("fast", 193), ("accurate", 353)):
        room.pipeline.use(Model(find_model(name, MODELS)))
        shown = room.show(somebody, 10)
        assert [[person.id for person in persons] for persons in shown] == [[before.id]] * 10
        assert room.pipeline.spec.height == height


def test_a_reload_switches_it_off(somebody: NDArray[np.uint8]) -> None:
    room = Room()
    room.show(NOBODY, 45)
    room.pipeline.reconfigure(replace(Settings(), duty=OFF))
    spared = room.pipeline.looking.spared
    room.show(NOBODY, 30)
    assert room.pipeline.looking.spared == spared > 0
    assert room.pipeline.looking.duty == "off"
