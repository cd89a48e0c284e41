"""Rounding: what is decided is better than nearest, what is stored comes back, what is built is always the same."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.errors import BadModel
from scripts.modelbuild import activation_stats, rounding, rounding_file
from scripts.modelbuild.activation_stats import gather
from scripts.modelbuild.architecture import Layer, Parameters, heads, layers
from scripts.modelbuild.graph import RELU6_STEP, Shape, build
from scripts.modelbuild.quantize import LARGEST, no_decision, quantize
from tests.scripts.modelbuild.tiny import as_real, random_image, tiny_weights

SHAPE = Shape(33, 49, 16)
PLAN = [*layers(16), *heads()]


@pytest.fixture(scope="module")
def decided():
    images = [as_real(random_image(SHAPE.height, SHAPE.width, seed)) for seed in range(4)]
    return rounding.decide(PLAN, tiny_weights(), gather(SHAPE, tiny_weights(), images))


def correlated(n, cells=4000):
    random = np.random.default_rng(3)
    return np.clip(random.normal(0.5, 1, (cells, 3)) @ random.normal(0, 1, (3, n)) + random.normal(0, 0.1, n), 0, 6)


def seen(reads):
    return activation_stats.Moments(reads.mean(0), np.cov(reads.T, bias=True))


def error(layer, parameters, decision, reads):
    """Root mean square of what quantizing changes in the layer's output for inputs [cells, n]."""
    whole = quantize(layer, parameters, RELU6_STEP, decision)
    flat = [
        np.moveaxis(kernel, layer.channel_axis, 0).reshape(len(parameters.bias), -1).astype(np.float64)
        for kernel in (parameters.kernel, whole.kernel)
    ]
    exact = reads @ flat[0].T + parameters.bias
    rounded = reads @ (flat[1] * whole.kernel_step[:, None]).T + whole.bias * whole.bias_step.astype(np.float64)
    return np.sqrt(np.mean((exact - rounded) ** 2))


def test_a_1x1_layer_changes_less_than_rounded_to_nearest():
    random = np.random.default_rng(5)
    layer, reads = Layer("pointwise1", "pointwise"), correlated(32)
    parameters = Parameters(random.normal(0, 1, (8, 1, 1, 32)).astype(np.float32), np.ones(8, np.float32))
    decision = rounding.decide([layer], {layer.name: parameters}, {layer.name: seen(reads)})[layer.name]
    nearest = error(layer, parameters, no_decision(parameters), reads)
    assert error(layer, parameters, decision, reads) < 0.5 * nearest


def test_a_depthwise_layer_changes_less_than_rounded_to_nearest():
    random = np.random.default_rng(5)
    layer, reads = Layer("depthwise1", "depthwise"), correlated(9)
    parameters = Parameters(random.normal(0, 1, (1, 3, 3, 8)).astype(np.float32), np.ones(8, np.float32))
    one = seen(reads)
    all_channels = activation_stats.Moments(np.tile(one.mean, (8, 1)), np.tile(one.covariance, (8, 1, 1)))
    decision = rounding.decide([layer], {layer.name: parameters}, {layer.name: all_channels})[layer.name]
    nearest = error(layer, parameters, no_decision(parameters), reads)
    assert error(layer, parameters, decision, reads) < 0.5 * nearest


def test_moments_are_those_of_the_windows_that_the_layer_reads():
    layer = Layer("depthwise1", "depthwise", stride=2)
    image = np.arange(5 * 4 * 2, dtype=np.float32).reshape(5, 4, 2)
    found = activation_stats.windows(image, layer)
    assert found.shape == (3 * 2, 9, 2)
    # 5 rows need a row of zeros on both sides, 4 columns one only on the right.
    padded = np.pad(image[:, :, 1], ((1, 1), (0, 1)))
    np.testing.assert_array_equal(found[0, :, 1].reshape(3, 3), padded[0:3, 0:3])
    np.testing.assert_array_equal(found[5, :, 1].reshape(3, 3), padded[4:7, 2:5])


def test_moments_are_mean_and_covariance_of_what_was_read():
    layer, images = PLAN[0], [as_real(random_image(SHAPE.height, SHAPE.width, seed)) for seed in (1, 2)]
    found = gather(SHAPE, tiny_weights(), images)["conv0"]
    reads = np.concatenate([activation_stats.windows(image, layer).reshape(-1, 27) for image in images])
    np.testing.assert_allclose(found.mean, reads.mean(0), atol=1e-6)
    np.testing.assert_allclose(found.covariance, np.cov(reads.T, bias=True), atol=1e-6)


