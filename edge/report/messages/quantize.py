"""How finely anything is published: what is coarser than that cannot be hidden in it.

A taken-over sensing room could write a picture into the last digits of numbers. So every number that goes out is
rounded here and kept within bounds, and ``edge.report.leak_bound`` counts what is left.
"""

from collections.abc import Sequence

from edge.pose import Person, Pose, round_keypoints
from edge.wire import FrameLine

PIXEL = 0.1
"""Of positions, px."""
SCORE_DIGITS = 3
"""Decimals of scores."""
_STEPS = round(1 / PIXEL)
_SCORE_STEPS = 10**SCORE_DIGITS
_Row = tuple[float, float, float]


def quantize(frame: FrameLine) -> FrameLine:
    """The same frame with positions to 0.1 px, at most one frame's size outside of it, and scores to 3 decimals."""
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
    """Those that are farther away than the frame is large, put there."""
    left, top, right, bottom = -width, -height, 2.0 * width, 2.0 * height
    if all(left <= x <= right and top <= y <= bottom for x, y, _ in keypoints):
        return keypoints
    return [(min(max(x, left), right), min(max(y, top), bottom), score) for x, y, score in keypoints]


HEALTH_DIGITS = {
    "frame_rate": 1,
    "fit_ms": 2,
    "invoke_ms": 2,
    "decode_ms": 2,
    "latency_ms": 1,
    "brightness": 2,
    "contrast": 2,
    "sharpness": 1,
    "temperature": 1,
    "uptime": 0,
}
"""Decimals of what ``health`` repeats of the sensing room's numbers; counts are whole."""
