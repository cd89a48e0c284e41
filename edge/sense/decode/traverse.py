"""Find the whole body from one keypoint: along the skeleton's edges, by the displacements."""

from math import floor

from edge.pose import EDGE_COUNT, KEYPOINT_COUNT, SKELETON
from edge.sense.decode.flat_heads import OFFSET_CHANNELS, FlatHeads

_Step = tuple[int, int, int]
"""Edge, the keypoint at its start, the keypoint at its end."""


def _up(root: int) -> tuple[_Step, ...]:
    """List the steps from a keypoint up to the nose, against the edges."""
    steps: list[_Step] = []
    for edge, (parent, child) in reversed(list(enumerate(SKELETON))):
        if child == (steps[-1][2] if steps else root):
            steps.append((edge, child, parent))
    return tuple(steps)


def _down(root: int) -> tuple[_Step, ...]:
    """List the steps along the edges to every keypoint that is not on the way up, parents before their children."""
    passed = {root, *(target for _, _, target in _up(root))}
    return tuple((edge, parent, child) for edge, (parent, child) in enumerate(SKELETON) if child not in passed)


_UP = tuple(_up(root) for root in range(KEYPOINT_COUNT))
_DOWN = tuple(_down(root) for root in range(KEYPOINT_COUNT))
_DISPLACEMENT_CHANNELS = 2 * EDGE_COUNT
TFJS_REFINEMENTS = 2
"""Times that the offset is applied to the end of a displacement (tfjs PoseNet 2.2.2, ``offsetRefineStep``)."""


# Start with one keypoint whose position is known. For an edge from it to its neighbour, the cell nearest to it holds
# the displacement: the vector to the neighbour, a few pixels wrong because it was learned for long distances. The
# offset of the cell nearest to its end is exact, and is applied again, since the first may lead to another cell. Edges
# are traversed backward (child to parent) up to the nose and then forward, so that every keypoint is reached once.
def traverse(
    flat: FlatHeads, root: int, y: float, x: float, score: float, refinements: int = TFJS_REFINEMENTS
) -> tuple[list[float], list[float], list[float]]:
    """Find the body whose keypoint ``root`` is at (y, x).

    Source: PersonLab (Papandreou et al. 2018), section 3.1, as in ``decodePose`` and ``traverseToTargetKeypoint`` of
    tfjs PoseNet 2.2.2.

    Args:
        flat: Heads of one image.
        root: Index of the known keypoint.
        y: Its position, px of the model input.
        x: Its position, px of the model input.
        score: Its score.
        refinements: Times that the offset is applied to the end of a displacement.

    Returns:
        Ys, xs (px of the model input) and scores of the 17 keypoints. Each but the root has the score of the cell
        nearest to it.
    """
    cell_scores, offsets, displacement_fwd, displacement_bwd, last_row, last_column, cells_per_px, positions = flat
    width = last_column + 1
    refinements_left = range(refinements, -1, -1)
    ys, xs, scores = [y] * KEYPOINT_COUNT, [x] * KEYPOINT_COUNT, [score] * KEYPOINT_COUNT
    cells = [flat.cell_near(y, x)] * KEYPOINT_COUNT
    for displacements, steps in ((displacement_bwd, _UP[root]), (displacement_fwd, _DOWN[root])):
        for edge, source, target in steps:
            channel = cells[source] * _DISPLACEMENT_CHANNELS + edge
            y = ys[source] + displacements[channel]
            x = xs[source] + displacements[channel + EDGE_COUNT]
            before = -1
            for left in refinements_left:
                # A speed trick: cell_near and position, written out. With calls, decoding ten people takes 2.5 times as
                # long (1.2 ms instead of 0.5 on x86-64). tests/sense/decode/oracle.py has the plain version.
                row, column = floor(y * cells_per_px + 0.5), floor(x * cells_per_px + 0.5)
                row = 0 if row < 0 else last_row if row > last_row else row
                column = 0 if column < 0 else last_column if column > last_column else column
                cell = row * width + column
                if cell == before or not left:  # the same cell has the same offset
                    break
                before, channel = cell, cell * OFFSET_CHANNELS + target
                y = positions[row] + offsets[channel]
                x = positions[column] + offsets[channel + KEYPOINT_COUNT]
            ys[target], xs[target], cells[target] = y, x, cell
            scores[target] = cell_scores[cell * KEYPOINT_COUNT + target]
    return ys, xs, scores
