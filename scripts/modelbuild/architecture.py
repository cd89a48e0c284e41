"""PoseNet MobileNetV1 0.75 as a list of layers in running order, with strides and dilations.

A convolution, thirteen depthwise-separable pairs (3x3 depthwise, then 1x1), and four 1x1 heads side by side.
Every layer but the heads ends in ReLU6. Sources: tfjs-models/posenet (``mobilenet.ts``) and Howard et al. 2017.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadModel
from edge.pose import EDGE_COUNT, KEYPOINT_COUNT

NATIVE_STRIDES = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1)
"""Strides that the weights were trained with, layer 0 to 13; their product is the native output stride, 16."""

HEAD_CHANNELS = {
    "heatmaps": KEYPOINT_COUNT,
    "offsets": 2 * KEYPOINT_COUNT,
    "displacement_fwd": 2 * EDGE_COUNT,
    "displacement_bwd": 2 * EDGE_COUNT,
}
OUTPUT_STRIDES = (8, 16, 32)


class Parameters(NamedTuple):
    """Float32 weights of one layer in TFLite's layouts.

    ``kernel`` is [out, height, width, in], or [1, height, width, channels] of a depthwise layer; ``bias`` is [out].
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


Weights = dict[str, Parameters]
"""Parameters by layer name."""


class Layer(NamedTuple):
    """One operator: ``kind`` is ``conv`` (3x3), ``depthwise`` (3x3), ``pointwise`` (1x1) or ``head`` (1x1, linear)."""

    name: str
    kind: str
    stride: int = 1
    dilation: int = 1

    @property
    def channel_axis(self) -> int:
        """Axis of the kernel's output channels."""
        return 3 if self.kind == "depthwise" else 0


def strides_and_dilations(output_stride: int) -> list[tuple[int, int]]:
    """Compute stride and dilation of layers 0..13 for an output stride.

    Below the native stride the atrous rule applies (TF-slim): once the grid is as coarse as required, a layer that
    has a stride loses it, and all layers after it are dilated instead. No weights were trained for more than the native
    stride; a stride of the last depthwise layer gives exactly every second cell of the stride-16 grid.

    Args:
        output_stride: 8, 16 or 32.

    Returns:
        (stride, dilation) of each layer.

    Raises:
        BadModel: The output stride is another one.
    """
    if output_stride not in OUTPUT_STRIDES:
        raise BadModel(f"output stride {output_stride}: expected one of {OUTPUT_STRIDES}")
    plan, reached, dilation = [], 1, 1
    for stride in NATIVE_STRIDES:
        if reached == output_stride:
            plan.append((1, dilation))
            dilation *= stride
        else:
            plan.append((stride, 1))
            reached *= stride
    if reached < output_stride:
        plan[-1] = (output_stride // reached, 1)
    return plan


def layers(output_stride: int) -> list[Layer]:
    """Layers of the trunk in running order: conv0, then depthwise1, pointwise1 ... pointwise13."""
    (first, _), *separable = strides_and_dilations(output_stride)
    trunk = [Layer("conv0", "conv", first)]
    for number, (stride, dilation) in enumerate(separable, start=1):
        trunk.append(Layer(f"depthwise{number}", "depthwise", stride, dilation))
        trunk.append(Layer(f"pointwise{number}", "pointwise"))
    return trunk


def heads() -> list[Layer]:
    """The four heads, which all read the last layer of the trunk."""
    return [Layer(name, "head") for name in HEAD_CHANNELS]


def check_input(height: int, width: int, output_stride: int) -> None:
    """Check that cells and pixels are aligned.

    Raises:
        BadModel: A side (px) is not n * output_stride + 1.
    """
    for side in (height, width):
        if side <= 1 or (side - 1) % output_stride:
            raise BadModel(f"input {height}x{width}: sides must be n * {output_stride} + 1 at stride {output_stride}")
