"""The plan of the network: strides, dilations and sides."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadModel
from scripts.modelbuild.architecture import OUTPUT_STRIDES, check_input, heads, layers, strides_and_dilations


def test_stride_16_is_native():
    strides = [2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1]
    assert strides_and_dilations(16) == [(stride, 1) for stride in strides]


def test_stride_8_dilates_what_follows_the_layer_that_no_longer_strides():
    plan = strides_and_dilations(8)
    assert plan[:7] == [(2, 1), (1, 1), (2, 1), (1, 1), (2, 1), (1, 1), (1, 1)]
    assert plan[7:] == [(1, 2)] * 7


def test_stride_32_strides_the_last_depthwise_and_nothing_else():
    assert strides_and_dilations(32)[:-1] == strides_and_dilations(16)[:-1]
    assert strides_and_dilations(32)[-1] == (2, 1)


@pytest.mark.parametrize("output_stride", OUTPUT_STRIDES)
def test_strides_multiply_to_the_output_stride(output_stride):
    assert math.prod(layer.stride for layer in layers(output_stride)) == output_stride
    names = [layer.name for layer in [*layers(output_stride), *heads()]]
    assert len(names) == len(set(names)) == 1 + 2 * 13 + 4
    assert all(layer.stride == layer.dilation == 1 for layer in layers(output_stride) if layer.kind == "pointwise")


@pytest.mark.parametrize("output_stride", [0, 4, 12, 64])
def test_other_strides_are_refused(output_stride):
    with pytest.raises(BadModel, match="output stride"):
        layers(output_stride)


@given(st.sampled_from(OUTPUT_STRIDES), st.integers(1, 40), st.integers(1, 40))
def test_sides_of_n_strides_plus_one_are_accepted(output_stride, rows, columns):
    check_input(rows * output_stride + 1, columns * output_stride + 1, output_stride)


@pytest.mark.parametrize(("height", "width"), [(256, 353), (257, 352), (1, 353), (0, 17), (-15, 17)])
def test_other_sides_are_refused(height, width):
    with pytest.raises(BadModel, match="n \\* 16 \\+ 1"):
        check_input(height, width, 16)
