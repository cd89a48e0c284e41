"""Judge whether people can be seen in a picture: by a body that was surely found in it, else by three measures."""

from typing import NamedTuple

from edge.pose import SURE, Pose

MIN_BRIGHTNESS = 0.05
MIN_CONTRAST = 0.04
MIN_SHARPNESS = 0.3
"""Of 205 photographs of rooms and streets, 480 px high, one in a hundred has a sharpness below 0.8; blurred by a
Gaussian of 4 px, one in a hundred is above 0.36. One in a hundred is below 0.15 in brightness, 0.11 in contrast."""

BLINDNESSES = ("dark", "covered", "blurred")
"""Results of ``blindness``, besides the empty one."""


class ImageQuality(NamedTuple):
    """``brightness`` 0 (black) to 1 (white), ``contrast`` 0 (one grey) to 0.5, ``sharpness`` 0 to 100, often over 1."""

    brightness: float
    contrast: float
    sharpness: float


def blindness(quality: ImageQuality) -> str:
    """Reason why nothing can be seen in such a picture: ``dark``, ``covered`` or ``blurred``; empty if none."""
    if quality.brightness < MIN_BRIGHTNESS:
        return "dark"
    if quality.contrast < MIN_CONTRAST:
        return "covered"
    return "blurred" if quality.sharpness < MIN_SHARPNESS else ""


_MIN_SURE_SCORE = 0.25
_MIN_SURE_KEYPOINTS = 8
"""Least pose score (that of ``people.sensitivity`` normal, even if it is set to high) and least number of keypoints
above ``SURE`` (twice the tracker's) that the model does not report for a poor picture without people. Of 18 photos of
rooms without people and 117 with people, none reduced to black or one grey with noise gives such a body; nor do the 18
made dark, hazy or blurred (90 pictures)."""
SURE_HOLDS_S = 5.0
"""Time for which a sure body proves that the camera sees; a person who turns or bends is found less surely."""


def is_sure(pose: Pose) -> bool:
    """Whether this body proves that its picture can be seen, however dark, even or blurred it measures."""
    sure_keypoints = sum(keypoint.score >= SURE for keypoint in pose.keypoints)
    return pose.score >= _MIN_SURE_SCORE and sure_keypoints >= _MIN_SURE_KEYPOINTS
