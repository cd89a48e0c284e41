"""Damaged frames: the one rule for all sources.

A damaged frame is left out and counted, and a camera fails only where many follow each other: a few are usual with a
long cable or a busy USB port. It is never shown, because a decoder fills what is missing with what its memory held
before: the sensor would see somebody who has left.
"""

from typing import Any

from edge.errors import CameraFailed

MAX_IN_A_ROW = 10
"""Damaged frames in a row with which a camera has failed: less than a second."""


class DamageCount:
    """Counts the damaged frames of one source, each of which it leaves out.

    Attributes:
        total: Damaged frames so far.
    """

    def __init__(self) -> None:
        self.total = 0
        self._in_a_row = 0

    def whole(self) -> None:
        """Note a frame that is not damaged."""
        self._in_a_row = 0

    def damaged(self) -> None:
        """Note one that is."""
        self.total += 1
        self._in_a_row += 1

    def check(self, name: str, remedy: str) -> None:
        """Tell damage that passes from a camera that has failed.

        Args:
            name: Of the camera, for the message.
            remedy: What to do.

        Raises:
            CameraFailed: The last ``MAX_IN_A_ROW`` frames were damaged.
        """
        if self._in_a_row >= MAX_IN_A_ROW:
            raise CameraFailed(f"{name} gave {self._in_a_row} damaged frames in a row; {remedy}")


def refuse_damage(decoder: Any) -> None:
    """Make a decoder of FFmpeg refuse a damaged frame with an error, in place of making up what is missing.

    A JPEG without its end marker, or with further bytes behind it, is whole: many webcams send such ones.

    Args:
        decoder: A codec context of PyAV that has not decoded yet.
    """
    decoder.options = {**decoder.options, "err_detect": "explode"}


def is_whole(frame: Any) -> bool:
    """Tell a whole frame of PyAV from one whose decoder made up a part without an error."""
    return not frame.is_corrupt
