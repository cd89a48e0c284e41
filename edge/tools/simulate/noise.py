"""What a pose model makes of bodies: keypoints that are off and tremble, go missing, or hide behind somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES, Keypoint, Person, Pose
from edge.tools.simulate.body import Points
from edge.tools.simulate.pinhole_camera import Camera

_FALLOFF = np.array(
    (26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89)
) / 1000  # fmt: skip
"""How far people disagree where a keypoint is, as a part of the body's size: COCO's OKS sigmas."""
_SIZE_OF_TRUNK = 1.5
"""The square root of a body's area against the length of its trunk; OKS measures in the former."""
_STEADINESS = np.array([4 if name.endswith(("Ear", "Wrist", "Ankle")) else 12 for name in KEYPOINT_NAMES])
"""Scores of a keypoint are spread as the highest of so many dice; ears and ends of limbs are less sure."""
_SURE, _LOST = 0.95, 0.03
"""Scores of what is seen exactly, and of what is not in the frame."""
_GUESSED = 0.45
"""What is hidden is guessed: part of its score that is left ..."""
_ASTRAY = 2.0
"""... and how much further off it is."""
_TREMBLE = 0.02
"""Of scores."""
_LEAST = 4
"""With fewer keypoints in sight a body is not found."""


class _Bone(NamedTuple):
    """What hides: a bone between the middles of some keypoints, and the radius of the flesh on it, m."""

    upper: tuple[str, ...]
    lower: tuple[str, ...]
    radius: float


# Arms are too thin to hide a joint from a model.
_BONES = (
    _Bone(("leftShoulder", "rightShoulder"), ("leftHip", "rightHip"), 0.13),
    _Bone(("leftEar",), ("rightEar",), 0.08),
    _Bone(("leftHip",), ("leftKnee",), 0.07),
    _Bone(("rightHip",), ("rightKnee",), 0.07),
    _Bone(("leftKnee",), ("leftAnkle",), 0.05),
    _Bone(("rightKnee",), ("rightAnkle",), 0.05),
)
_BEHIND = 0.65
"""What it hides lies so many radii behind the bone."""


def _ends(names: list[tuple[str, ...]]) -> Points:
    """Joints to the ends of bones, ``[bones, 17]``."""
    return np.array([np.isin(KEYPOINT_NAMES, some) / len(some) for some in names])


_UPPER = _ends([bone.upper for bone in _BONES])
_LOWER = _ends([bone.lower for bone in _BONES])
_RADIUS = np.array([bone.radius for bone in _BONES])


@dataclass(frozen=True, slots=True)
class Noise:
    """How wrong a model is; the defaults are about what ``default`` does to 105 people in photographs of COCO val2017.

    Lengths are in OKS sigmas times the body's size in the frame.
    """

    bias: float = 0.85
    """How far off a keypoint stays, standard deviation along x and y."""
    jitter: float = 0.25
    """How far it trembles about there from frame to frame."""
    dropout: float = 0.03
    """Part of the keypoints that are somewhere else in a frame, and unsure."""
    missed: float = 0.03
    """Part of the frames in which a body is not found."""
    occlusion: bool = True
    """Whether bodies hide what is behind them, their own far side too."""


EXACT = Noise(0.0, 0.0, 0.0, 0.0, False)


