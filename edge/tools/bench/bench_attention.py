"""Cost of attention: time for a frame with second looks, relative to the time without, in three rooms."""

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.config.settings import DutySettings, Settings
from edge.sense.camera.base import Frame
from edge.sense.inference.model import Model
from edge.sense.pose_pipeline import PosePipeline
from edge.sense.stage_timer import StageTimer
from edge.tools.bench.sample_frame import sample_frame

_RATE = 15.0
"""Frames per second of the rooms' clock."""
_WARM_UP_FRAMES = 45
"""Frames with the person, who must have been there for a while before a loss is one."""
ROOMS = ("empty", "upright", "lost")
"""Nobody; somebody upright; somebody who was upright and vanished inside the picture."""


def attention_costs(settings: Settings, model: Model, frames: int) -> dict[str, float]:
    """Measure each room, with and without attention in turn.

    Args:
        settings: Of attention.
        model: What looks.
        frames: Number of frames of each room, at least 1.

    Returns:
        For each of ``ROOMS`` the whole time with attention divided by that without.

    Raises:
        BadInput: The sample photo cannot be read.
    """
    somebody, nobody = sample_frame("camera.jpg", 480, 0, 80), np.full((480, 640, 3), 128, np.uint8)
    shown = {"empty": (nobody, nobody), "upright": (somebody, somebody), "lost": (somebody, nobody)}
    # Second looks are measured in frames that the model looks at.
    settings = replace(settings, duty=DutySettings(enabled=False))
    without = replace(settings, attention=replace(settings.attention, looks=0.0))
    return {room: _ratio([settings, without], model, *shown[room], frames) for room in ROOMS}


def _ratio(
    variants: list[Settings], model: Model, before: NDArray[np.uint8], after: NDArray[np.uint8], frames: int
) -> float:
    pipelines = [PosePipeline(settings, model, StageTimer()) for settings in variants]
    spent = np.zeros((frames + _WARM_UP_FRAMES, 2))
    for number, row in enumerate(spent):
        now = number / _RATE
        frame = Frame(before if number < _WARM_UP_FRAMES else after, now, now, now)
        for column, pipeline in enumerate(pipelines):
            begun = time.perf_counter()
            pipeline.find_persons(frame)
            row[column] = time.perf_counter() - begun
    attended, plain = spent[_WARM_UP_FRAMES:].sum(axis=0)
    return round(float(attended / plain), 3)
