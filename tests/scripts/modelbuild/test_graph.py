"""The file that is written: loaded by the interpreter and compared with a convolution written for reading."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from edge.errors import BadModel
from scripts.modelbuild.architecture import HEAD_CHANNELS
from scripts.modelbuild.graph import HEAD_RANGES, Shape, build
from tests.scripts.modelbuild.tiny import as_real, expected_heads, random_image, tiny_weights

SHAPES = [Shape(33, 49, 8), Shape(33, 49, 16), Shape(33, 65, 32)]


def run(content, tensor):
    return Interpreter(model_content=content, num_threads=1).get_signature_runner()(image=tensor[None])


def real(content, tensor):
    """Outputs of an int8 model, dequantized."""
    runner = Interpreter(model_content=content, num_threads=1).get_signature_runner()
    details, outputs = runner.get_output_details(), runner(image=tensor[None])
    scales = {name: detail["quantization"] for name, detail in details.items()}
    return {name: (outputs[name].astype(np.float32) - scales[name][1]) * scales[name][0] for name in outputs}


@pytest.mark.parametrize("shape", SHAPES)
def test_float32_model_says_what_naive_convolution_says(shape):
    weights = tiny_weights()
    image = as_real(random_image(shape.height, shape.width))
    expected = expected_heads(weights, shape.output_stride, image)
    found = run(build(shape, weights, None), image)
    for name in HEAD_CHANNELS:
        assert np.ptp(expected[name]) > 0.1, "a dead network would prove nothing"
        np.testing.assert_allclose(found[name][0], expected[name], atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_int8_model_says_nearly_the_same(shape):
    weights = tiny_weights()
    pixels = random_image(shape.height, shape.width)
    expected = expected_heads(weights, shape.output_stride, as_real(pixels))
    found = real(build(shape, weights, {}), (pixels ^ 0x80).view(np.int8))
    for name, (low, high) in HEAD_RANGES.items():
        step = (high - low) / 255
        assert np.abs(found[name][0] - expected[name]).max() < step + 0.3


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("decisions", [None, {}])
def test_outputs_are_named_by_the_signature_and_sided_by_the_stride(shape, decisions):
    runner = Interpreter(model_content=build(shape, tiny_weights(), decisions)).get_signature_runner("serving_default")
    inputs, outputs = runner.get_input_details(), runner.get_output_details()
    kind = np.float32 if decisions is None else np.int8
    assert list(inputs) == ["image"]
    assert list(inputs["image"]["shape"]) == [1, shape.height, shape.width, 3]
    cells = [(side - 1) // shape.output_stride + 1 for side in shape[:2]]
    assert {name: list(detail["shape"]) for name, detail in outputs.items()} == {
        name: [1, *cells, channels] for name, channels in HEAD_CHANNELS.items()
    }
    assert {detail["dtype"] for detail in [*inputs.values(), *outputs.values()]} == {kind}


def test_a_pixel_goes_into_the_int8_input_with_one_flipped_bit():
    runner = Interpreter(model_content=build(Shape(33, 49, 16), tiny_weights(), {})).get_signature_runner()
    scale, zero = runner.get_input_details()["image"]["quantization"]
    pixels = np.arange(256, dtype=np.uint8)
    meant = ((pixels ^ 0x80).view(np.int8).astype(np.float64) - zero) * scale
    np.testing.assert_allclose(meant, pixels / 127.5 - 1, atol=0.51 / 127.5)


def test_heads_hold_their_ranges_and_a_displacement_of_nothing_is_exactly_nothing():
    runner = Interpreter(model_content=build(Shape(33, 49, 16), tiny_weights(), {})).get_signature_runner()
    for name, detail in runner.get_output_details().items():
        scale, zero = detail["quantization"]
        low, high = HEAD_RANGES[name]
        assert (-128 - zero) * scale == pytest.approx(low, abs=scale)
        assert (127 - zero) * scale == pytest.approx(high, abs=scale)
        assert isinstance(zero, int)


@pytest.mark.parametrize("decisions", [None, {}])
def test_dilation_stays_native(decisions):
    model = schema.ModelT.InitFromPackedBuf(build(Shape(33, 49, 8), tiny_weights(), decisions), 0)
    operators = schema.BuiltinOperator
    assert {code.builtinCode for code in model.operatorCodes} == {operators.CONV_2D, operators.DEPTHWISE_CONV_2D}
    dilations = [
        operator.builtinOptions.dilationHFactor
        for operator in model.subgraphs[0].operators
        if model.operatorCodes[operator.opcodeIndex].builtinCode == operators.DEPTHWISE_CONV_2D
    ]
    assert dilations == [1] * 6 + [2] * 7


def test_the_file_says_whose_it_is_and_that_it_was_modified():
    model = schema.ModelT.InitFromPackedBuf(build(Shape(33, 49, 16), tiny_weights(), {}), 0)
    assert b"Google" in model.description
    assert b"Apache-2.0" in model.description
    assert b"modified" in model.description


def test_stride_32_is_every_second_cell_of_stride_16():
    weights, image = tiny_weights(), as_real(random_image(65, 97))
    fine, coarse = (run(build(Shape(65, 97, stride), weights, None), image) for stride in (16, 32))
    for name in HEAD_CHANNELS:
        np.testing.assert_allclose(coarse[name], fine[name][:, ::2, ::2], atol=1e-4)


def test_sides_that_do_not_fit_are_refused():
    with pytest.raises(BadModel, match="33x48"):
        build(Shape(33, 48, 16), tiny_weights(), None)
