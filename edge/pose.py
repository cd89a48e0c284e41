"""Keypoints, skeleton, pose and person: the vocabulary of both services.

The order of the keypoints is COCO's, their names are spelled as in tfjs PoseNet. The skeleton is ``poseChain`` of
tfjs, the tree along which PoseNet's displacement heads were trained. Every index is derived from these two tables.
"""

from collections.abc import Iterable
from typing import NamedTuple

KEYPOINT_NAMES = (
    "nose",
    "leftEye",
    "rightEye",
    "leftEar",
    "rightEar",
    "leftShoulder",
    "rightShoulder",
    "leftElbow",
    "rightElbow",
    "leftWrist",
    "rightWrist",
    "leftHip",
    "rightHip",
    "leftKnee",
    "rightKnee",
    "leftAnkle",
    "rightAnkle",
)

_SKELETON_NAMES = (
    ("nose", "leftEye"),
    ("leftEye", "leftEar"),
    ("nose", "rightEye"),
    ("rightEye", "rightEar"),
    ("nose", "leftShoulder"),
    ("leftShoulder", "leftElbow"),
    ("leftElbow", "leftWrist"),
    ("leftShoulder", "leftHip"),
    ("leftHip", "leftKnee"),
    ("leftKnee", "leftAnkle"),
    ("nose", "rightShoulder"),
    ("rightShoulder", "rightElbow"),
    ("rightElbow", "rightWrist"),
    ("rightShoulder", "rightHip"),
    ("rightHip", "rightKnee"),
    ("rightKnee", "rightAnkle"),
)

KEYPOINT_COUNT = len(KEYPOINT_NAMES)

FACE_NAMES = frozenset({"nose", "leftEye", "rightEye", "leftEar", "rightEar"})
"""Keypoints of the head; all others belong to the body."""

SKELETON = tuple((KEYPOINT_NAMES.index(parent), KEYPOINT_NAMES.index(child)) for parent, child in _SKELETON_NAMES)
"""The 16 edges (parent, child); edge ``e`` is channel ``e`` of both displacement heads."""

EDGE_COUNT = len(SKELETON)

OKS_SIGMAS = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072,
    0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
)  # fmt: skip
"""Standard deviation of where people mark each keypoint, as a fraction of the body's size (COCO evaluation)."""

SURE = 0.3
"""Least score of a keypoint whose position is used; below it the position is a guess (as in the tracker of tfjs)."""


class Keypoint(NamedTuple):
    """One joint: ``x`` (px, right) and ``y`` (px, down) in the image of its pose, ``score`` 0..1."""

    x: float
    y: float
    score: float


def round_keypoints(rows: Iterable[tuple[float, float, float]], steps: int, score_steps: int) -> tuple[Keypoint, ...]:
    """Round each (x, y, score): positions to 1 / ``steps`` px, scores to 1 / ``score_steps``."""
    rounded = [
        Keypoint(round(steps * x) / steps, round(steps * y) / steps, round(score_steps * score) / score_steps)
        for x, y, score in rows
    ]
    return tuple(rounded)


class Pose(NamedTuple):
    """One detected body: its ``score`` 0..1 and 17 ``keypoints`` in the order of ``KEYPOINT_NAMES``."""

    score: float
    keypoints: tuple[Keypoint, ...]


class Person(NamedTuple):
    """One tracked body: its ``id`` (1 or more) stays the same from frame to frame."""

    id: int
    pose: Pose
