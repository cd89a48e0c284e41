"""Body model of rigid segments: joint angles to the 17 keypoints in metres.

Trunk, head and arms are forward kinematics from the pelvis. Legs are inverse kinematics, from hip and ankle to the
knee, because a foot that bears weight must not move. If a leg is too short for its ankle, the foot moves.

Room coordinates are metres: x to the right, y away from the camera, z up, with the floor at z = 0. A body of heading 0
faces along y, one of heading 180 the camera; its own axes are right, forward, up.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.geometry.anthropometry import (
    ADULT_HEIGHT_M,
    ANKLES,
    FOREARM,
    HIP_WIDTH,
    SHANK,
    SHOULDER_WIDTH,
    THIGH,
    TRUNK,
    UPPER_ARM,
)
from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES

Points = NDArray[np.float64]

LEG = SHANK + THIGH
HEIGHT = ADULT_HEIGHT_M
"""Default body height, m."""

_FACE = {
    "nose": (0.0, 0.083, 0.095),
    "leftEye": (-0.018, 0.062, 0.118),
    "rightEye": (0.018, 0.062, 0.118),
    "leftEar": (-0.042, 0.015, 0.108),
    "rightEar": (0.042, 0.015, 0.108),
}
"""Positions relative to the middle of the shoulders, fractions of body height. The eyes are at 0.936 of it (Winter,
figure 4.1); the rest is an estimate: at 1.7 m pupils are 6 cm apart, ears 14 cm, and the nose is 12 cm in front of the
ears."""
_FACE_POINTS = np.array(list(_FACE.values()))
_AT = {name: index for index, name in enumerate(KEYPOINT_NAMES)}
_FACE_AT = [_AT[name] for name in _FACE]
_SIDES = (("left", -1.0), ("right", 1.0))
_MAX_EXTENSION = 0.9999
"""Greatest length of a leg as a fraction of thigh and shank, so that the direction of the knee is defined."""
_UP = np.array((0.0, 0.0, 1.0))
_KNEE_SPLAY_DEG = 8.0
"""Angle by which knees point outwards."""


class Stance(NamedTuple):
    """Position and joint angles of a body; lengths are fractions of body height, angles are in degrees."""

    x: float = 0.0
    """Position along x of the point between the ankles, m in the room."""
    y: float = 0.0
    """Position of that point along y, m."""
    heading: float = 0.0
    """Direction that the body faces, counter-clockwise from above."""

    lean: float = 0.0
    """Tilt of the line from between the ankles to the hips, forward."""
    sway: float = 0.0
    """Tilt of that line to the body's right."""
    reach: float = 0.985
    """Length of that line as a fraction of the straight leg."""

    pitch: float = 0.0
    """Tilt of the trunk from the vertical, forward."""
    roll: float = 0.0
    """Tilt of the trunk to the right."""
    twist: float = 0.0
    """Rotation of the trunk about its length, to the left."""

    nod: float = 0.0
    """Tilt of the head from the trunk, downwards."""
    turn: float = 0.0
    """Rotation of the head to the left."""

    left_flex: float = 0.0
    """Angle of the upper arm from the trunk, forward."""
    left_spread: float = 5.0
    """Angle of the upper arm from the trunk, to its side."""
    left_elbow: float = 10.0
    """Bend of the elbow."""
    left_rotate: float = 0.0
    """Rotation of the upper arm about its length, outwards; it decides in which direction the elbow bends."""
    right_flex: float = 0.0
    right_spread: float = 5.0
    right_elbow: float = 10.0
    right_rotate: float = 0.0

    left_ahead: float = 0.0
    """Position of the ankle along the heading."""
    left_aside: float = 0.075
    """Position of the ankle outwards from the middle."""
    left_lift: float = 0.0
    """Height of the ankle above that of a foot on the floor."""
    right_ahead: float = 0.0
    right_aside: float = 0.075
    right_lift: float = 0.0


