"""The TensorFlow.js format: a manifest and shards that a tensor may straddle."""

import json

import numpy as np
import pytest

from edge.errors import BadModel
from scripts.modelbuild.weights import MANIFEST, read
from tests.scripts.modelbuild.tiny import tiny_weights

HEADS = {"heatmaps": "heatmap_2", "offsets": "offset_2"}


def tensors_of(weights):
    """Names and shapes as TensorFlow.js has them."""
    for name, (kernel, bias) in weights.items():
        number = name.lstrip("abcdefghijklmnopqrstuvwxyz_")
        if name.startswith("depthwise"):
            scope = f"Conv2d_{number}_depthwise"
            names = f"MobilenetV1/{scope}/depthwise_weights", f"MobilenetV1/MobilenetV1/{scope}/depthwise_bias"
        elif number:
            scope = f"Conv2d_{number}_pointwise" if name.startswith("pointwise") else "Conv2d_0"
            names = f"MobilenetV1/{scope}/weights", f"MobilenetV1/MobilenetV1/{scope}/Conv2D_bias"
        else:
            scope = HEADS.get(name, f"{name}_2")
            names = f"MobilenetV1/{scope}/weights", f"MobilenetV1/{scope}/Conv2D_bias"
        yield names[0], kernel.transpose(1, 2, 3, 0)
        yield names[1], bias


def package_of(weights):
    entries, content = [], b""
    for name, tensor in tensors_of(weights):
        entries.append({"name": name, "shape": list(tensor.shape), "dtype": "float32"})
        content += np.ascontiguousarray(tensor, "<f4").tobytes()
    manifest = {"weightsManifest": [{"paths": ["one.bin", "two.bin"], "weights": entries}]}
    half = len(content) // 2 + 1
    return manifest, {"one.bin": content[:half], "two.bin": content[half:]}


def read_package(manifest, shards):
    return read({MANIFEST: json.dumps(manifest).encode(), **shards})


def test_every_layer_is_read_in_tflite_layout():
    weights = tiny_weights()
    found = read_package(*package_of(weights))
    assert found.keys() == weights.keys()
    for name in weights:
        np.testing.assert_array_equal(found[name].kernel, weights[name].kernel)
        np.testing.assert_array_equal(found[name].bias, weights[name].bias)
        assert found[name].kernel.dtype == found[name].bias.dtype == np.float32


def test_weights_that_are_not_float32_are_refused():
    manifest, shards = package_of(tiny_weights())
    manifest["weightsManifest"][0]["weights"][3]["quantization"] = {"dtype": "uint8"}
    with pytest.raises(BadModel, match="not plain float32"):
        read_package(manifest, shards)


def test_a_missing_tensor_is_refused():
    weights = tiny_weights()
    del weights["pointwise9"]
    with pytest.raises(BadModel, match="Conv2d_9_pointwise"):
        read_package(*package_of(weights))


@pytest.mark.parametrize("change", [b"", b"1234"])
def test_a_shard_of_another_length_is_refused(change):
    manifest, shards = package_of(tiny_weights())
    shards["two.bin"] = shards["two.bin"][:-4] + change * 2
    with pytest.raises(BadModel):
        read_package(manifest, shards)


def test_a_broken_manifest_is_refused():
    with pytest.raises(BadModel, match="not a PoseNet"):
        read({MANIFEST: b"{"})
