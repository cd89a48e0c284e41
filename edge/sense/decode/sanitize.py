"""Remove NaN and infinities from the results of a model."""

import numpy as np

from edge.pose import KEYPOINT_COUNT
from edge.sense.inference.heads import Float32, Heads


def sanitize(heads: Heads) -> Heads:
    """Replace values that are not finite by 0.

    A cell whose offset (y or x) for a keypoint is not finite also scores 0 for it, because its position is unknown.

    Args:
        heads: Of one image.

    Returns:
        Finite heads; an array whose values were all finite is passed on as it is.
    """
    offsets = _zero_unless_finite(heads.offsets)
    scores = _zero_unless_finite(heads.scores)
    if offsets is not heads.offsets:
        placed = np.isfinite(heads.offsets)
        scores = np.where(placed[..., :KEYPOINT_COUNT] & placed[..., KEYPOINT_COUNT:], scores, np.float32(0))
    return Heads(
        scores,
        offsets,
        _zero_unless_finite(heads.displacement_fwd),
        _zero_unless_finite(heads.displacement_bwd),
        heads.output_stride,
    )


def _zero_unless_finite(head: Float32) -> Float32:
    good = np.isfinite(head)
    return head if good.all() else np.where(good, head, np.float32(0))
