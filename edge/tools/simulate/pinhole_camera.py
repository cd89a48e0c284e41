"""Pinhole camera on a wall that looks along y and is tilted down."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.tools.simulate.body import Points

_MIN_DEPTH_M = 0.1
"""Least depth used for projection, so that pixels stay finite."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera at x = y = 0."""

    height: float
    """Height above the floor, m."""
    tilt: float
    """Angle below the horizontal, degrees."""
    field_of_view: float = 62.2
    """Horizontal field of view, degrees; the default is that of the Raspberry Pi Camera Module 2."""
    size: tuple[int, int] = (640, 480)
    """Width and height of a frame, px."""

    def project(self, points: Points) -> tuple[Points, Points]:
        """Project points ``[..., 3]``, m.

        Returns:
            Pixels ``[..., 2]`` (x right, y down, the middle of the frame at half its size), and depths ``[...]`` in m;
            at depth 0 and below a point is behind the camera.
        """
        sine, cosine = math.sin(math.radians(self.tilt)), math.cos(math.radians(self.tilt))
        x, y, z = points[..., 0], points[..., 1], points[..., 2] - self.height
        depth = y * cosine - z * sine
        down = -y * sine - z * cosine
        scale = self.focal_length / np.maximum(depth, _MIN_DEPTH_M)
        width, height = self.size
        return np.stack((width / 2 + x * scale, height / 2 + down * scale), axis=-1), depth

    @property
    def focal_length(self) -> float:
        """Focal length, px."""
        return self.size[0] / 2 / math.tan(math.radians(self.field_of_view / 2))

    def sees(self, pixels: Points, depth: Points) -> NDArray[np.bool_]:
        """Mask ``[...]`` of points in front of the camera and within the frame."""
        inside = (pixels >= 0) & (pixels < self.size)
        return np.asarray(inside.all(axis=-1) & (depth > _MIN_DEPTH_M))


CORNER = Camera(height=2.2, tilt=20.0)
"""High in the corner of a room; the floor is visible from 2.3 m on."""
SHELF = Camera(height=1.2, tilt=8.0)
"""On a shelf; the floor is visible from 2 m on."""