def both(**values: float) -> dict[str, float]:
    """Set the same value for left and right: ``both(flex=90)`` gives ``left_flex`` and ``right_flex``."""
    return {f"{side}_{name}": value for name, value in values.items() for side, _ in _SIDES}


def mix(stances: list[Stance], weights: list[float]) -> Stance:
    """Weighted sum of stances, field by field."""
    return Stance(*(np.array(weights) @ np.array(stances)).tolist())


def rotation(x: float, y: float, z: float) -> Points:
    """Matrix ``[3, 3]`` of a rotation about the axis (x, y, z) by its length in degrees."""
    return np.asarray(cv2.Rodrigues(np.radians((x, y, z)))[0])


def skeleton(stance: Stance, height: float = HEIGHT, floor: float = 0.0) -> Points:
    """Keypoints ``[17, 3]`` in metres of a body of ``height`` m on a floor of height ``floor`` m."""
    facing = rotation(0.0, 0.0, stance.heading)
    leaning = facing @ rotation(-stance.lean, stance.sway, 0.0)
    trunk = facing @ rotation(-stance.pitch, stance.roll, 0.0) @ rotation(0.0, 0.0, stance.twist)
    pelvis = np.array((0.0, 0.0, ANKLES)) + leaning[:, 2] * (stance.reach * LEG)
    neck = pelvis + trunk[:, 2] * TRUNK
    joints = np.empty((KEYPOINT_COUNT, 3))
    head = trunk @ rotation(-stance.nod, 0.0, 0.0) @ rotation(0.0, 0.0, stance.turn)
    joints[_FACE_AT] = neck + _FACE_POINTS @ head.T
    for side, sign in _SIDES:
        shoulder = neck + trunk[:, 0] * (sign * SHOULDER_WIDTH / 2)
        hip = pelvis + trunk[:, 0] * (sign * HIP_WIDTH / 2)
        own = {name: getattr(stance, f"{side}_{name}") for name in _LIMB}
        elbow, wrist = _arm(shoulder, trunk, sign, own)
        foot = facing @ (sign * own["aside"], own["ahead"], ANKLES + own["lift"])
        ahead = facing @ (sign * math.sin(math.radians(_KNEE_SPLAY_DEG)), math.cos(math.radians(_KNEE_SPLAY_DEG)), 0.0)
        knee, ankle = _leg(hip, foot, ahead)
        for name, place in zip(_CHAIN, (shoulder, elbow, wrist, hip, knee, ankle), strict=True):
            joints[_AT[side + name]] = place
    return joints * height + (stance.x, stance.y, floor)


_LIMB = ("flex", "spread", "elbow", "rotate", "ahead", "aside", "lift")
_CHAIN = ("Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle")


def _arm(shoulder: Points, trunk: Points, sign: float, own: dict[str, float]) -> tuple[Points, Points]:
    upper = trunk @ rotation(own["flex"], -sign * own["spread"], 0.0)
    elbow = shoulder - upper[:, 2] * UPPER_ARM
    lower = upper @ rotation(0.0, 0.0, -sign * own["rotate"]) @ rotation(own["elbow"], 0.0, 0.0)
    return elbow, elbow - lower[:, 2] * FOREARM


def _leg(hip: Points, foot: Points, ahead: Points) -> tuple[Points, Points]:
    """Positions of knee and ankle: thigh, shank and the line from hip to ankle form a triangle.

    The knee of a vertical leg points ``ahead``, and turns with the leg.

    Returns:
        Knee and ankle.
    """
    span = foot - hip
    wanted = float(np.linalg.norm(span))
    along = span / wanted
    length = min(wanted, _MAX_EXTENSION * LEG)
    # The shortest rotation from straight down to ``along``, applied to ``ahead``.
    bend = ahead - (along - _UP) * ((along @ ahead) / (1 - along @ _UP))
    down_thigh = (THIGH**2 - SHANK**2 + length**2) / (2 * length)
    knee = hip + along * down_thigh + bend * math.sqrt(THIGH**2 - down_thigh**2)
    return knee, hip + along * length
