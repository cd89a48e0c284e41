"""The fast way, for a picture with one person in it."""

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.decode.flat_heads import FlatHeads
from edge.sense.decode.sanitize import sanitize
from edge.sense.inference.heads import Heads


# Every keypoint is taken on its own: the cell with its highest score is where it is (of equal ones the first, row
# by row), and the offset there says by how many pixels the joint lies away from that cell. Nothing ties the
# seventeen together, so with two people in view the pose may have the head of one and the feet of the other.
def decode_single(heads: Heads) -> Pose:
    """The pose of the only person in view, in px of the model input; scores 0..1.

    Reads scores ``[height, width, 17]`` and offsets ``[height, width, 34]``. The pose's score is the mean of its
    keypoints' scores. Source: tfjs PoseNet 2.2.2, ``decodeSinglePose``.
    """
    heads = sanitize(heads)
    field = FlatHeads.of(heads)
    keypoints = []
    for keypoint, cell in enumerate(heads.scores.reshape(-1, KEYPOINT_COUNT).argmax(axis=0).tolist()):
        y, x = field.position(cell, keypoint)
        keypoints.append(Keypoint(x, y, field.scores[cell * KEYPOINT_COUNT + keypoint]))
    return Pose(sum(keypoint.score for keypoint in keypoints) / KEYPOINT_COUNT, tuple(keypoints))
