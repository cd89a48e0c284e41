"""Float weights to int8, and the rounding decisions that make it better than rounding to nearest.

Only elementwise IEEE arithmetic happens here (no sums, no BLAS): with the same weights and decisions every
machine gets the same bits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.tools.modelbuild.architecture import Layer, Parameters

LARGEST = 127
"""Kernels use -127..127, as TFLite's int8 specification demands; -128 is left out."""

SHRINK_PER_STEP = 0.01
SMALLEST_PEAK = np.float32(1e-3)
"""Ten of conv0's channels and some others are dead (weights below 1e-8, the rest above 1e-2). Scaled by their own
peak, their bias would not fit in 32 bits; this way their weights become 0 and the bias stays."""


class Decision(NamedTuple):
    """How one layer departs from rounding to nearest.

    shrink: uint8 [out], hundredths by which a channel's largest weight stays below 127.
    kernel: int8, the kernel's shape, added to the nearest integers.
    bias: int32 [out], added to the nearest integers.
    """

    shrink: NDArray[np.uint8]
    kernel: NDArray[np.int8]
    bias: NDArray[np.int32]


Decisions = dict[str, Decision]
"""Layer name -> its decision."""


class Quantized(NamedTuple):
    """One layer in integers: kernel int8 with ``kernel_step`` [out], bias int32 with ``bias_step`` [out]."""

    kernel: NDArray[np.int8]
    kernel_step: NDArray[np.float32]
    bias: NDArray[np.int32]
    bias_step: NDArray[np.float32]


def along(layer: Layer, per_channel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape values [out] so that they broadcast against the layer's kernel."""
    shape = [1, 1, 1, 1]
    shape[layer.channel_axis] = -1
    return per_channel.reshape(shape)


def kernel_steps(layer: Layer, parameters: Parameters, shrink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Give the size of one integer step per channel, float32 [out]."""
    others = tuple(axis for axis in range(4) if axis != layer.channel_axis)
    peak = np.maximum(np.abs(parameters.kernel).max(axis=others), SMALLEST_PEAK).astype(np.float64)
    steps: NDArray[np.float32] = (peak / LARGEST / (1.0 - SHRINK_PER_STEP * shrink.astype(np.float64))).astype(
        np.float32
    )
    return steps


def no_decision(parameters: Parameters) -> Decision:
    """Give the decision that is plain rounding to nearest."""
    out = len(parameters.bias)
    return Decision(np.zeros(out, np.uint8), np.zeros(parameters.kernel.shape, np.int8), np.zeros(out, np.int32))


def quantize(layer: Layer, parameters: Parameters, input_step: np.float32, decision: Decision) -> Quantized:
    """Turn a layer's float weights into integers, given the step of the activation that it reads."""
    kernel_step = kernel_steps(layer, parameters, decision.shrink)
    nearest = np.rint(parameters.kernel.astype(np.float64) / along(layer, kernel_step.astype(np.float64)))
    kernel = np.clip(nearest + decision.kernel, -LARGEST, LARGEST).astype(np.int8)
    bias_step = input_step * kernel_step
    limit = np.iinfo(np.int32)
    bias = np.rint(parameters.bias.astype(np.float64) / bias_step.astype(np.float64)) + decision.bias
    return Quantized(kernel, kernel_step, np.clip(bias, limit.min, limit.max).astype(np.int32), bias_step)
