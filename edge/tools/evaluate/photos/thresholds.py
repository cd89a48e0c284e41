"""Effect of a least score of poses: people who are found, and false poses in photos without people."""

from collections.abc import Sequence
from typing import NamedTuple

from edge.pose import Pose
from edge.sense.track.detections import find_detections
from edge.tools.evaluate.photos.accuracy import CocoEvaluation

THRESHOLDS = tuple(step / 20 for step in range(21))


class Kept(NamedTuple):
    """What is left of the bodies that the tracker would take, with a score of ``score`` or more."""

    score: float
    recall: float | None
    """Share of the people who are found; None without people."""
    false_poses: float | None
    """Bodies in a photo without people, on average; None without such photos."""
    photos_with_false_poses: float | None
    """Share of the photos without people that have one; None without such photos."""


def bodies(poses: Sequence[Pose]) -> list[Pose]:
    """Take the poses that the tracker would take for bodies: with four sure joints, and no repetition of another."""
    return find_detections(poses).poses


def threshold_curve(evaluation: CocoEvaluation, nobody: Sequence[Sequence[Pose]]) -> list[Kept]:
    """Count for each threshold.

    Args:
        evaluation: Of the bodies in photos with people.
        nobody: The bodies in each photo without people.

    Returns:
        One for each of ``THRESHOLDS``.
    """
    # Poses are matched in falling order of their scores: those below a threshold change nothing for the others.
    found = [result.pose.score if result.pose else -1.0 for result in evaluation.people]
    curve = []
    for least in THRESHOLDS:
        counts = [sum(pose.score >= least for pose in poses) for poses in nobody]
        curve.append(
            Kept(
                least,
                sum(score >= least for score in found) / len(found) if found else None,
                sum(counts) / len(counts) if counts else None,
                sum(map(bool, counts)) / len(counts) if counts else None,
            )
        )
    return curve
