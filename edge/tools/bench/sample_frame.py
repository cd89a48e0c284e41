"""Frames to measure with, made from the sample photos."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.data_files import PHOTOS
from edge.errors import BadInput


def sample_frame(name: str, side: int, top: int, *lefts: int) -> NDArray[np.uint8]:
    """Put a sample photo into a grey frame, once or several times.

    Args:
        name: Of the photo, which is square.
        side: Height and width to which it is scaled, px.
        top: Its upper edge in the frame, px.
        *lefts: Its left edges, px.

    Returns:
        RGB ``[480, 640, 3]``.

    Raises:
        BadInput: The photo cannot be read.
    """
    photo = cv2.imread(str(PHOTOS / name), cv2.IMREAD_COLOR)
    if photo is None:
        raise BadInput(f"{PHOTOS / name}: cannot be read; expected the sample photo")
    scaled = cv2.resize(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB), (side, side), interpolation=cv2.INTER_AREA)
    frame = np.full((480, 640, 3), 128, np.uint8)
    for left in lefts:
        frame[top : top + side, left : left + side] = scaled
    return frame


def two_people() -> NDArray[np.uint8]:
    """Frame with the sample portrait twice, side by side; RGB ``[480, 640, 3]``."""
    return sample_frame("astronaut.jpg", 320, 80, 0, 320)
