"""The results of PoseNet for one image, named and dequantized, and the properties of the model."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


class Heads(NamedTuple):
    """The four heads of PoseNet on a grid of ``height x width`` cells; everywhere y comes before x."""

    scores: Float32
    """``[height, width, 17]``: keypoint confidence 0..1, after the sigmoid."""
    offsets: Float32
    """``[height, width, 34]``: px of the model input; channel k is y, k + 17 is x."""
    displacement_fwd: Float32
    """``[height, width, 32]``: px from parent to child of skeleton edge e; channel e is y, e + 16 is x."""
    displacement_bwd: Float32
    """``[height, width, 32]``: px from child to parent."""
    output_stride: int
    """Px of the model input between two cells: 8, 16 or 32."""


class ModelSpec(NamedTuple):
    """The input and the grid of a PoseNet."""

    height: int
    """Height of the input, px."""
    width: int
    output_stride: int
    """Px of the input between two cells of the heads."""
    quantization: str
    """One of ``edge.wire.QUANTIZATIONS``."""
