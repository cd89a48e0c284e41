"""How finely poses are published: what is coarser than that cannot be hidden in them.

A taken-over ``sense`` could write a picture into the last digits of numbers. So every number that goes out is rounded
and kept within bounds, and ``edge.report.leak_bound`` counts what is left. Frames are treated here, before anything is
made of them; all other numbers by ``Number.quantize``, as their fields are declared.
"""

from collections.abc import Sequence

from edge.pose import Person, Pose, round_keypoints
from edge.wire import FrameLine

PIXEL = 0.1
"""Steps of positions, px."""
SCORE_DIGITS = 3
"""Decimals of scores."""
_STEPS = round(1 / PIXEL)
_SCORE_STEPS = 10**SCORE_DIGITS
_Row = tuple[float, float, float]


def quantize(frame: FrameLine) -> FrameLine:
    """Round positions to 0.1 px and scores to 3 decimals, and keep positions within one frame's size of the frame."""
    return FrameLine(
        frame.sequence,
        round(frame.monotonic, 3),
        round(frame.time, 3),
        frame.width,
        frame.height,
        tuple(Person(person.id, _coarse_pose(person.pose, frame.width, frame.height)) for person in frame.persons),
    )


def _coarse_pose(pose: Pose, width: int, height: int) -> Pose:
    keypoints = round_keypoints(_near(pose.keypoints, width, height), _STEPS, _SCORE_STEPS)
    return Pose(round(pose.score, SCORE_DIGITS), keypoints)


def _near(keypoints: Sequence[_Row], width: int, height: int) -> Sequence[_Row]:
    """Move keypoints that are farther outside than the frame is large to that distance."""
    left, top, right, bottom = -width, -height, 2.0 * width, 2.0 * height
    for x, y, _ in keypoints:
        if not (left <= x <= right and top <= y <= bottom):
            return [(min(max(x, left), right), min(max(y, top), bottom), score) for x, y, score in keypoints]
    return keypoints
