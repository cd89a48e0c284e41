"""Judge whether people can be seen in a picture: by a body that was surely found in it, else by three measures."""

from typing import NamedTuple

from edge.pose import SURE, Pose

MIN_BRIGHTNESS = 0.07
MIN_CONTRAST = 0.055
MIN_SHARPNESS = 0.7
"""Least values of a picture in which people can be found. docs/calibration.md, Image quality."""
_CLEARLY = 1.5
"""A picture that measured poor is good again from this many times the least values on."""

BLINDNESSES = ("dark", "covered", "blurred")
"""Results of ``blindness``, besides the empty one."""


class ImageQuality(NamedTuple):
    """Three measures of a picture, as large as the model sees it (``edge.sense.measure_image``).

    ``brightness`` of its brightest parts, 0 (black) to 1 (white); ``contrast`` relative to that brightness, 0 (one
    grey) to 1; ``sharpness`` of its edges relative to the contrast, 0 to 100, often over 1.
    """

    brightness: float
    contrast: float
    sharpness: float


def blindness(quality: ImageQuality, margin: float = 1.0) -> str:
    """Tell why nobody can be found in such a picture.

    Args:
        quality: Of the picture.
        margin: Factor of the least values.

    Returns:
        ``dark``, ``covered`` or ``blurred``; empty if people can be found.
    """
    if quality.brightness < margin * MIN_BRIGHTNESS:
        return "dark"
    if quality.contrast < margin * MIN_CONTRAST:
        return "covered"
    return "blurred" if quality.sharpness < margin * MIN_SHARPNESS else ""


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


BEGINS_AFTER_S = 5.0
"""Time for which pictures must be poor before the camera is called blind."""
ENDS_AFTER_S = 3.0
"""Time for which pictures must be clearly good before they are no longer poor."""


class BlindnessMonitor:
    """Follow the quality of a camera's pictures, so that light around a threshold does not make it flicker.

    A picture that measures poor makes the camera *poor* at once: that nobody is found means nothing from then on. It
    stays so until the pictures were clearly good for ``ENDS_AFTER_S``. The camera is *blind* if it has been poor for
    ``BEGINS_AFTER_S`` and no sure body was found for ``SURE_HOLDS_S``.
    """

    def __init__(self) -> None:
        """Know nothing: neither poor nor blind."""
        self._reason = ""
        self._poor_since = 0.0
        self._good_since: float | None = None
        self._sure_at = float("-inf")

    def measured(self, quality: ImageQuality | None, now: float) -> None:
        """Take in the quality of a picture at ``now`` s; None where there is no picture, of which nothing is said."""
        if quality is None:
            self._reason = ""
            return
        reason = blindness(quality, _CLEARLY if self._reason else 1.0)
        if reason:
            if not self._reason:
                self._poor_since = now
            self._reason, self._good_since = reason, None
            return
        if self._good_since is None:
            self._good_since = now
        if now - self._good_since >= ENDS_AFTER_S:
            self._reason = ""

    def found_sure_body(self, now: float) -> None:
        """Take in that a sure body was found at ``now`` s."""
        self._sure_at = now

    @property
    def is_poor(self) -> bool:
        """True while the pictures are poor: an empty one proves no empty room."""
        return self._reason != ""

    def is_proven(self, now: float) -> bool:
        """Tell whether a sure body, found in the last ``SURE_HOLDS_S``, proves at ``now`` s that the camera sees."""
        return now - self._sure_at <= SURE_HOLDS_S

    def blindness(self, now: float) -> str:
        """Tell why the camera is blind at ``now`` s: one of ``BLINDNESSES``; empty if it is not."""
        is_blind = self.is_poor and now - self._poor_since >= BEGINS_AFTER_S and not self.is_proven(now)
        return self._reason if is_blind else ""
