"""Simulated errors of a pose model: keypoints that are displaced, jitter, are missing or hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES, OKS_SIGMAS, Keypoint, Person, Pose
from edge.tools.simulate.body import Points
from edge.tools.simulate.pinhole_camera import Camera

_SIZE_PER_TRUNK = 1.5
"""Square root of a body's area, in which OKS measures, over the length of its trunk."""
_SCORE_DRAWS = np.array([4 if name.endswith(("Ear", "Wrist", "Ankle")) else 12 for name in KEYPOINT_NAMES])
"""A keypoint's score is distributed as the greatest of so many uniform draws; ears and ends of limbs score less."""
_EXACT_SCORE, _OUTSIDE_SCORE = 0.95, 0.03
"""Scores of a keypoint that is seen exactly, and of one outside of the frame."""
_HIDDEN_SCORE_FACTOR = 0.45
_HIDDEN_ERROR_FACTOR = 2.0
_SCORE_JITTER = 0.02
"""Standard deviation of scores from frame to frame."""
_MIN_SEEN = 4
"""Least number of seen keypoints with which a body is found."""


class _Bone(NamedTuple):
    """A segment that hides what is behind it: between the centres of two groups of keypoints, with a radius in m."""

    upper: tuple[str, ...]
    lower: tuple[str, ...]
    radius: float


# Arms are too thin to hide a joint.
_BONES = (
    _Bone(("leftShoulder", "rightShoulder"), ("leftHip", "rightHip"), 0.13),
    _Bone(("leftEar",), ("rightEar",), 0.08),
    _Bone(("leftHip",), ("leftKnee",), 0.07),
    _Bone(("rightHip",), ("rightKnee",), 0.07),
    _Bone(("leftKnee",), ("leftAnkle",), 0.05),
    _Bone(("rightKnee",), ("rightAnkle",), 0.05),
)
_MIN_DEPTH_BEHIND = 0.65
"""Least distance behind a bone of what it hides, in radii of the bone."""


def _ends(names: list[tuple[str, ...]]) -> Points:
    """Matrix ``[bones, 17]`` from joints to ends of bones."""
    return np.array([np.isin(KEYPOINT_NAMES, some) / len(some) for some in names])


_UPPER = _ends([bone.upper for bone in _BONES])
_LOWER = _ends([bone.lower for bone in _BONES])
_RADIUS = np.array([bone.radius for bone in _BONES])


class Screen(NamedTuple):
    """An upright rectangle on the floor, across the view, that hides what is behind it; m."""

    left: float
    """x of its left side."""
    right: float
    y: float
    top: float
    """Height above the floor."""

    def hides(self, joints: Points, camera: Camera) -> NDArray[np.bool_]:
        """Mask ``[17]`` of joints ``[17, 3]`` that a camera does not see for it."""
        x, y, z = joints.T
        # Where the line of sight meets the plane of the screen.
        part = self.y / np.maximum(y, self.y)
        across, up = x * part, camera.height + (z - camera.height) * part
        return np.asarray((y > self.y) & (self.left <= across) & (across <= self.right) & (up <= self.top))


@dataclass(frozen=True, slots=True)
class Noise:
    """Errors of a model; the defaults are about those of ``default`` on 105 people in photographs of COCO val2017.

    Lengths are in OKS sigmas times the body's size in the frame.
    """

    bias: float = 0.85
    """Standard deviation along x and y of a keypoint's constant error."""
    jitter: float = 0.25
    """Standard deviation of a keypoint's additional error in each frame."""
    dropout: float = 0.03
    """Fraction of keypoints that are misplaced in a frame, with low scores."""
    missed: float = 0.03
    """Fraction of frames in which a body is not found."""
    occlusion: bool = True
    """True: bodies hide what is behind them, including their own far side."""


EXACT = Noise(0.0, 0.0, 0.0, 0.0, False)


