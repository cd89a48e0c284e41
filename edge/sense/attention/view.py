"""Views: a part of the frame as the model is to see it, and the way back."""

from typing import NamedTuple

import numpy as np

from edge.pose import Keypoint, Pose
from edge.sense.camera.rotate import Pixels


class View(NamedTuple):
    """A rectangle of the frame, turned by quarters; the letterbox does the scaling."""

    left: int
    """Px of the frame; so all of the next three."""
    top: int
    width: int
    height: int
    turns: int = 0
    """Quarter turns counterclockwise, 0..3, by which the model sees it turned."""

    def is_whole(self, size: tuple[int, int]) -> bool:
        """Tell whether it is a whole frame of that width and height, px, upright."""
        return self == whole(*size)

    def cut(self, pixels: Pixels) -> Pixels:
        """Cut the view out of the frame's picture, and turn it.

        Args:
            pixels: RGB ``[rows, columns, 3]`` of the whole frame, which contains the rectangle.

        Returns:
            RGB, C-contiguous; ``[height, width, 3]``, exchanged where ``turns`` is odd.
        """
        rows, columns = slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)
        return np.ascontiguousarray(np.rot90(pixels[rows, columns], self.turns))

    def to_frame(self, pose: Pose) -> Pose:
        """Map a pose from px of the picture that ``cut`` made to px of the frame."""
        right, bottom = self.width - 1, self.height - 1
        points = []
        for x, y, score in pose.keypoints:
            match self.turns:
                case 1:
                    x, y = right - y, x
                case 2:
                    x, y = right - x, bottom - y
                case 3:
                    x, y = y, bottom - x
            points.append(Keypoint(x + self.left, y + self.top, score))
        return Pose(pose.score, tuple(points))


def whole(width: int, height: int, turns: int = 0) -> View:
    """View of the whole frame of that size, px."""
    return View(0, 0, width, height, turns)
