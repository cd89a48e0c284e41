"""What a model that went wrong may say, made harmless before anybody calculates with it."""

import numpy as np

from edge.pose import KEYPOINT_COUNT
from edge.sense.inference.heads import Float32, Heads


def sanitize(heads: Heads) -> Heads:
    """The heads without NaN and infinities: such an offset or displacement is 0, and so is a score that is one.

    A cell whose offset (y or x) for a keypoint is not finite scores 0 for that keypoint: it cannot say where.
    Healthy heads, which is nearly always, come back as they are.
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
