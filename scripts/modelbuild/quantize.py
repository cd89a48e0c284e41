"""Quantize float weights to int8 with given rounding decisions.

This uses only elementwise IEEE arithmetic (no sums, no BLAS), so that every machine gets the same bits from the same
weights and decisions.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scripts.modelbuild.architecture import Layer, Parameters

LARGEST = 127
"""Kernels use -127..127 by TFLite's int8 specification."""

SHRINK_PER_STEP = 0.01
SMALLEST_PEAK = np.float32(1e-3)
"""Least peak by which a channel is scaled. Ten of conv0's channels and some others are dead (weights below 1e-8, all
others above 1e-2). Scaled by their own peak, their bias would not fit in 32 bits; this way their weights become 0."""


class Decision(NamedTuple):
    """Difference of one layer's rounding from rounding to nearest."""

    shrink: NDArray[np.uint8]
    """[out], hundredths by which a channel's largest weight stays below 127."""
    kernel: NDArray[np.int8]
    """In the kernel's shape, added to the nearest integers."""
    bias: NDArray[np.int32]
    """[out], added to the nearest integers."""


Decisions = dict[str, Decision]
"""Decisions by layer name."""


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
    """Size of one integer step in each channel, float32 [out]."""
    others = tuple(axis for axis in range(4) if axis != layer.channel_axis)
    peak = np.maximum(np.abs(parameters.kernel).max(axis=others), SMALLEST_PEAK).astype(np.float64)
    steps: NDArray[np.float32] = (peak / LARGEST / (1.0 - SHRINK_PER_STEP * shrink.astype(np.float64))).astype(
        np.float32
    )
    return steps


def no_decision(parameters: Parameters) -> Decision:
    """Decision that rounds to nearest."""
    out = len(parameters.bias)
    return Decision(np.zeros(out, np.uint8), np.zeros(parameters.kernel.shape, np.int8), np.zeros(out, np.int32))


def quantize(layer: Layer, parameters: Parameters, input_step: np.float32, decision: Decision) -> Quantized:
    """Quantize a layer's weights; ``input_step`` is the step of the activation that it reads."""
    kernel_step = kernel_steps(layer, parameters, decision.shrink)
    nearest = np.rint(parameters.kernel.astype(np.float64) / along(layer, kernel_step.astype(np.float64)))
    kernel = np.clip(nearest + decision.kernel, -LARGEST, LARGEST).astype(np.int8)
    bias_step = input_step * kernel_step
    limit = np.iinfo(np.int32)
    bias = np.rint(parameters.bias.astype(np.float64) / bias_step.astype(np.float64)) + decision.bias
    return Quantized(kernel, kernel_step, np.clip(bias, limit.min, limit.max).astype(np.int32), bias_step)
