"""Photos as a camera would have taken them that hangs askew, or in the dark."""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from edge.sense.camera.rotate import Pixels
from edge.sense.inference.letterbox import GREY
from edge.tools.evaluate.photos.annotations import AnnotatedPerson, AnnotatedPhoto

ANGLES = (0, 10, 20, 45, 90)
"""Degrees clockwise."""
DARKNESSES = ((2.0, 4.0), (3.0, 8.0), (4.0, 12.0))
"""Gamma, and standard deviation of the noise in grey levels."""
_SEED = 7


class Shown(NamedTuple):
    """A photo as it is shown to the model: its pixels and its annotations."""

    pixels: Pixels
    photo: AnnotatedPhoto


class Variation(NamedTuple):
    """One change of all photos."""

    kind: str
    """``rotation`` or ``darkness``."""
    degree: str
    """Word for how much."""
    change: Callable[[Pixels, AnnotatedPhoto], Shown]


def rotate(pixels: Pixels, photo: AnnotatedPhoto, degrees: float) -> Shown:
    """Rotate a photo clockwise.

    It is put on a grey square as wide as its diagonal, so that nothing is cut off and people are equally large at all
    angles, 0 included.

    Args:
        pixels: RGB ``[height, width, 3]``.
        photo: Its annotations.
        degrees: Angle.

    Returns:
        The square.
    """
    height, width = pixels.shape[:2]
    side = math.ceil(math.hypot(height, width))
    # OpenCV counts anticlockwise, about a point whose coordinates are those of the middles of pixels.
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    matrix[:, 2] += (side - width) // 2, (side - height) // 2
    turned = cv2.warpAffine(pixels, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY))
    people = tuple(_rotated(person, matrix) for person in photo.people)
    return Shown(np.asarray(turned, np.uint8), photo._replace(width=side, height=side, people=people))


def _rotated(person: AnnotatedPerson, matrix: "cv2.typing.MatLike") -> AnnotatedPerson:
    keypoints = person.keypoints.copy()
    keypoints[:, :2] = keypoints[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    left, top, width, height = person.box
    corners = np.array([(x, y) for x in (left, left + width) for y in (top, top + height)])
    corners = corners @ matrix[:, :2].T + matrix[:, 2]
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return person._replace(keypoints=keypoints, box=(left, top, right - left, bottom - top))


def darken(pixels: Pixels, photo: AnnotatedPhoto, gamma: float, noise: float) -> Shown:
    """Darken a photo, with the noise of a sensor; the same noise each time.

    Args:
        pixels: RGB.
        photo: Its annotations, which stay.
        gamma: Exponent of the brightness of 0..1, above 1.
        noise: Standard deviation, grey levels.

    Returns:
        The dark photo.
    """
    random = np.random.default_rng([_SEED, photo.id])
    dark = 255 * (pixels / np.float32(255)) ** np.float32(gamma)
    noisy = dark + random.normal(0, noise, pixels.shape).astype(np.float32)
    return Shown(np.clip(np.rint(noisy), 0, 255).astype(np.uint8), photo)


VARIATIONS = [
    *(Variation("rotation", f"{angle}", partial(rotate, degrees=angle)) for angle in ANGLES),
    *(
        Variation("darkness", f"gamma {gamma:g}, noise {noise:g}", partial(darken, gamma=gamma, noise=noise))
        for gamma, noise in DARKNESSES
    ),
]
