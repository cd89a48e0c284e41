"""Decode one person: fast, and right only where one person is in view."""

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.decode.flat_heads import FlatHeads
from edge.sense.decode.sanitize import sanitize
from edge.sense.inference.heads import Heads


# Every keypoint is taken on its own: at the cell with its highest score (of equal ones the first, row by row), plus
# the offset there, in px. Nothing ties the seventeen together, so with two people in view the pose may have the head
# of one and the feet of the other.
def decode_single(heads: Heads) -> Pose:
    """Decode the pose of the only person in view.

    Source: tfjs PoseNet 2.2.2, ``decodeSinglePose``.

    Args:
        heads: Of one image.

    Returns:
        The pose in px of the model input; its score is the mean of its keypoints' scores.
    """
    heads = sanitize(heads)
    flat = FlatHeads.of(heads)
    keypoints = []
    for keypoint, cell in enumerate(heads.scores.reshape(-1, KEYPOINT_COUNT).argmax(axis=0).tolist()):
        y, x = flat.position(cell, keypoint)
        keypoints.append(Keypoint(x, y, flat.scores[cell * KEYPOINT_COUNT + keypoint]))
    return Pose(sum(keypoint.score for keypoint in keypoints) / KEYPOINT_COUNT, tuple(keypoints))
