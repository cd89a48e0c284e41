"""Whether a camera's picture is of any use: a sure body found in it proves that it is, else three numbers tell."""

from typing import NamedTuple

from edge.pose import SURE, Pose

DARK = 0.05
COVERED = 0.04
BLURRED = 0.3
"""Of 205 photographs of rooms and streets, 480 px high, one in a hundred has a sharpness below 0.8; blurred by a
Gaussian of 4 px, one in a hundred is above 0.36. One in a hundred is below 0.15 in brightness, 0.11 in contrast."""


BLINDNESSES = ("dark", "covered", "blurred")
"""What ``blindness`` may find."""


class ImageQuality(NamedTuple):
    """``brightness`` 0 (black) to 1 (white), ``contrast`` 0 (one grey) to 0.5, ``sharpness`` 0 to 100, often over 1."""

    brightness: float
    contrast: float
    sharpness: float


def blindness(sight: ImageQuality) -> str:
    """Why nothing can be seen in such a picture: ``dark``, ``covered`` or ``blurred``; empty: it can."""
    if sight.brightness < DARK:
        return "dark"
    if sight.contrast < COVERED:
        return "covered"
    return "blurred" if sight.sharpness < BLURRED else ""


_SURE_BODY = 0.25
_SURE_KEYPOINTS = 8
"""Least score (that of ``people.sensitivity`` normal, also where it is high) and least number of sure keypoints (twice
the tracker's) of a body that a poor picture does not make up. Of 18 photos of rooms without people and 117 with some,
none that is black or one grey, with noise, shows such a body; nor do the 18 made dark, hazy or blurred, 90 pictures."""
LATELY = 5.0
"""Seconds for which a sure body goes on to prove that the camera sees: who turns or bends is found less surely."""


def is_sure(pose: Pose) -> bool:
    """Whether a picture in which this body was found can be seen, however dark, even or soft it is."""
    return pose.score >= _SURE_BODY and sum(keypoint.score >= SURE for keypoint in pose.keypoints) >= _SURE_KEYPOINTS
