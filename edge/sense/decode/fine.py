"""Decode several people as ``decode_multi`` does, with finer positions."""

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.decode.flat_heads import OFFSET_CHANNELS
from edge.sense.decode.multi import grow
from edge.sense.decode.sanitize import sanitize
from edge.sense.inference.heads import Heads

# docs/calibration.md, Decoding, has the evidence for these.
FINE_REFINEMENTS = 3
"""Times that the offset is applied to the end of a displacement, before the vote."""
AGREEMENT_PX = 5.0
"""Px of the model input by which a vote may differ from the first estimate: it counts by a Gaussian of this width."""
_MIN_WEIGHT = 1e-12
"""Least sum of weights, that of one cell with a score of 1e-6; below it the first estimate stays."""

_KEYPOINTS = np.arange(KEYPOINT_COUNT)[:, None]
_ROWS_AROUND, _COLUMNS_AROUND = np.mgrid[-1:2, -1:2].reshape(2, 9)

_Float64 = NDArray[np.float64]


# Grown as in decode_multi, with one refinement more, so that suppression, order and scores mean the same. Then the
# position of each keypoint, which is the vote of one cell (its place plus its offset), becomes the mean of the votes of
# that cell and its neighbours. A vote weighs the square of its cell's score, and the less, the farther it is from the
# first estimate: the neighbour may belong to somebody else. The weights are smooth, so a keypoint that moves from cell
# to cell does not jump as it does where one cell decides, and errors of single cells cancel.
def decode_fine(
    heads: Heads, max_poses: int = 10, score_threshold: float = 0.5, nms_radius: float = 20.0
) -> list[Pose]:
    """Decode poses, each grown from a peak of a heatmap, and place their keypoints by vote.

    Args:
        heads: Of one image.
        max_poses: Most poses.
        score_threshold: Least score of a peak, 0..1.
        nms_radius: Two of the same keypoint no further apart than this (px) before the vote are one.

    Returns:
        Poses in px of the model input, in the order and with scores as of ``decode_multi``.
    """
    heads = sanitize(heads)
    grown = grow(heads, max_poses, score_threshold, nms_radius, FINE_REFINEMENTS)
    if not grown:
        return []
    ys, xs = _vote(heads, np.array([pose.ys for pose in grown]), np.array([pose.xs for pose in grown]))
    return [
        Pose(pose.score, tuple(map(Keypoint, x, y, pose.scores)))
        for pose, y, x in zip(grown, ys.tolist(), xs.tolist(), strict=True)
    ]


def _vote(heads: Heads, ys: _Float64, xs: _Float64) -> tuple[_Float64, _Float64]:
    """Compute the mean of the votes around first estimates.

    Args:
        heads: Finite.
        ys: First estimates, ``[n, 17]``, px of the model input.
        xs: The same.

    Returns:
        Ys and xs, ``[n, 17]``; where no cell around has a score or agrees, the first estimates.
    """
    height, width, _ = heads.scores.shape
    stride = heads.output_stride
    ys, xs = ys[..., None], xs[..., None]
    rows = np.floor(ys / stride + 0.5).clip(0, height - 1).astype(np.intp) + _ROWS_AROUND  # [n, 17, 9]
    columns = np.floor(xs / stride + 0.5).clip(0, width - 1).astype(np.intp) + _COLUMNS_AROUND
    outside = (rows < 0) | (rows >= height) | (columns < 0) | (columns >= width)
    cells = np.where(outside, 0, rows * width + columns)
    channels = cells * OFFSET_CHANNELS + _KEYPOINTS
    offsets = heads.offsets.reshape(-1)
    votes_y = rows * stride + offsets.take(channels).astype(np.float64)
    votes_x = columns * stride + offsets.take(channels + KEYPOINT_COUNT).astype(np.float64)
    scores = heads.scores.reshape(-1).take(cells * KEYPOINT_COUNT + _KEYPOINTS).astype(np.float64)
    distances = (votes_y - ys) ** 2 + (votes_x - xs) ** 2
    weights = scores**2 * np.exp(distances / (-2 * AGREEMENT_PX**2))
    weights[outside] = 0.0
    total = weights.sum(axis=-1)
    is_known = total >= _MIN_WEIGHT
    weights /= np.where(is_known, total, 1.0)[..., None]
    return (
        np.where(is_known, (weights * votes_y).sum(axis=-1), ys[..., 0]),
        np.where(is_known, (weights * votes_x).sum(axis=-1), xs[..., 0]),
    )
