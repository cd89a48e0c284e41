"""Decode several people: each is found once, from the keypoint that scores highest."""

from typing import NamedTuple

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.decode.flat_heads import FlatHeads
from edge.sense.decode.peaks import peaks
from edge.sense.decode.sanitize import sanitize
from edge.sense.decode.traverse import TFJS_REFINEMENTS, traverse
from edge.sense.inference.heads import Heads

_Positions = list[tuple[float, float]]
"""Positions of one keypoint in every pose so far: (y, x) in px."""


class Grown(NamedTuple):
    """One pose."""

    ys: list[float]
    """``[17]``: px of the model input, as the next."""
    xs: list[float]
    scores: list[float]
    """``[17]``: 0..1."""
    score: float
    """Of the pose: the sum of the scores of the keypoints that no earlier pose has, divided by 17."""


def decode_multi(
    heads: Heads, max_poses: int = 10, score_threshold: float = 0.5, nms_radius: float = 20.0
) -> list[Pose]:
    """Decode poses, each grown from a peak of a heatmap.

    Source: PersonLab (Papandreou et al. 2018), sections 3.1-3.2; tfjs PoseNet 2.2.2, ``decodeMultiplePoses``.

    Args:
        heads: Of one image.
        max_poses: Most poses.
        score_threshold: Least score of a peak, 0..1.
        nms_radius: Two of the same keypoint no further apart than this (px) are one.

    Returns:
        Poses in px of the model input, in falling order of their root's score; equal ones by y, then x, then keypoint.
        A pose's score is the sum of its keypoints' scores, without those that another pose already has, divided by 17.
    """
    return [
        Pose(score, tuple(map(Keypoint, xs, ys, scores)))
        for ys, xs, scores, score in grow(sanitize(heads), max_poses, score_threshold, nms_radius)
    ]


# The peaks of all seventeen heatmaps are roots from which a body may be traversed, the best first. A body seen well
# has a peak at each of its joints and must yield one pose: so a root is skipped where an earlier pose already has
# that keypoint (non-maximum suppression). A keypoint where an earlier pose has the same one adds nothing to its
# pose's score: it may be that body's joint. Thus poses come in falling order of their root's score, not their own.
def grow(
    heads: Heads,
    max_poses: int,
    score_threshold: float,
    nms_radius: float,
    refinements: int = TFJS_REFINEMENTS,
) -> list[Grown]:
    """Grow poses from the peaks of the heatmaps, each once.

    Args:
        heads: Of one image, finite.
        max_poses: Most poses.
        score_threshold: Least score of a peak, 0..1.
        nms_radius: Two of the same keypoint no further apart than this (px) are one.
        refinements: As for ``traverse``.

    Returns:
        Poses in falling order of their root's score; equal ones by y, then x, then keypoint.
    """
    if max_poses <= 0:
        return []
    flat = FlatHeads.of(heads)
    squared_radius = nms_radius * nms_radius
    taken: list[_Positions] = [[] for _ in range(KEYPOINT_COUNT)]
    poses: list[Grown] = []
    for peak in peaks(heads.scores, score_threshold).tolist():
        cell, keypoint = divmod(peak, KEYPOINT_COUNT)
        root_y, root_x = flat.position(cell, keypoint)
        if _is_taken(taken[keypoint], root_y, root_x, squared_radius):
            continue
        ys, xs, scores = traverse(flat, keypoint, root_y, root_x, flat.scores[peak], refinements)
        own = 0.0
        for positions, y, x, score in zip(taken, ys, xs, scores, strict=True):
            if not _is_taken(positions, y, x, squared_radius):
                own += score
            positions.append((y, x))
        poses.append(Grown(ys, xs, scores, own / KEYPOINT_COUNT))
        if len(poses) == max_poses:
            break
    return poses


def _is_taken(positions: _Positions, y: float, x: float, squared_radius: float) -> bool:
    """Tell whether an earlier pose has its keypoint here."""
    for taken_y, taken_x in positions:
        dx = taken_x - x
        if dx * dx <= squared_radius:  # mostly not, as people stand side by side
            dy = taken_y - y
            if dy * dy + dx * dx <= squared_radius:
                return True
    return False
