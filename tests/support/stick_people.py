"""Stick people whose poses are known, and what a tracker makes of them."""

import cmath
import math
import random
from collections.abc import Iterable, Sequence

from edge.config.settings import TrackSettings
from edge.pose import KEYPOINT_NAMES, Keypoint, Person, Pose
from edge.sense.track import Tracker

HEIGHT = 300.0
_FRONT = {
    "nose": (0.0, 0.08),
    "Eye": (0.02, 0.06),
    "Ear": (0.045, 0.07),
    "Shoulder": (0.11, 0.18),
    "Elbow": (0.14, 0.34),
    "Wrist": (0.15, 0.48),
    "Hip": (0.07, 0.5),
    "Knee": (0.07, 0.74),
    "Ankle": (0.07, 0.97),
}
"""Of the left side of a body of height 1 that faces us: x to the right of its middle, y below its top."""
UPPER = frozenset(range(11))
"""Head, shoulders and arms."""
EVERYTHING = frozenset(range(17))


def stick(
    x: float, y: float = 100.0, height: float = HEIGHT, seen: Iterable[int] = EVERYTHING, score: float = 0.8
) -> Pose:
    """Somebody whose middle is at ``x`` and whose top at ``y`` (px); what is not ``seen`` is unsure."""
    seen = set(seen)
    keypoints = []
    for number, name in enumerate(KEYPOINT_NAMES):
        across, down = _FRONT[name.removeprefix("left").removeprefix("right")]
        side = -1 if name.startswith("right") else 1
        sure = score if number in seen else 0.05
        keypoints.append(Keypoint(x + side * across * height, y + down * height, sure))
    return with_score(keypoints)


def with_score(keypoints: Sequence[Keypoint]) -> Pose:
    """The pose of these keypoints, none of which another pose has."""
    return Pose(sum(point.score for point in keypoints) / len(keypoints), tuple(keypoints))


def trembling(pose: Pose, by: float, dice: random.Random) -> Pose:
    """The same with normal noise of ``by`` px on every coordinate."""
    return pose._replace(
        keypoints=tuple(
            point._replace(x=point.x + dice.gauss(0, by), y=point.y + dice.gauss(0, by)) for point in pose.keypoints
        )
    )


def fallen(pose: Pose, degrees: float) -> Pose:
    """The same turned to the right about a point between its feet."""
    feet = [point for point, name in zip(pose.keypoints, KEYPOINT_NAMES, strict=True) if name.endswith("Ankle")]
    pivot = sum(complex(point.x, point.y) for point in feet) / len(feet)
    turn = cmath.rect(1.0, math.radians(degrees))
    places = [pivot + (complex(point.x, point.y) - pivot) * turn for point in pose.keypoints]
    turned = (point._replace(x=at.real, y=at.imag) for point, at in zip(pose.keypoints, places, strict=True))
    return pose._replace(keypoints=tuple(turned))


def swapped(pose: Pose) -> Pose:
    """The same with left and right exchanged."""
    by_name = dict(zip(KEYPOINT_NAMES, pose.keypoints, strict=True))
    other = {"left": "right", "right": "left"}
    names = [
        next((other[side] + name.removeprefix(side) for side in other if name.startswith(side)), name)
        for name in KEYPOINT_NAMES
    ]
    return pose._replace(keypoints=tuple(by_name[name] for name in names))


def shadow(pose: Pose) -> Pose:
    """What ``decode_multi`` finds besides on the same body: its keypoints, and next to no score of its own."""
    return pose._replace(score=0.05)


def tracker(**settings: object) -> Tracker:
    return Tracker(TrackSettings(**settings))  # type: ignore[arg-type]


def ids(persons: Iterable[Person]) -> list[int]:
    return [person.id for person in persons]


def id_at(persons: Iterable[Person], x: float) -> int | None:
    """Whose nose is within a tenth of a height of ``x``, if anybody's is."""
    near = [person.id for person in persons if abs(person.pose.keypoints[0].x - x) < HEIGHT / 10]
    assert len(near) <= 1
    return near[0] if near else None
