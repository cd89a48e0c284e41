"""A picture that shows somebody for two seconds and an empty room for two, so that there are events."""

from pathlib import Path

import cv2
import numpy as np

from edge.data_files import PHOTOS

VISITS = (
    "camera.frame_rate=10",
    "stills.seconds=2",
    "presence.enter=0.3",
    "presence.clear=0.5",
    "presence.assume=0",
    "presence.assume_resting=0",
)
"""Settings for it."""


def photograph_visits(folder: Path) -> None:
    """Put two photos into an empty folder: somebody, and an empty room that is neither dark nor covered."""
    somebody = cv2.imread(str(PHOTOS / "astronaut.jpg"))
    room = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    cv2.imwrite(str(folder / "a.png"), somebody)
    cv2.imwrite(str(folder / "b.png"), cv2.resize(room, somebody.shape[1::-1], interpolation=cv2.INTER_NEAREST))
