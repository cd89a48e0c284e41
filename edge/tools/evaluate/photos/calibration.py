"""How far a score can be read as a probability: curve and expected calibration error."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from edge.tools.evaluate.photos.accuracy import CocoEvaluation

_BINS = 10


class Bin(NamedTuple):
    """Scores from ``low`` to below ``high``; 1 belongs to the last bin."""

    low: float
    high: float
    number: int
    score: float | None
    """Mean of the scores; None without any."""
    right: float | None
    """Share of those that are right; None without any."""


class Calibration(NamedTuple):
    """Calibration of one kind of score."""

    number: int
    ece: float | None
    """Expected calibration error: the mean of abs(right - score) over the bins, weighted by their numbers."""
    curve: tuple[Bin, ...]


def calibration(scores: Iterable[float], right: Iterable[bool]) -> Calibration:
    """Compare scores with what is right.

    Args:
        scores: 0..1.
        right: For each score, whether that which has it is right.

    Returns:
        Curve and error.
    """
    given, hits = np.fromiter(scores, np.float64), np.fromiter(right, np.bool_)
    # Rounded to where scores of poses are rounded: 0.3 * 10 is a little less than 3.
    bins = np.clip(np.floor(np.round(given * _BINS, 4)), 0, _BINS - 1)
    curve, error = [], 0.0
    for place in range(_BINS):
        inside = bins == place
        number = int(inside.sum())
        score, share = None, None
        if number:
            score, share = float(given[inside].mean()), float(hits[inside].mean())
            error += number * abs(share - score)
        curve.append(Bin(place / _BINS, (place + 1) / _BINS, number, score, share))
    return Calibration(len(given), error / len(given) if len(given) else None, tuple(curve))


def joint_calibration(evaluation: CocoEvaluation) -> Calibration:
    """Compare the scores of labelled joints of people who were found with whether each is in its place."""
    scores: list[float] = []
    right: list[bool] = []
    for result in evaluation.people:
        if result.pose is not None:
            labelled = result.person.labelled
            scores += np.array(result.pose.keypoints)[labelled, 2].tolist()
            right += result.right[labelled].tolist()
    return calibration(scores, right)


def pose_calibration(evaluation: CocoEvaluation) -> Calibration:
    """Compare the scores of poses with whether each is somebody's."""
    return calibration(
        [result.pose.score for result in evaluation.poses], [result.is_somebody for result in evaluation.poses]
    )
