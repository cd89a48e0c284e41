"""The steps in which the decoder walks from a root over the whole pose, as recorded while it does so."""

from typing import NamedTuple, cast

from edge.config.settings import DecodeSettings
from edge.pose import EDGE_COUNT, KEYPOINT_COUNT, SKELETON
from edge.sense.decode.fine import FINE_REFINEMENTS
from edge.sense.decode.flat_heads import OFFSET_CHANNELS, FlatHeads
from edge.sense.decode.peaks import peaks
from edge.sense.decode.sanitize import sanitize
from edge.sense.decode.traverse import TFJS_REFINEMENTS, traverse
from edge.sense.inference.heads import Heads

Point = tuple[float, float]
"""(y, x) in px of the model input."""
Cell = tuple[int, int]
"""Row and column."""


class Step(NamedTuple):
    """One step from a keypoint to its neighbour in the pose tree."""

    source: int
    """Index of the keypoint at the start, as the next of that at the end."""
    target: int
    is_forward: bool
    """True: from parent to child, by ``displacement_fwd``; False: the other way, by ``displacement_bwd``."""
    cell: Cell
    """The cell nearest to the start, whose displacement is taken."""
    start: Point
    landing: Point
    """Start plus displacement."""
    refined: tuple[tuple[Cell, Point], ...]
    """The cells whose offsets are taken, in turn, and the position after each: the cell's own plus its offset."""
    end: Point
    """The keypoint, as decoded."""
    score: float


class Walk(NamedTuple):
    """The walk of the first pose."""

    root: int
    """Index of the keypoint where it starts: that of the highest peak of all heatmaps."""
    cell: Cell
    """The peak."""
    start: Point
    """The peak's position plus its offset."""
    score: float
    """Of the peak."""
    steps: tuple[Step, ...]
    """16, in the order in which they are taken."""


class _Recorder:
    """One head, laid out flat, that writes down which numbers are read."""

    def __init__(self, name: str, values: memoryview, reads: list[tuple[str, int]]) -> None:
        self._name = name
        self._values = values
        self._reads = reads

    def __getitem__(self, index: int) -> float:
        self._reads.append((self._name, index))
        return self._values[index]


# The decoder's own walk, and no second one: it is given heads that record what it reads, and each read tells a cell.
def first_walk(heads: Heads, settings: DecodeSettings) -> Walk | None:
    """Walk as the decoder of several people does for the pose that it finds first.

    Args:
        heads: Of one image.
        settings: Threshold of the root, and the method, on which the number of refinements depends.

    Returns:
        The walk; None where no heatmap has a peak that may start a pose.
    """
    heads = sanitize(heads)
    roots = peaks(heads.scores, settings.score_threshold)
    if not len(roots):
        return None
    flat = FlatHeads.of(heads)
    columns = flat.last_column + 1
    peak = int(roots[0])
    cell, root = divmod(peak, KEYPOINT_COUNT)
    start, score = flat.position(cell, root), flat.scores[peak]
    reads: list[tuple[str, int]] = []
    recorded = flat._replace(
        offsets=_record("offsets", flat, reads),
        displacement_fwd=_record("displacement_fwd", flat, reads),
        displacement_bwd=_record("displacement_bwd", flat, reads),
    )
    refinements = FINE_REFINEMENTS if settings.method == "fine" else TFJS_REFINEMENTS
    ys, xs, scores = traverse(recorded, root, *start, score, refinements)
    # Of each vector the decoder reads y, then x: a step is a displacement, and the offsets up to the next one.
    vectors = reads[::2]
    begins = [number for number, (name, _) in enumerate(vectors) if name != "offsets"]
    steps = []
    for begin, end in zip(begins, [*begins[1:], len(vectors)], strict=True):
        name, index = vectors[begin]
        taken, edge = divmod(index, 2 * EDGE_COUNT)
        source, target = _ends(name, edge)
        displacements = getattr(flat, name)
        landing = (ys[source] + displacements[index], xs[source] + displacements[index + EDGE_COUNT])
        cells = [offset // OFFSET_CHANNELS for _, offset in vectors[begin + 1 : end]]
        steps.append(
            Step(
                source,
                target,
                name == "displacement_fwd",
                divmod(taken, columns),
                (ys[source], xs[source]),
                landing,
                tuple((divmod(each, columns), flat.position(each, target)) for each in cells),
                (ys[target], xs[target]),
                scores[target],
            )
        )
    return Walk(root, divmod(cell, columns), start, score, tuple(steps))


def _record(name: str, flat: FlatHeads, reads: list[tuple[str, int]]) -> memoryview:
    # Of a memoryview the decoder uses nothing but the reading of one number.
    return cast(memoryview, _Recorder(name, getattr(flat, name), reads))


def _ends(name: str, edge: int) -> tuple[int, int]:
    """Find the keypoints at the start and the end of an edge, in the direction of a head."""
    parent, child = SKELETON[edge]
    return (parent, child) if name == "displacement_fwd" else (child, parent)
