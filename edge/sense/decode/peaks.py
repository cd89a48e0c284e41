"""Find the local maxima of the heatmaps."""

import numpy as np
from numpy.typing import NDArray

from edge.sense.inference.heads import Float32


# A body is found by any of its joints, so every keypoint's heatmap is searched for local maxima. The maximum of a
# 3x3 window is the maximum over columns of the maxima over rows, which takes four passes over the whole head. A cell at
# the border has fewer neighbours. Neighbours that are equal are all peaks.
def peaks(scores: Float32, score_threshold: float) -> NDArray[np.intp]:
    """Find local maxima.

    Source: tfjs PoseNet 2.2.2, ``buildPartWithScoreQueue`` with a local maximum radius of 1.

    Args:
        scores: ``[height, width, 17]``, finite.
        score_threshold: Least score of a maximum, 0..1.

    Returns:
        Flat indices into ``scores``, the highest score first; equal ones by y, then x, then keypoint.
    """
    column_maxima = scores.copy()
    np.maximum(column_maxima[1:], scores[:-1], out=column_maxima[1:])
    np.maximum(column_maxima[:-1], scores[1:], out=column_maxima[:-1])
    window = column_maxima.copy()
    np.maximum(window[:, 1:], column_maxima[:, :-1], out=window[:, 1:])
    np.maximum(window[:, :-1], column_maxima[:, 1:], out=window[:, :-1])
    found = np.flatnonzero((scores == window) & (scores >= _float32_not_below(score_threshold)))
    falling = (-scores.take(found)).argsort(kind="stable")
    return found[falling]


def _float32_not_below(threshold: float) -> np.float32:
    # numpy compares float32 with the threshold's nearest float32, which may be lower: 0.7 would admit 0.69999999.
    nearest = np.float32(threshold)
    return nearest if float(nearest) >= threshold else np.nextafter(nearest, np.float32(np.inf))