class Observer:
    """A simulated camera and model: ``observer(bodies) -> persons``, one frame after the other."""

    def __init__(self, camera: Camera, noise: Noise = EXACT, seed: int = 0, screens: Sequence[Screen] = ()) -> None:
        self._camera = camera
        self._screens = screens
        self._noise = noise
        self._seed = seed
        self._errors: list[_BodyErrors] = []

    def __call__(self, bodies: Sequence[Points]) -> tuple[Person, ...]:
        """Persons that are found among ``bodies`` (joints ``[17, 3]`` in m); ids count the bodies from 1."""
        while len(self._errors) < len(bodies):
            self._errors.append(_BodyErrors(self._noise, np.random.default_rng((self._seed, len(self._errors)))))
        persons = []
        for number, (joints, errors) in enumerate(zip(bodies, self._errors, strict=False), 1):
            pixels, depth = self._camera.project(joints)
            seen = self._camera.sees(pixels, depth)
            for screen in self._screens:
                seen &= ~screen.hides(joints, self._camera)
            hidden = _hidden(pixels, depth, bodies, self._camera) if self._noise.occlusion else np.zeros_like(seen)
            trunk = float(np.linalg.norm(_UPPER[0] @ joints - _LOWER[0] @ joints))
            size = _SIZE_PER_TRUNK * trunk * self._camera.focal_length / max(1.0, float(_LOWER[0] @ depth))
            pixels, scores, found = errors(pixels, seen, hidden, size)
            if found and np.count_nonzero(seen & ~hidden) >= _MIN_SEEN:
                persons.append(Person(number, self._pose(pixels, scores)))
        return tuple(persons)

    def _pose(self, pixels: Points, scores: Points) -> Pose:
        """Clip positions to one frame's size outside of it, and round as the sensor does."""
        near = np.clip(pixels, np.negative(self._camera.size), np.multiply(self._camera.size, 2)).round(2)
        keypoints = np.column_stack((near, scores.round(4))).tolist()
        return Pose(round(float(scores.mean()), 4), tuple(Keypoint(*keypoint) for keypoint in keypoints))


class _BodyErrors:
    """Errors of one body's keypoints: constant ones, and those of each frame."""

    def __init__(self, noise: Noise, random: np.random.Generator) -> None:
        self._noise = noise
        self._random = random
        self._offset = random.normal(0.0, noise.bias, (KEYPOINT_COUNT, 2))
        self._score = np.full(KEYPOINT_COUNT, _EXACT_SCORE)
        if noise != EXACT:
            self._score = random.random(KEYPOINT_COUNT) ** (1 / _SCORE_DRAWS)

    def __call__(
        self, pixels: Points, seen: NDArray[np.bool_], hidden: NDArray[np.bool_], size: float
    ) -> tuple[Points, Points, bool]:
        """Pixels ``[17, 2]``, scores ``[17]``, and whether the body is found."""
        noise, random = self._noise, self._random
        scores = np.where(seen, np.where(hidden, self._score * _HIDDEN_SCORE_FACTOR, self._score), _OUTSIDE_SCORE)
        if noise == EXACT:
            return pixels, scores, True
        found = bool(random.random() >= noise.missed)
        dropped = random.random(KEYPOINT_COUNT) < noise.dropout
        off = self._offset * np.where(hidden, _HIDDEN_ERROR_FACTOR, 1.0)[:, None]
        off += random.normal(0.0, noise.jitter, (KEYPOINT_COUNT, 2))
        off *= np.array(OKS_SIGMAS)[:, None]
        off += random.normal(0.0, 0.2, (KEYPOINT_COUNT, 2)) * dropped[:, None]
        scores = np.where(dropped, scores * random.random(KEYPOINT_COUNT) / 3, scores)
        scores += random.normal(0.0, _SCORE_JITTER, KEYPOINT_COUNT)
        return pixels + off * size, np.clip(scores, 0.0, 1.0), found


def _hidden(pixels: Points, depth: Points, bodies: Sequence[Points], camera: Camera) -> NDArray[np.bool_]:
    """Mask ``[17]`` of a body's keypoints that are behind a bone of any of ``bodies``."""
    upper, upper_depth = camera.project(np.concatenate([_UPPER @ joints for joints in bodies]))
    lower, lower_depth = camera.project(np.concatenate([_LOWER @ joints for joints in bodies]))
    radius = np.tile(_RADIUS, len(bodies))
    bone = lower - upper
    # Position along each bone, 0..1, of its point that is nearest to each keypoint in the frame: [keypoints, bones].
    part = ((pixels[:, None] - upper) * bone).sum(axis=-1) / np.maximum((bone**2).sum(axis=-1), 1e-9)
    part = np.clip(part, 0.0, 1.0)
    beside = np.linalg.norm(pixels[:, None] - upper - part[..., None] * bone, axis=-1)
    bone_depth = upper_depth + part * (lower_depth - upper_depth)
    covered = beside * bone_depth < radius * camera.focal_length
    return np.asarray(
        (covered & (depth[:, None] - bone_depth > _MIN_DEPTH_BEHIND * radius) & (bone_depth > 0)).any(axis=1)
    )
