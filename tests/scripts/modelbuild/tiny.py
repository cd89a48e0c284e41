"""A PoseNet with few channels and random weights, and what it should say, by loops written for reading."""

from typing import Any

import numpy as np

from scripts.modelbuild.architecture import HEAD_CHANNELS, Layer, Parameters, Weights, heads, layers

CHANNELS = 6


def tiny_weights(seed: int = 7) -> Weights:
    """Random parameters for every layer, with activations that neither die nor saturate everywhere."""
    random = np.random.default_rng(seed)

    def parameters(*shape: int, reads: int, out: int) -> Parameters:
        kernel = random.normal(0, 1.2 / np.sqrt(reads), shape).astype(np.float32)
        return Parameters(kernel, random.normal(0.3, 0.2, out).astype(np.float32))

    weights = {"conv0": parameters(CHANNELS, 3, 3, 3, reads=27, out=CHANNELS)}
    weights["conv0"].bias[0] = 9  # one channel always meets the upper end of ReLU6
    for number in range(1, 14):
        weights[f"depthwise{number}"] = parameters(1, 3, 3, CHANNELS, reads=9, out=CHANNELS)
        weights[f"pointwise{number}"] = parameters(CHANNELS, 1, 1, CHANNELS, reads=CHANNELS, out=CHANNELS)
    for name, out in HEAD_CHANNELS.items():
        weights[name] = parameters(out, 1, 1, CHANNELS, reads=CHANNELS, out=out)
    return weights


def expected_heads(weights: Weights, output_stride: int, image: Any) -> dict[str, Any]:
    """What the network of ``weights`` says of ``image`` [height, width, 3], in float64."""
    data = image.astype(np.float64)
    for layer in layers(output_stride):
        data = np.clip(convolve(layer, weights[layer.name], data), 0, 6)
    return {head.name: convolve(head, weights[head.name], data) for head in heads()}


def convolve(layer: Layer, parameters: Parameters, data: Any) -> Any:
    """One convolution with TensorFlow's SAME padding, cell by cell and tap by tap."""
    kernel, bias = parameters.kernel.astype(np.float64), parameters.bias.astype(np.float64)
    taps = kernel.shape[1]
    rows, columns = (-(-side // layer.stride) for side in data.shape[:2])
    before = [
        max((cells - 1) * layer.stride + (taps - 1) * layer.dilation + 1 - side, 0) // 2
        for cells, side in zip((rows, columns), data.shape[:2], strict=True)
    ]
    out = np.tile(bias, (rows, columns, 1))
    for row in range(rows):
        for column in range(columns):
            for tap in range(taps * taps):
                y = row * layer.stride + tap // taps * layer.dilation - before[0]
                x = column * layer.stride + tap % taps * layer.dilation - before[1]
                if 0 <= y < data.shape[0] and 0 <= x < data.shape[1]:
                    at = kernel[:, tap // taps, tap % taps]
                    out[row, column] += at[0] * data[y, x] if layer.kind == "depthwise" else at @ data[y, x]
    return out


def random_image(height: int, width: int, seed: int = 1) -> Any:
    """RGB pixels [height, width, 3] with some structure: noise on a slope."""
    random = np.random.default_rng(seed)
    slope = np.linspace(0, 200, width)[None, :, None]
    return np.clip(slope + random.integers(0, 56, (height, width, 3)), 0, 255).astype(np.uint8)


def as_real(pixels: Any) -> Any:
    """What the float32 model wants: pixel / 127.5 - 1."""
    return pixels.astype(np.float32) / np.float32(127.5) - np.float32(1)
