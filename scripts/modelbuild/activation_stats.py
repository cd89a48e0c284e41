"""Statistics of activations: mean and covariance of each layer's inputs in the float32 model."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from scripts.modelbuild.architecture import Layer, Weights, heads, layers
from scripts.modelbuild.graph import Shape, build

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


class Moments(NamedTuple):
    """Mean and covariance of one layer's inputs over all cells of all images.

    Depthwise: ``mean`` [channels, 9] and ``covariance`` [channels, 9, 9] of each channel's 3x3 window.
    Otherwise: ``mean`` [n] and ``covariance`` [n, n] with n = height * width * in, in the kernel's order.
    """

    mean: Float64
    covariance: Float64


class _Sums:
    """Sums over windows: their number, their values and the products of their values."""

    def __init__(self) -> None:
        self.count = 0
        self.total: Any = 0.0
        self.products: Any = 0.0

    def add(self, layer: Layer, tensor: Float32) -> None:
        """Add the windows of ``tensor`` [height, width, channels] that ``layer`` reads."""
        if layer.kind == "depthwise":
            rows = windows(tensor, layer).transpose(2, 1, 0).astype(np.float64)  # [channels, 9, cells]
        else:
            cells = windows(tensor, layer) if layer.kind == "conv" else tensor.reshape(-1, tensor.shape[2])
            rows = cells.reshape(len(cells), -1).T.astype(np.float64)
        self.count += rows.shape[-1]
        self.total = self.total + rows.sum(-1)
        self.products = self.products + rows @ np.swapaxes(rows, -1, -2)

    def moments(self) -> Moments:
        """Mean and covariance so far."""
        mean = self.total / self.count
        return Moments(mean, self.products / self.count - mean[..., :, None] * mean[..., None, :])


def gather(shape: Shape, weights: Weights, tensors: Iterable[Float32]) -> dict[str, Moments]:
    """Run the float32 model on ``tensors`` [height, width, 3] (-1..1); returns the moments by layer."""
    interpreter = Interpreter(
        model_content=build(shape, weights, None),
        # The default delegate fuses layers, so that their tensors are not kept.
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        num_threads=1,
    )
    interpreter.allocate_tensors()
    numbers = {detail["name"]: detail["index"] for detail in interpreter.get_tensor_details()}
    plan = [*layers(shape.output_stride), *heads()]
    sums = {layer.name: _Sums() for layer in plan}
    for tensor in tensors:
        interpreter.set_tensor(numbers["image"], tensor[None])
        interpreter.invoke()
        previous = "image"
        for layer in plan:
            sums[layer.name].add(layer, interpreter.get_tensor(numbers[previous])[0])
            if layer.kind != "head":
                previous = layer.name
    return {name: found.moments() for name, found in sums.items()}


def windows(tensor: Float32, layer: Layer) -> Float32:
    """Cut [height, width, channels] into 3x3 windows as TensorFlow's SAME padding does: [cells, 9, channels]."""
    padded, starts = tensor, []
    for axis in (0, 1):
        side = tensor.shape[axis]
        cells = -(-side // layer.stride)
        missing = max((cells - 1) * layer.stride + 2 * layer.dilation + 1 - side, 0)
        widths = [(0, 0), (0, 0), (0, 0)]
        widths[axis] = (missing // 2, missing - missing // 2)
        padded = np.pad(padded, widths)
        starts.append(np.arange(cells) * layer.stride)
    taps = [
        padded[starts[0][:, None] + y * layer.dilation, starts[1][None, :] + x * layer.dilation]
        for y in range(3)
        for x in range(3)
    ]
    return np.stack(taps, axis=2).reshape(-1, 9, tensor.shape[2])
