"""A pinhole camera on a wall, tilted down, that looks along y."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.tools.simulate.body import Points

_NEAREST = 0.1
"""Nothing is projected from nearer than this, m, lest pixels go to infinity."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Stands at x = y = 0."""

    height: float
    """Above the floor, m."""
    tilt: float
    """Down from the horizontal, degrees."""
    field_of_view: float = 62.2
    """Horizontal, degrees; as the Raspberry Pi Camera Module 2."""
    size: tuple[int, int] = (640, 480)
    """Width and height of a frame, px."""

    def project(self, points: Points) -> tuple[Points, Points]:
        """Pixels ``[..., 2]`` (x right, y down, the middle of the frame at half its size) and depths ``[...]`` in m of
        points ``[..., 3]``; at depth 0 and below a point is behind the camera."""
        sine, cosine = math.sin(math.radians(self.tilt)), math.cos(math.radians(self.tilt))
        x, y, z = points[..., 0], points[..., 1], points[..., 2] - self.height
        depth = y * cosine - z * sine
        down = -y * sine - z * cosine
        scale = self.focal_length / np.maximum(depth, _NEAREST)
        width, height = self.size
        return np.stack((width / 2 + x * scale, height / 2 + down * scale), axis=-1), depth

    @property
    def focal_length(self) -> float:
        """In px."""
        return self.size[0] / 2 / math.tan(math.radians(self.field_of_view / 2))

    def sees(self, pixels: Points, depth: Points) -> NDArray[np.bool_]:
        """Which of these lie before the camera and within the frame, ``[...]``."""
        inside = (pixels >= 0) & (pixels < self.size)
        return np.asarray(inside.all(axis=-1) & (depth > _NEAREST))


CORNER = Camera(height=2.2, tilt=20.0)
"""High in the corner of a room; sees the floor from 2.3 m on."""
SHELF = Camera(height=1.2, tilt=8.0)
"""On a shelf; sees the floor from 2 m on."""
