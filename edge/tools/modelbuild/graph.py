"""Puts network, weights and rounding together into one .tflite file."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.tools.modelbuild.architecture import Layer, Parameters, Weights, check_input, heads, layers
from edge.tools.modelbuild.flatbuffer import ModelWriter, Scale
from edge.tools.modelbuild.quantize import Decisions, no_decision, quantize

DESCRIPTION = (
    "PoseNet MobileNetV1 0.75 by Google LLC, Apache-2.0; modified: converted from TensorFlow.js by posenet-edge"
)
IMAGE_STEP = np.float32(1 / 127.5)
"""The image: real = q / 127.5 with zero point 0, so that q = pixel - 128 is a flipped bit and no arithmetic. That is
half a grey level less than the trained pixel / 127.5 - 1; correcting it in conv0's bias measured no better."""

RELU6_STEP = np.float32(6 / 255)
HEAD_RANGES = {
    "heatmaps": (-12.0, 8.0),
    "offsets": (-24.0, 24.0),
    "displacement_fwd": (-180.0, 180.0),
    "displacement_bwd": (-180.0, 180.0),
}
"""Real numbers that int8 heads can say: logits, then px of the model input."""


class Shape(NamedTuple):
    """What is built: the input's ``height`` and ``width`` (px) and the ``output_stride`` (px per cell)."""

    height: int
    width: int
    output_stride: int


class _Data(NamedTuple):
    """What flows between operators: a ``tensor`` of [1, *sides, channels], int8 where it has a ``scale``."""

    tensor: int
    sides: tuple[int, int]
    scale: Scale | None


def build(shape: Shape, weights: Weights, decisions: Decisions | None) -> bytes:
    """Give the .tflite file: int8 with ``decisions`` (layers without one round to nearest), float32 with None.

    Input ``image`` [1, height, width, 3] RGB; outputs ``heatmaps`` [1, rows, columns, 17] logits, ``offsets`` 34,
    ``displacement_fwd`` and ``displacement_bwd`` 32 px, with rows = (height - 1) / output_stride + 1. The signature
    ``serving_default`` names them. Raises BadModel for sides that aren't n * output_stride + 1.
    """
    check_input(*shape)
    writer = ModelWriter(DESCRIPTION)
    sides = (shape.height, shape.width)
    scale = Scale(IMAGE_STEP) if decisions is not None else None
    image = data = _Data(writer.activation("image", (1, *sides, 3), scale), sides, scale)
    for layer in layers(shape.output_stride):
        data = _add(writer, layer, data, weights[layer.name], decisions)
    outputs = {head.name: _add(writer, head, data, weights[head.name], decisions).tensor for head in heads()}
    return writer.finish({"image": image.tensor}, outputs)


def _add(writer: ModelWriter, layer: Layer, data: _Data, parameters: Parameters, decisions: Decisions | None) -> _Data:
    """Add the operator of ``layer`` behind ``data`` and give what it puts out."""
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
    return _Data(output, (height, width), scale)


def _scale_of(layer: Layer) -> Scale:
    if layer.kind != "head":
        return Scale(RELU6_STEP, -128)
    low, high = HEAD_RANGES[layer.name]
    step = (high - low) / 255
    return Scale(step, round(-128 - low / step))
