"""The vocabulary of both rooms: the 17 keypoints, the skeleton that joins them, a pose, and a person.

Order and names are COCO's, spelled as tfjs PoseNet spells them; the skeleton is tfjs's ``poseChain``, the
tree along which PoseNet's displacement heads were trained. Every index is derived from these two tables.
"""

from collections.abc import Iterable
from functools import partial
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
"""The geometry of a head; everything else is body."""

SKELETON = tuple((KEYPOINT_NAMES.index(parent), KEYPOINT_NAMES.index(child)) for parent, child in _SKELETON_NAMES)
"""The 16 edges (parent, child); edge ``e`` owns channel ``e`` of both displacement heads."""

EDGE_COUNT = len(SKELETON)

SURE = 0.3
"""A keypoint with this score or more says where something is, one below it only guesses (as in tfjs's tracker)."""


class Keypoint(NamedTuple):
    """One joint: ``x`` (px, right) and ``y`` (px, down) of whichever image the pose is in, ``score`` 0..1."""

    x: float
    y: float
    score: float


_make_keypoint = partial(tuple.__new__, Keypoint)


def make_keypoints(rows: Iterable[tuple[float, float, float]]) -> tuple[Keypoint, ...]:
    """A ``Keypoint`` of each (x, y, score), in half the time of calling it: there are 85 in a frame of five people."""
    return tuple(map(_make_keypoint, rows))


def round_keypoints(rows: Iterable[tuple[float, float, float]], steps: int, score_steps: int) -> tuple[Keypoint, ...]:
    """The same in whole steps, so many a px and so many from score 0 to 1."""
    # A whole number is found many times faster than a decimal one, and there are 51 numbers a person.
    return make_keypoints(
        [
            (round(steps * x) / steps, round(steps * y) / steps, round(score_steps * score) / score_steps)
            for x, y, score in rows
        ]
    )


class Pose(NamedTuple):
    """One body: its ``score`` 0..1 and 17 ``keypoints`` in the order of ``KEYPOINT_NAMES``."""

    score: float
    keypoints: tuple[Keypoint, ...]


class Person(NamedTuple):
    """One body that is followed: its ``id`` (1 or more) stays the same from picture to picture."""

    id: int
    pose: Pose
