"""Build a .tflite file from architecture, weights and rounding decisions."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scripts.modelbuild.architecture import Layer, Parameters, Weights, check_input, heads, layers
from scripts.modelbuild.flatbuffer import ModelWriter, Scale
from scripts.modelbuild.quantize import Decisions, no_decision, quantize

DESCRIPTION = (
    "PoseNet MobileNetV1 0.75 by Google LLC, Apache-2.0; modified: converted from TensorFlow.js by posenet-edge"
)
IMAGE_STEP = np.float32(1 / 127.5)
"""Scale of the image: real = q / 127.5 with zero point 0, so that q = pixel - 128 only flips a bit. This is half a grey
level less than pixel / 127.5 - 1 of the training; correcting it in conv0's bias gave no better figures."""

RELU6_STEP = np.float32(6 / 255)
HEAD_RANGES = {
    "heatmaps": (-12.0, 8.0),
    "offsets": (-24.0, 24.0),
    "displacement_fwd": (-180.0, 180.0),
    "displacement_bwd": (-180.0, 180.0),
}
"""Ranges of the int8 heads: logits, and px of the model input."""


class Shape(NamedTuple):
    """Shape of a model: ``height`` and ``width`` of its input (px), and ``output_stride`` (px per cell)."""

    height: int
    width: int
    output_stride: int


class _Activation(NamedTuple):
    """Tensor between two operators: [1, *sides, channels], int8 if it has a ``scale``."""

    tensor: int
    sides: tuple[int, int]
    scale: Scale | None


def build(shape: Shape, weights: Weights, decisions: Decisions | None) -> bytes:
    """Build a .tflite file.

    The input is ``image`` [1, height, width, 3] RGB. The outputs are ``heatmaps`` [1, rows, columns, 17] (logits),
    ``offsets`` with 34 channels, ``displacement_fwd`` and ``displacement_bwd`` with 32 (px), where rows = (height - 1)
    / output_stride + 1. The signature ``serving_default`` names them.

    Args:
        shape: Of the input.
        weights: Of all layers.
        decisions: For an int8 model (layers without one are rounded to nearest); None for a float32 model.

    Returns:
        The file's content.

    Raises:
        BadModel: A side is not n * output_stride + 1.
    """
    check_input(*shape)
    writer = ModelWriter(DESCRIPTION)
    sides = (shape.height, shape.width)
    scale = Scale(IMAGE_STEP) if decisions is not None else None
    image = data = _Activation(writer.activation("image", (1, *sides, 3), scale), sides, scale)
    for layer in layers(shape.output_stride):
        data = _add(writer, layer, data, weights[layer.name], decisions)
    outputs = {head.name: _add(writer, head, data, weights[head.name], decisions).tensor for head in heads()}
    return writer.finish({"image": image.tensor}, outputs)


def _add(
    writer: ModelWriter, layer: Layer, data: _Activation, parameters: Parameters, decisions: Decisions | None
) -> _Activation:
    """Add the operator of ``layer`` that reads ``data``; returns its output."""
    constants: list[tuple[NDArray[Any], Scale | None]]
    if data.scale is None or decisions is None:
        constants = [(parameters.kernel, None), (parameters.bias, None)]
        scale = None
    else:
        decision = decisions.get(layer.name) or no_decision(parameters)
        whole = quantize(layer, parameters, data.scale.step[0], decision)
        constants = [
            (whole.kernel, Scale(whole.kernel_step, axis=layer.channel_axis)),
            (whole.bias, Scale(whole.bias_step)),
        ]
        scale = _scale_of(layer)
    height, width = (-(-side // layer.stride) for side in data.sides)
    output = writer.activation(layer.name, (1, height, width, len(parameters.bias)), scale)
    names = (f"{layer.name}/kernel", f"{layer.name}/bias")
    numbers = [writer.constant(name, *constant) for name, constant in zip(names, constants, strict=True)]
    writer.convolution(layer, [data.tensor, *numbers], output)
    return _Activation(output, (height, width), scale)


def _scale_of(layer: Layer) -> Scale:
    if layer.kind != "head":
        return Scale(RELU6_STEP, -128)
    low, high = HEAD_RANGES[layer.name]
    step = (high - low) / 255
    return Scale(step, round(-128 - low / step))