@pytest.mark.parametrize("kind", ["pointwise", "depthwise"])
def test_the_bias_makes_up_for_what_rounding_changes_on_average(kind):
    random = np.random.default_rng(6)
    layer, reads = Layer("one", kind), np.full((10, 9), 3.0)
    shape = (1, 3, 3, 4) if kind == "depthwise" else (4, 1, 1, 9)
    parameters = Parameters(random.normal(0, 1, shape).astype(np.float32), np.ones(4, np.float32))
    one = seen(reads)
    many = activation_stats.Moments(np.tile(one.mean, (4, 1)), np.tile(one.covariance, (4, 1, 1)))
    decision = rounding.decide([layer], {"one": parameters}, {"one": many if kind == "depthwise" else one})["one"]
    bias_step = quantize(layer, parameters, RELU6_STEP, decision).bias_step.max()
    assert error(layer, parameters, decision, reads) <= 0.51 * bias_step


def test_a_dead_channel_keeps_its_bias():
    layer = Layer("pointwise1", "pointwise")
    parameters = Parameters(np.full((1, 1, 1, 4), 1e-13, np.float32), np.array([3.0], np.float32))
    whole = quantize(layer, parameters, RELU6_STEP, no_decision(parameters))
    assert not whole.kernel.any()
    assert float(whole.bias[0]) * float(whole.bias_step[0]) == pytest.approx(3.0, rel=1e-5)


def test_kernels_leave_out_minus_128(decided):
    for layer in PLAN:
        parameters = tiny_weights()[layer.name]
        whole = quantize(layer, parameters, RELU6_STEP, decided[layer.name])
        assert np.abs(whole.kernel.astype(int)).max() <= LARGEST


def test_decisions_come_back_from_the_file_and_pack_to_the_same_bytes(decided, tmp_path):
    path = tmp_path / "rounding.npz"
    path.write_bytes(rounding_file.pack(decided))
    found = rounding_file.load(path, PLAN, tiny_weights())
    assert found.keys() == decided.keys()
    for name in found:
        for one, other in zip(found[name], decided[name], strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
    assert rounding_file.pack(found) == path.read_bytes()


def test_a_flipped_byte_is_refused_or_changes_nothing(decided, tmp_path):
    """A zip file's checksums cover the arrays; what they don't cover (dates) isn't read."""
    path, packed = tmp_path / "rounding.npz", rounding_file.pack(decided)
    expected = build(SHAPE, tiny_weights(), decided)
    refused = 0
    for at in range(0, len(packed), 97):
        path.write_bytes(packed[:at] + bytes([packed[at] ^ 0x10]) + packed[at + 1 :])
        try:
            found = rounding_file.load(path, PLAN, tiny_weights())
        except BadModel:
            refused += 1
            continue
        assert build(SHAPE, tiny_weights(), found) == expected
    assert refused > len(packed) // 97 // 3


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 300])
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / "rounding.npz").write_bytes(content)
    with pytest.raises(BadModel, match="no usable rounding"):
        rounding_file.load(tmp_path / "rounding.npz", PLAN, tiny_weights())


def test_decisions_for_another_network_are_refused(decided, tmp_path):
    path = tmp_path / "rounding.npz"
    path.write_bytes(rounding_file.pack({**decided, "conv0": decided["pointwise1"]}))
    with pytest.raises(BadModel, match=r"conv0\.kernel"):
        rounding_file.load(path, PLAN, tiny_weights())


def test_one_changed_decision_changes_the_file(decided):
    other = decided["pointwise5"].kernel.copy()
    other[0, 0, 0, 0] += 1
    changed = {**decided, "pointwise5": decided["pointwise5"]._replace(kernel=other)}
    assert build(SHAPE, tiny_weights(), changed) != build(SHAPE, tiny_weights(), decided)


REBUILD = """
import hashlib, pathlib, sys
from scripts.modelbuild import rounding_file
from scripts.modelbuild.graph import Shape, build
from scripts.modelbuild.architecture import heads, layers
from tests.scripts.modelbuild.tiny import tiny_weights
decisions = rounding_file.load(pathlib.Path(sys.argv[1]), [*layers(16), *heads()], tiny_weights())
print(hashlib.sha256(build(Shape(33, 49, 16), tiny_weights(), decisions)).hexdigest())
"""


def test_a_rebuild_is_the_same_in_every_process(decided, tmp_path):
    path = tmp_path / "rounding.npz"
    path.write_bytes(rounding_file.pack(decided))
    built = [
        subprocess.run(
            [sys.executable, "-c", REBUILD, str(path)],
            env={
                **os.environ,
                "OPENBLAS_NUM_THREADS": threads,
                "PYTHONHASHSEED": threads,
                "PYTHONPATH": str(Path.cwd()),
            },
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for threads in ("1", "2")
    ]
    assert built[0] == built[1]
    assert len(built[0].strip()) == 64
