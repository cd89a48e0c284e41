"""The arithmetic of a network of convolutions: shapes, parameters, receptive fields, multiply-accumulates."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from edge.tools.explain.tflite_file import CONV, DEPTHWISE, Graph, Operator

Pair = tuple[int, int]
"""Down, then across."""
_CELLWISE = frozenset({"ADD", "CONCATENATION", "DEQUANTIZE", "LOGISTIC", "QUANTIZE", "RELU", "RELU6"})
"""Operators whose output at a cell depends on that cell of their inputs only."""


class Field(NamedTuple):
    """Part of the model input on which one cell of a tensor depends."""

    size: Pair
    """Px of the input, with what lies beyond its border."""
    step: Pair
    """Px of the input between two neighbours."""


class Layer(NamedTuple):
    """One operator of the network and what it costs."""

    name: str
    """Name of the tensor that it computes."""
    kind: str
    kernel: Pair
    """(0, 0) for what is no convolution."""
    stride: Pair
    dilation: Pair
    channels_in: int
    channels: int
    """Channels of the output."""
    cells: Pair
    """Rows and columns of the output."""
    parameters: int
    """Weights and biases."""
    macs: int
    """Multiply-accumulates for one image; biases and activations are not counted."""
    field: Field | None
    """Receptive field of a cell of the output; None after an operator of which it is not known."""


def describe(graph: Graph) -> list[Layer]:
    """Describe each operator of a graph.

    A convolution with a kernel of k cells, dilation d and stride s makes a field of size + (k - 1) * d * step, and a
    step of s * step. Source: Araujo, Norris and Sim 2019, Computing Receptive Fields of Convolutional Neural Networks.

    Args:
        graph: As read from a file; images are ``[1, rows, columns, channels]``.

    Returns:
        One for each operator, in running order.
    """
    fields: dict[int, Field | None] = {number: Field((1, 1), (1, 1)) for number in graph.inputs}
    layers = []
    for operator in graph.operators:
        layer = _describe(graph, operator, [fields[number] for number in operator.inputs if number in fields])
        layers.append(layer)
        fields.update(dict.fromkeys(operator.outputs, layer.field))
    return layers


def _describe(graph: Graph, operator: Operator, fields: Sequence[Field | None]) -> Layer:
    output = graph.tensors[operator.outputs[0]]
    channels = output.shape[-1] if output.shape else 0
    cells = (output.shape[1], output.shape[2]) if len(output.shape) == 4 else (1, 1)
    if operator.kind not in (CONV, DEPTHWISE):
        known = [field for field in fields if field]
        is_known = operator.kind in _CELLWISE and bool(known) and len(known) == len(fields)
        widest = max(known, key=lambda field: field.size) if is_known else None
        return Layer(output.name, operator.kind, (0, 0), (1, 1), (1, 1), 0, channels, cells, 0, 0, widest)
    kernel, *bias = (graph.tensors[number].shape for number in operator.inputs[1:] if number >= 0)
    size = (kernel[1], kernel[2])
    # Kernels are [out, down, across, in], and [1, down, across, channels] of a depthwise layer.
    inputs = graph.tensors[operator.inputs[0]].shape[-1]
    per_output = size[0] * size[1] * (1 if operator.kind == DEPTHWISE else kernel[3])
    field = fields[0] if fields else None
    return Layer(
        output.name,
        operator.kind,
        size,
        operator.stride,
        operator.dilation,
        inputs,
        channels,
        cells,
        per_output * channels + sum(shape[0] for shape in bias),
        cells[0] * cells[1] * channels * per_output,
        field and widen(field, size, operator.stride, operator.dilation),
    )


def widen(field: Field, kernel: Pair, stride: Pair, dilation: Pair) -> Field:
    """Compute the field of a convolution's output from that of its input."""
    down, across = (
        (size + (cells - 1) * apart * step, step * each)
        for size, step, cells, apart, each in zip(field.size, field.step, kernel, dilation, stride, strict=True)
    )
    return Field((down[0], across[0]), (down[1], across[1]))


