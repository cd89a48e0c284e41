"""The models among which the settings leave the choice, of which one is loaded; a short trial chooses the first.

The files stay in memory, 1.5 MB each, so that what runs is what was there at the start. Loaded is one at a time, as a
model takes some 8 MB more and is loaded again in about the time of two frames.
"""

import logging
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from edge.config.settings import Settings
from edge.data_files import MODELS
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import ModelFile, find_models
from edge.sense.inference.tflite_runtime import choose_threads

log = logging.getLogger(__name__)

KEPT_RATE = 10.0
"""Frames a second that a model must keep, or what the camera gives if that is less."""
SHARE, _SHARE_OF_ONE_CORE = 0.7, 0.35
"""Part of the time between two such frames that a look may take when a model is chosen: the rest is for second looks,
the tracker and warmer days. One core has everything else to do as well."""
_TRIAL_S, _MOST_RUNS = 1.0, 10
"""A model is tried for so long, with one run at least, or for so many runs."""


def period(frame_rate: float) -> float:
    """Time between two frames at the rate that is to be kept, s. frame_rate: of the camera, frames/s."""
    return 1 / min(KEPT_RATE, frame_rate)


def share(cores: int) -> float:
    """Part of ``period`` that a look of a chosen model may take on a machine with so many cores."""
    return SHARE if cores > 1 else _SHARE_OF_ONE_CORE


def choose(times: Sequence[Callable[[], float]], most: float) -> tuple[int, float]:
    """Choose the largest model that is fast enough.

    Args:
        times: For each model, the smallest first, what tries it and returns the time of a look, s. They are called
            from the largest down, until one is fast enough.
        most: Greatest time of a look, s.

    Returns:
        Index and time of the chosen one: the smallest if none is fast enough.
    """
    for index in range(len(times) - 1, 0, -1):
        if (seconds := times[index]()) <= most:
            return index, seconds
    return 0, times[0]()


class Models:
    """One loaded model of several.

    Attributes:
        files: All of them, the smallest first.
        index: Which one is loaded.
        model: The loaded one.
        largest: Height and width of the input of the largest one that was loaded so far, px.
        look: Time of a look in the trial, s; None where there was nothing to choose.
        most: Greatest time of a look for which a model is chosen, s.
    """

    def __init__(self, settings: Settings) -> None:
        """Try the models if there are several, and load the one that suits this machine.

        Args:
            settings: Of the model, and of the camera's rate.

        Raises:
            BadModel: A model file cannot be used.
            Unavailable: There is no TensorFlow Lite runtime.
        """
        self.files = find_models(settings.model.file, MODELS)
        self._threads = choose_threads(settings.model.threads)
        self.most = share(len(os.sched_getaffinity(0))) * period(settings.camera.frame_rate)
        self.look: float | None = None
        self.largest = (0, 0)
        if len(self.files) == 1:
            self.use(0)
        else:
            self.index, self.look = choose([partial(self._try, index) for index in range(len(self.files))], self.most)

    @property
    def file(self) -> ModelFile:
        """File of the loaded model."""
        return self.files[self.index]

    def use(self, index: int) -> Model:
        """Load another one of the files in place of that which is loaded, and return it."""
        self.model, self.index = Model(self.files[index], self._threads), index
        self.largest = max(self.largest, (self.model.height, self.model.width))
        return self.model

    def _try(self, index: int) -> float:
        """Load a model and look at a grey picture with it; returns the median time, s."""
        model = self.use(index)
        letterbox = Letterbox(model.height, model.width, model.quantization)
        picture = np.full((480, 640, 3), 128, np.uint8)
        times: list[float] = []
        begun = time.perf_counter()
        while len(times) < _MOST_RUNS and (not times or time.perf_counter() - begun < _TRIAL_S):
            since = time.perf_counter()
            model(letterbox(picture)[0])
            times.append(time.perf_counter() - since)
        seconds = statistics.median(times)
        log.info(
            "model auto: a look with %s takes %.0f ms, at most %.0f are wanted",
            self.file.path.stem,
            1000 * seconds,
            1000 * self.most,
        )
        return seconds
