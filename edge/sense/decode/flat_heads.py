"""The heads laid out for reading one number after another."""

from math import floor
from typing import NamedTuple

from edge.pose import KEYPOINT_COUNT
from edge.sense.inference.heads import Heads

OFFSET_CHANNELS = 2 * KEYPOINT_COUNT


class FlatHeads(NamedTuple):
    """Finite heads, each flat (``[height * width * channels]``), and the grid they lie on.

    scores, offsets, displacement_fwd, displacement_bwd: as in ``Heads``, y before x.
    last_row, last_column: of the grid; ``per_px``: cells per px; ``places``: px of each row and each column.

    Decoding reads a few hundred numbers, each found through the one before. A memoryview gives one as a Python
    float in about half the time that a numpy array takes, and without a vectorized call's overhead for each.
    """

    scores: memoryview
    offsets: memoryview
    displacement_fwd: memoryview
    displacement_bwd: memoryview
    last_row: int
    last_column: int
    per_px: float
    places: list[float]

    @classmethod
    def of(cls, heads: Heads) -> "FlatHeads":
        """The same heads (finite, float32), seen flat."""
        height, width, _ = heads.scores.shape
        return cls(
            heads.scores.reshape(-1).data,
            heads.offsets.reshape(-1).data,
            heads.displacement_fwd.reshape(-1).data,
            heads.displacement_bwd.reshape(-1).data,
            height - 1,
            width - 1,
            1 / heads.output_stride,
            [float(place * heads.output_stride) for place in range(max(height, width))],
        )

    def position(self, cell: int, keypoint: int) -> tuple[float, float]:
        """The (y, x) in px at which a cell sees a keypoint: its own place and the offset there."""
        row, column = divmod(cell, self.last_column + 1)
        channel = cell * OFFSET_CHANNELS + keypoint
        return self.places[row] + self.offsets[channel], self.places[column] + self.offsets[channel + KEYPOINT_COUNT]

    def cell_near(self, y: float, x: float) -> int:
        """The cell nearest to a position in px, of two the lower and right one; beyond the grid the outermost."""
        row, column = floor(y * self.per_px + 0.5), floor(x * self.per_px + 0.5)
        return min(max(row, 0), self.last_row) * (self.last_column + 1) + min(max(column, 0), self.last_column)
