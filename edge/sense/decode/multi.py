"""The way for several people: each found once, by whichever joint is seen best."""

from edge.pose import KEYPOINT_COUNT, Keypoint, Pose
from edge.sense.decode.flat_heads import FlatHeads
from edge.sense.decode.peaks import peaks
from edge.sense.decode.sanitize import sanitize
from edge.sense.decode.traverse import traverse
from edge.sense.inference.heads import Heads

_Places = list[tuple[float, float]]
"""Where one keypoint is in every pose so far: (y, x) in px."""


# The peaks of all seventeen heatmaps are roots from which a body may be walked, the best first. A body seen well
# has a peak at each of its joints and must yield one pose: so a root is skipped where an earlier pose already has
# that keypoint (non-maximum suppression). A keypoint where an earlier pose has the same one adds nothing to its
# pose's score: it may be that body's joint. Thus poses come in falling order of their root's score, not their own.
def decode_multi(
    heads: Heads, max_poses: int = 10, score_threshold: float = 0.5, nms_radius: float = 20.0
) -> list[Pose]:
    """At most ``max_poses`` poses in px of the model input, grown from peaks of at least ``score_threshold`` (0..1).

    Reads scores ``[height, width, 17]``, offsets ``[height, width, 34]`` and both displacements
    ``[height, width, 32]``. Two of the same keypoint no further apart than ``nms_radius`` (px) are one.
    A pose's score is the sum of its keypoints' scores, without those another pose already has, divided by 17.
    Roots with equal scores come by y, then x, then keypoint. Source: PersonLab (Papandreou et al. 2018),
    sections 3.1-3.2; tfjs PoseNet 2.2.2, ``decodeMultiplePoses``.
    """
    if max_poses <= 0:
        return []
    heads = sanitize(heads)
    field = FlatHeads.of(heads)
    taken: list[_Places] = [[] for _ in range(KEYPOINT_COUNT)]
    poses: list[Pose] = []
    for peak in peaks(heads.scores, score_threshold).tolist():
        cell, keypoint = divmod(peak, KEYPOINT_COUNT)
        y, x = field.position(cell, keypoint)
        if _is_taken(taken[keypoint], y, x, nms_radius * nms_radius):
            continue
        ys, xs, scores = traverse(field, keypoint, y, x, field.scores[peak])
        score = _take(taken, ys, xs, scores, nms_radius * nms_radius) / KEYPOINT_COUNT
        poses.append(Pose(score, tuple(map(Keypoint, xs, ys, scores))))
        if len(poses) == max_poses:
            break
    return poses


def _is_taken(places: _Places, y: float, x: float, squared_radius: float) -> bool:
    """Whether an earlier pose has its keypoint here."""
    for taken_y, taken_x in places:
        dx = taken_x - x
        if dx * dx <= squared_radius:  # mostly not, as people stand side by side
            dy = taken_y - y
            if dy * dy + dx * dx <= squared_radius:
                return True
    return False


def _take(taken: list[_Places], ys: list[float], xs: list[float], scores: list[float], squared_radius: float) -> float:
    """The sum of the scores of a new pose's keypoints where no earlier pose has its own; all are noted as taken."""
    total = 0.0
    for places, y, x, score in zip(taken, ys, xs, scores, strict=True):
        # This is _is_taken, written out: with ten people it is asked two hundred times.
        for taken_y, taken_x in places:
            dx = taken_x - x
            if dx * dx <= squared_radius:
                dy = taken_y - y
                if dy * dy + dx * dx <= squared_radius:
                    break
        else:
            total += score
        places.append((y, x))
    return total
