"""A body of rigid segments: angles in, the 17 keypoints in metres out.

Trunk, head and arms are forward kinematics from the pelvis. Legs go the other way, from hip and ankle to the knee,
because a foot that bears weight must stay where it is. A leg that cannot reach its ankle pulls the foot along.

The room: x to the right, y away from the camera, z up, metres; the floor is z = 0. A body faces along y at heading 0
and towards the camera at 180; its own axes are right, forward, up.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES

Points = NDArray[np.float64]

# Fractions of body height: Drillis and Contini (1966), as given in Winter, Biomechanics and Motor Control of Human
# Movement (2009), figure 4.1.
ANKLE = 0.039
SHANK = 0.285 - 0.039
THIGH = 0.530 - 0.285
TRUNK = 0.818 - 0.530
UPPER_ARM = 0.186
FOREARM = 0.146
SHOULDERS = 0.259
HIPS = 0.191
LEG = SHANK + THIGH
HEIGHT = 1.7
"""Of whoever walks, m."""

_FACE = {
    "nose": (0.0, 0.083, 0.095),
    "leftEye": (-0.018, 0.062, 0.118),
    "rightEye": (0.018, 0.062, 0.118),
    "leftEar": (-0.042, 0.015, 0.108),
    "rightEar": (0.042, 0.015, 0.108),
}
"""From the middle of the shoulders, fractions of height. Eyes at 0.936 of it (the same figure); the rest is ours: at
1.7 m pupils are 6 cm apart, ears 14 cm, and the nose is 12 cm before the ears."""
_FACE_POINTS = np.array(list(_FACE.values()))
_AT = {name: index for index, name in enumerate(KEYPOINT_NAMES)}
_FACE_AT = [_AT[name] for name in _FACE]
_SIDES = (("left", -1.0), ("right", 1.0))
_STRAIGHT = 0.9999
"""No leg is longer than this fraction of thigh and shank, so that a knee always has a side to bend to."""
_UP = np.array((0.0, 0.0, 1.0))
_SPLAY = 8.0
"""Knees point so many degrees outwards."""


class Stance(NamedTuple):
    """Where a body is and how it holds itself; lengths are fractions of body height, angles degrees."""

    x: float = 0.0
    """The point between the ankles, m in the room."""
    y: float = 0.0
    heading: float = 0.0
    """Counter-clockwise from above."""

    lean: float = 0.0
    """From that point up to the hips: tilted forward ..."""
    sway: float = 0.0
    """... and to the body's right; ``reach`` is how far, as a fraction of the straight leg."""
    reach: float = 0.985

    pitch: float = 0.0
    """The trunk against the vertical: bent forward ..."""
    roll: float = 0.0
    """... and to the right; ``twist`` turns it about its own length, to the left."""
    twist: float = 0.0

    nod: float = 0.0
    """The head against the trunk: down, and turned to the left."""
    turn: float = 0.0

    left_flex: float = 0.0
    """The upper arm against the trunk: raised forward ..."""
    left_spread: float = 5.0
    """... and to its side."""
    left_elbow: float = 10.0
    left_rotate: float = 0.0
    """The upper arm about its own length, outwards: which way the elbow bends."""
    right_flex: float = 0.0
    right_spread: float = 5.0
    right_elbow: float = 10.0
    right_rotate: float = 0.0

    left_ahead: float = 0.0
    """The ankle, along the heading ..."""
    left_aside: float = 0.075
    """... outwards from the middle ..."""
    left_lift: float = 0.0
    """... and above its height on the floor."""
    right_ahead: float = 0.0
    right_aside: float = 0.075
    right_lift: float = 0.0


def both(**values: float) -> dict[str, float]:
    """The same for left and right: ``both(flex=90)`` is ``left_flex`` and ``right_flex``."""
    return {f"{side}_{name}": value for name, value in values.items() for side, _ in _SIDES}


def mix(stances: list[Stance], weights: list[float]) -> Stance:
    """The weighted sum, field by field."""
    return Stance(*(np.array(weights) @ np.array(stances)).tolist())


def rotation(x: float, y: float, z: float) -> Points:
    """The matrix ``[3, 3]`` of a turn about the axis (x, y, z) by its length in degrees."""
    return np.asarray(cv2.Rodrigues(np.radians((x, y, z)))[0])


def skeleton(stance: Stance, height: float = HEIGHT, floor: float = 0.0) -> Points:
    """The 17 keypoints ``[17, 3]`` in metres of a body of ``height`` m that stands on ``floor`` m."""
    facing = rotation(0.0, 0.0, stance.heading)
    leaning = facing @ rotation(-stance.lean, stance.sway, 0.0)
    trunk = facing @ rotation(-stance.pitch, stance.roll, 0.0) @ rotation(0.0, 0.0, stance.twist)
    pelvis = np.array((0.0, 0.0, ANKLE)) + leaning[:, 2] * (stance.reach * LEG)
    neck = pelvis + trunk[:, 2] * TRUNK
    joints = np.empty((KEYPOINT_COUNT, 3))
    head = trunk @ rotation(-stance.nod, 0.0, 0.0) @ rotation(0.0, 0.0, stance.turn)
    joints[_FACE_AT] = neck + _FACE_POINTS @ head.T
    for side, sign in _SIDES:
        shoulder = neck + trunk[:, 0] * (sign * SHOULDERS / 2)
        hip = pelvis + trunk[:, 0] * (sign * HIPS / 2)
        own = {name: getattr(stance, f"{side}_{name}") for name in _LIMB}
        elbow, wrist = _arm(shoulder, trunk, sign, own)
        foot = facing @ (sign * own["aside"], own["ahead"], ANKLE + own["lift"])
        ahead = facing @ (sign * math.sin(math.radians(_SPLAY)), math.cos(math.radians(_SPLAY)), 0.0)
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
    """Knee and ankle: thigh and shank are two sides of a triangle, and the third is from the hip towards the foot.

    The knee of a leg that hangs straight down would point ``ahead``, and turns with the leg.
    """
    span = foot - hip
    wanted = float(np.linalg.norm(span))
    along = span / wanted
    length = min(wanted, _STRAIGHT * LEG)
    # The shortest turn that takes straight down to ``along``, applied to ``ahead``.
    bend = ahead - (along - _UP) * ((along @ ahead) / (1 - along @ _UP))
    down_thigh = (THIGH**2 - SHANK**2 + length**2) / (2 * length)
    knee = hip + along * down_thigh + bend * math.sqrt(THIGH**2 - down_thigh**2)
    return knee, hip + along * length
