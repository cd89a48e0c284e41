"""The heads laid out flat, for fast reads of single numbers (a speed trick)."""

from math import floor
from typing import NamedTuple

from edge.pose import KEYPOINT_COUNT
from edge.sense.inference.heads import Heads

OFFSET_CHANNELS = 2 * KEYPOINT_COUNT


class FlatHeads(NamedTuple):
    """Finite heads, each as ``[height * width * channels]``, and their grid.

    Decoding reads a few hundred numbers, each found through the one before, so that it cannot be vectorized. A
    memoryview gives one as a Python float in about half the time that a numpy array takes.
    """

    scores: memoryview
    """This and the next three as in ``Heads``, y before x."""
    offsets: memoryview
    displacement_fwd: memoryview
    displacement_bwd: memoryview
    last_row: int
    last_column: int
    cells_per_px: float
    positions: list[float]
    """Px of each row, and of each column."""

    @classmethod
    def of(cls, heads: Heads) -> "FlatHeads":
        """Flatten finite float32 heads, without copying."""
        height, width, _ = heads.scores.shape
        return cls(
            heads.scores.reshape(-1).data,
            heads.offsets.reshape(-1).data,
            heads.displacement_fwd.reshape(-1).data,
            heads.displacement_bwd.reshape(-1).data,
            height - 1,
            width - 1,
            1 / heads.output_stride,
            [float(index * heads.output_stride) for index in range(max(height, width))],
        )

    def position(self, cell: int, keypoint: int) -> tuple[float, float]:
        """Compute (y, x) in px of a keypoint according to a cell: the cell's position plus its offset."""
        row, column = divmod(cell, self.last_column + 1)
        channel = cell * OFFSET_CHANNELS + keypoint
        return self.positions[row] + self.offsets[channel], self.positions[column] + self.offsets[
            channel + KEYPOINT_COUNT
        ]

    def cell_near(self, y: float, x: float) -> int:
        """Find the cell nearest to a position in px; of two the lower or right one; beyond the grid the outermost."""
        row, column = floor(y * self.cells_per_px + 0.5), floor(x * self.cells_per_px + 0.5)
        return min(max(row, 0), self.last_row) * (self.last_column + 1) + min(max(column, 0), self.last_column)