class Separable(NamedTuple):
    """The depthwise-separable convolutions of a network against full ones of the same kernels and channels."""

    pairs: int
    """Depthwise layers, each with the 1x1 layer after it."""
    macs: int
    """Multiply-accumulates of all pairs."""
    parameters: int
    """Parameters of all pairs."""
    full_macs: int
    """Multiply-accumulates of full convolutions in place of the pairs."""
    full_parameters: int
    """Parameters of full convolutions in place of the pairs."""


def separable(layers: Sequence[Layer]) -> Separable:
    """Compare pairs of a depthwise and a 1x1 convolution with one full convolution each.

    Args:
        layers: In running order.

    Returns:
        The sums over all pairs; parameters with one bias for each channel of a layer's output.
    """
    pairs = macs = parameters = full_macs = full_parameters = 0
    for depthwise, pointwise in pairwise(layers):
        if depthwise.kind != DEPTHWISE or pointwise.kind != CONV or pointwise.kernel != (1, 1):
            continue
        pairs += 1
        macs += depthwise.macs + pointwise.macs
        parameters += depthwise.parameters + pointwise.parameters
        weights = depthwise.kernel[0] * depthwise.kernel[1] * depthwise.channels_in * pointwise.channels
        full_macs += pointwise.cells[0] * pointwise.cells[1] * weights
        full_parameters += weights + pointwise.channels
    return Separable(pairs, macs, parameters, full_macs, full_parameters)


class Variant(NamedTuple):
    """A network as it would be with other strides and dilations, and the same weights."""

    stride: Pair
    """Px of the input between two cells of the heads."""
    cells: Pair
    field: Pair
    """Receptive field of a cell of the heads, px."""
    macs: int


class Variants(NamedTuple):
    """A network beside what it would be with a finer and a coarser grid."""

    as_it_is: Variant
    finer: Variant
    """Without its last stride."""
    atrous: Variant
    """Without its last stride, and with the layers after it dilated by it instead."""
    coarser: Variant
    """With a stride of 2 in its last depthwise layer."""


def variants(graph: Graph) -> Variants | None:
    """Compute what strides and dilations do to the grid and the receptive field of the heads.

    Args:
        graph: A network whose convolutions follow one another, but for the heads, which all read the last one.

    Returns:
        The network and its variants; None for one of another form.
    """
    convolutions = [each for each in graph.operators if each.kind in (CONV, DEPTHWISE)]
    depthwise = [number for number, each in enumerate(convolutions) if each.kind == DEPTHWISE]
    strided = [number for number, each in enumerate(convolutions) if each.stride != (1, 1)]
    if not depthwise or not strided or not all(each.is_padded for each in convolutions):
        return None
    known = set(graph.inputs)
    for each in convolutions:
        if each.inputs[0] not in known:
            return None
        known.update(each.outputs)
    if len(graph.inputs) != 1 or None in (layer.field for layer in describe(graph)):
        return None
    last, end = strided[-1], depthwise[-1]
    down, across = convolutions[last].stride
    whole = convolutions[last]._replace(stride=(1, 1))
    finer = [*convolutions[:last], whole, *convolutions[last + 1 :]]
    atrous = [
        each._replace(dilation=(each.dilation[0] * down, each.dilation[1] * across)) if number > last else each
        for number, each in enumerate(finer)
    ]
    halved = convolutions[end]
    halved = halved._replace(stride=(2 * halved.stride[0], 2 * halved.stride[1]))
    coarser = [*convolutions[:end], halved, *convolutions[end + 1 :]]
    return Variants(*(_variant(graph, each) for each in (convolutions, finer, atrous, coarser)))


def _variant(graph: Graph, convolutions: Sequence[Operator]) -> Variant:
    tensors = list(graph.tensors)
    for each in convolutions:
        _, *cells, _ = tensors[each.inputs[0]].shape
        rows, columns = (-(-side // stride) for side, stride in zip(cells, each.stride, strict=True))
        output = tensors[each.outputs[0]]
        tensors[each.outputs[0]] = output._replace(shape=(1, rows, columns, output.shape[-1]))
    layers = describe(graph._replace(tensors=tuple(tensors), operators=tuple(convolutions)))
    field = layers[-1].field
    assert field
    return Variant(field.step, layers[-1].cells, field.size, sum(layer.macs for layer in layers))
