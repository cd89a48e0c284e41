"""Where a keypoint may be: the cells that score highest among their neighbours."""

import numpy as np
from numpy.typing import NDArray

from edge.sense.inference.heads import Float32


# A body is found by any of its joints, so every keypoint's heatmap is searched for local maxima. The maximum of a
# 3x3 window is the maximum over columns of the maxima over rows; so four passes over the whole head do, and
# beyond the border there is simply nothing to compare with. Neighbours that are equal are all peaks.
def peaks(scores: Float32, score_threshold: float) -> NDArray[np.intp]:
    """Flat indices into scores ``[height, width, 17]`` of the local maxima >= the threshold (0..1), highest first.

    Among equal scores the order is that of the array: by y, then x, then keypoint. The scores must be finite.
    Source: tfjs PoseNet 2.2.2, ``buildPartWithScoreQueue`` with a local maximum radius of 1.
    """
    tall = scores.copy()
    np.maximum(tall[1:], scores[:-1], out=tall[1:])
    np.maximum(tall[:-1], scores[1:], out=tall[:-1])
    window = tall.copy()
    np.maximum(window[:, 1:], tall[:, :-1], out=window[:, 1:])
    np.maximum(window[:, :-1], tall[:, 1:], out=window[:, :-1])
    found = np.flatnonzero((scores == window) & (scores >= _float32_not_below(score_threshold)))
    falling = (-scores.take(found)).argsort(kind="stable")
    return found[falling]


def _float32_not_below(threshold: float) -> np.float32:
    # numpy compares float32 with the threshold's nearest float32, which may be a lower one: 0.7 would admit 0.69999999.
    nearest = np.float32(threshold)
    return nearest if float(nearest) >= threshold else np.nextafter(nearest, np.float32(np.inf))
