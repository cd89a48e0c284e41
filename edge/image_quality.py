"""Judge whether people can be seen in a picture: by a body that was surely found in it, else by three measures."""

from typing import NamedTuple

from edge.pose import SURE, Pose

MIN_BRIGHTNESS = 0.05
MIN_CONTRAST = 0.04
MIN_SHARPNESS = 0.3
"""Least values of a picture that can be seen. docs/calibration.md, Image quality."""

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
above ``SURE`` (twice the tracker's) that the model does not report for a poor picture without people.
docs/calibration.md, Image quality."""
SURE_HOLDS_S = 5.0
"""Time for which a sure body proves that the camera sees; a person who turns or bends is found less surely."""


def is_sure(pose: Pose) -> bool:
    """Tell whether this body proves that its picture can be seen, however dark, even or blurred it measures."""
    sure_keypoints = sum(keypoint.score >= SURE for keypoint in pose.keypoints)
    return pose.score >= _MIN_SURE_SCORE and sure_keypoints >= _MIN_SURE_KEYPOINTS
