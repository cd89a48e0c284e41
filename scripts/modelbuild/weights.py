"""Read PoseNet's float weights in the TensorFlow.js format: a JSON manifest and binary shards."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadModel
from scripts.modelbuild.architecture import HEAD_CHANNELS, NATIVE_STRIDES, Parameters, Weights

MANIFEST = "model-stride16.json"


def read(files: Mapping[str, bytes]) -> Weights:
    """Read the parameters of all layers from the package's files.

    Returns:
        Parameters by layer name.

    Raises:
        BadModel: A tensor is missing or has another shape.
    """
    try:
        tensors = _tensors(files)
        return dict(_named(tensors))
    except (KeyError, TypeError, ValueError) as error:
        raise BadModel(f"{MANIFEST}: not a PoseNet MobileNetV1 in TensorFlow.js format ({error!r})") from error


def _tensors(files: Mapping[str, bytes]) -> dict[str, NDArray[np.float32]]:
    tensors = {}
    for group in json.loads(files[MANIFEST])["weightsManifest"]:
        content = b"".join(files[path] for path in group["paths"])
        offset = 0
        for entry in group["weights"]:
            if entry["dtype"] != "float32" or "quantization" in entry:
                raise ValueError(f"{entry['name']} is not plain float32")
            count = int(np.prod(entry["shape"]))
            tensor = np.frombuffer(content, "<f4", count, offset).reshape(entry["shape"])
            tensors[entry["name"]] = tensor.astype(np.float32)
            offset += tensor.nbytes
        if offset != len(content):
            raise ValueError(f"{len(content)} bytes of weights, but the manifest lists {offset}")
    return tensors


def _named(tensors: Mapping[str, NDArray[np.float32]]) -> Any:
    outer, inner = "MobilenetV1", "MobilenetV1/MobilenetV1"
    yield "conv0", _parameters(tensors[f"{outer}/Conv2d_0/weights"], tensors[f"{inner}/Conv2d_0/Conv2D_bias"])
    for number in range(1, len(NATIVE_STRIDES)):
        layer = f"Conv2d_{number}"
        yield (
            f"depthwise{number}",
            _parameters(
                tensors[f"{outer}/{layer}_depthwise/depthwise_weights"],
                tensors[f"{inner}/{layer}_depthwise/depthwise_bias"],
            ),
        )
        yield (
            f"pointwise{number}",
            _parameters(
                tensors[f"{outer}/{layer}_pointwise/weights"], tensors[f"{inner}/{layer}_pointwise/Conv2D_bias"]
            ),
        )
    for name in HEAD_CHANNELS:
        head = "heatmap" if name == "heatmaps" else "offset" if name == "offsets" else name
        yield name, _parameters(tensors[f"{outer}/{head}_2/weights"], tensors[f"{outer}/{head}_2/Conv2D_bias"])


def _parameters(kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> Parameters:
    """Convert TensorFlow's [height, width, in, out] to TFLite's order; fits [height, width, channels, 1] as well."""
    return Parameters(np.ascontiguousarray(kernel.transpose(3, 0, 1, 2)), bias)