class Observer:
    """A model that looks through ``camera``: ``observer(bodies) -> persons``, one frame after the other."""

    def __init__(self, camera: Camera, noise: Noise = EXACT, seed: int = 0) -> None:
        self._camera = camera
        self._noise = noise
        self._seed = seed
        self._looks: list[_Look] = []

    def __call__(self, bodies: Sequence[Points]) -> tuple[Person, ...]:
        """Whoever of ``bodies`` (joints ``[17, 3]`` in m) is seen; ids count the bodies from 1."""
        while len(self._looks) < len(bodies):
            self._looks.append(_Look(self._noise, np.random.default_rng((self._seed, len(self._looks)))))
        persons = []
        for number, (joints, look) in enumerate(zip(bodies, self._looks, strict=False), 1):
            pixels, depth = self._camera.project(joints)
            seen = self._camera.sees(pixels, depth)
            hidden = _hidden(pixels, depth, bodies, self._camera) if self._noise.occlusion else np.zeros_like(seen)
            trunk = float(np.linalg.norm(_UPPER[0] @ joints - _LOWER[0] @ joints))
            size = _SIZE_OF_TRUNK * trunk * self._camera.focal_length / max(1.0, float(_LOWER[0] @ depth))
            pixels, scores, found = look(pixels, seen, hidden, size)
            if found and np.count_nonzero(seen & ~hidden) >= _LEAST:
                persons.append(Person(number, self._pose(pixels, scores)))
        return tuple(persons)

    def _pose(self, pixels: Points, scores: Points) -> Pose:
        """Positions at most one frame's size outside of it, to 0.01 px; scores to 4 decimals, as the model's are."""
        near = np.clip(pixels, np.negative(self._camera.size), np.multiply(self._camera.size, 2)).round(2)
        keypoints = np.column_stack((near, scores.round(4))).tolist()
        return Pose(round(float(scores.mean()), 4), tuple(Keypoint(*keypoint) for keypoint in keypoints))


class _Look:
    """How one body looks to the model: what stays from frame to frame, and what does not."""

    def __init__(self, noise: Noise, random: np.random.Generator) -> None:
        self._noise = noise
        self._random = random
        self._offset = random.normal(0.0, noise.bias, (KEYPOINT_COUNT, 2))
        self._sure = np.full(KEYPOINT_COUNT, _SURE)
        if noise != EXACT:
            self._sure = random.random(KEYPOINT_COUNT) ** (1 / _STEADINESS)

    def __call__(
        self, pixels: Points, seen: NDArray[np.bool_], hidden: NDArray[np.bool_], size: float
    ) -> tuple[Points, Points, bool]:
        """Pixels ``[17, 2]``, scores ``[17]``, and whether the body is found at all."""
        noise, random = self._noise, self._random
        scores = np.where(seen, np.where(hidden, self._sure * _GUESSED, self._sure), _LOST)
        if noise == EXACT:
            return pixels, scores, True
        found = bool(random.random() >= noise.missed)
        dropped = random.random(KEYPOINT_COUNT) < noise.dropout
        off = self._offset * np.where(hidden, _ASTRAY, 1.0)[:, None]
        off += random.normal(0.0, noise.jitter, (KEYPOINT_COUNT, 2))
        off *= _FALLOFF[:, None]
        off += random.normal(0.0, 0.2, (KEYPOINT_COUNT, 2)) * dropped[:, None]
        scores = np.where(dropped, scores * random.random(KEYPOINT_COUNT) / 3, scores)
        scores += random.normal(0.0, _TREMBLE, KEYPOINT_COUNT)
        return pixels + off * size, np.clip(scores, 0.0, 1.0), found


def _hidden(pixels: Points, depth: Points, bodies: Sequence[Points], camera: Camera) -> NDArray[np.bool_]:
    """Which of a body's keypoints ``[17]`` lie behind the flesh of any of ``bodies``."""
    upper, upper_depth = camera.project(np.concatenate([_UPPER @ joints for joints in bodies]))
    lower, lower_depth = camera.project(np.concatenate([_LOWER @ joints for joints in bodies]))
    radius = np.tile(_RADIUS, len(bodies))
    bone = lower - upper
    # The point of each bone that is nearest to each keypoint in the frame: [keypoints, bones].
    part = ((pixels[:, None] - upper) * bone).sum(axis=-1) / np.maximum((bone**2).sum(axis=-1), 1e-9)
    part = np.clip(part, 0.0, 1.0)
    beside = np.linalg.norm(pixels[:, None] - upper - part[..., None] * bone, axis=-1)
    bone_depth = upper_depth + part * (lower_depth - upper_depth)
    covered = beside * bone_depth < radius * camera.focal_length
    return np.asarray((covered & (depth[:, None] - bone_depth > _BEHIND * radius) & (bone_depth > 0)).any(axis=1))
