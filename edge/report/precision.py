"""How finely anything is published: what is coarser than that cannot be hidden in it.

A taken-over sensing room could write a picture into the last digits of numbers. So every number that goes out is
rounded here and kept within bounds, and ``edge.report.leak`` counts what is left.
"""

from dataclasses import replace

from edge.pose import Keypoint, Person, Pose
from edge.wire import FrameLine

PIXEL = 0.1
"""Of positions, px."""
SCORE_DIGITS = 3
"""Decimals of scores."""
_PIXEL_DIGITS = 1


def coarse(frame: FrameLine) -> FrameLine:
    """The same frame with positions to 0.1 px, at most one frame's size outside of it, and scores to 3 decimals."""

    def near(value: float, side: int) -> float:
        inside = -side <= value <= 2 * side
        return round(value if inside else min(max(value, -side), 2.0 * side), _PIXEL_DIGITS)

    def coarse_pose(pose: Pose) -> Pose:
        return Pose(
            round(pose.score, SCORE_DIGITS),
            tuple(
                Keypoint(near(x, frame.width), near(y, frame.height), round(score, SCORE_DIGITS))
                for x, y, score in pose.keypoints
            ),
        )

    return replace(
        frame,
        monotonic=round(frame.monotonic, 3),
        time=round(frame.time, 3),
        persons=tuple(Person(person.id, coarse_pose(person.pose)) for person in frame.persons),
    )


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
