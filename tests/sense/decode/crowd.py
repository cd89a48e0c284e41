"""Heads as PoseNet would give them for people standing in rows, with the truth known beforehand."""

import math

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_COUNT, SKELETON
from edge.sense.inference.heads import Heads

# A standing body by height: y down from the nose, x to the right of the picture.
_BODY = np.array(
    [
        (0.00, 0.00),
        (-0.02, 0.02),
        (-0.02, -0.02),
        (-0.01, 0.05),
        (-0.01, -0.05),
        (0.13, 0.11),
        (0.13, -0.11),
        (0.30, 0.15),
        (0.30, -0.15),
        (0.44, 0.16),
        (0.44, -0.16),
        (0.45, 0.07),
        (0.45, -0.07),
        (0.66, 0.08),
        (0.66, -0.08),
        (0.88, 0.08),
        (0.88, -0.08),
    ]
)
_SEEN_FROM, _SEEN_TO, _BACKGROUND = 0.65, 0.99, 0.02


def crowd(people: int, height: int = 17, width: int = 23, output_stride: int = 16, seed: int = 0) -> Heads:
    """Heads ``[height, width, channels]`` that show so many people; the same seed gives the same heads."""
    return heads_of(bodies(people, height, width, output_stride, seed), height, width, output_stride, seed)


def bodies(people: int, height: int, width: int, output_stride: int, seed: int = 0) -> NDArray[np.float64]:
    """``[people, 17, 2]`` y, x in px: people of about the size that fits, side by side and in rows."""
    random = np.random.default_rng(seed)
    columns = max(1, math.ceil(math.sqrt(people * width / height)))
    rows = max(1, math.ceil(people / columns))
    place_height, place_width = height * output_stride / rows, width * output_stride / columns
    tall = 0.85 * min(place_height, 2.2 * place_width)
    row, column = np.divmod(np.arange(people), columns)
    noses = np.stack([(row + 0.08) * place_height, (column + 0.5) * place_width], axis=-1)
    limbs = tall * _BODY + random.normal(0, 0.01 * tall, (people, KEYPOINT_COUNT, 2))
    return noses[:, None] + limbs


def heads_of(truth: NDArray[np.float64], height: int, width: int, output_stride: int, seed: int = 0) -> Heads:
    """Heads that say where those bodies ``[people, 17, 2]`` are, each cell by the joint nearest to it."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0, _BACKGROUND, (height, width, KEYPOINT_COUNT))
    if not len(truth):
        offsets, displacements = np.zeros((height, width, 2 * KEYPOINT_COUNT)), np.zeros((height, width, 32))
        return _float32(scores, offsets, displacements, displacements, output_stride)
    cells = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), axis=-1) * output_stride
    squared = ((cells[:, :, None, None] - truth) ** 2).sum(axis=-1)  # [height, width, people, 17]
    nearest = squared.argmin(axis=2)
    seen = random.uniform(_SEEN_FROM, _SEEN_TO, truth.shape[:2])
    blobs = seen * np.exp(-squared / (2 * (0.8 * output_stride) ** 2))
    joints = truth[nearest, np.arange(KEYPOINT_COUNT)]  # [height, width, 17, 2]
    parents, children = np.array(SKELETON).T
    limbs = truth[:, children] - truth[:, parents]  # [people, 16, 2]
    edges = np.arange(len(SKELETON))
    return _float32(
        np.maximum(scores, blobs.max(axis=2)),
        _y_then_x(joints - cells[:, :, None]),
        _y_then_x(limbs[nearest[..., parents], edges]),
        _y_then_x(-limbs[nearest[..., children], edges]),
        output_stride,
    )


def _y_then_x(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([vectors[..., 0], vectors[..., 1]], axis=-1)


def _float32(*heads_and_stride: NDArray[np.float64] | int) -> Heads:
    *heads, output_stride = heads_and_stride
    return Heads(*(np.ascontiguousarray(head, np.float32) for head in heads), output_stride)
