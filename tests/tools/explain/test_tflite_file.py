"""The reader of .tflite files agrees with the schema's own reader, and refuses what is damaged."""

from pathlib import Path

import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given
from hypothesis import strategies as st

from edge.data_files import MODELS
from edge.errors import BadModel
from edge.sense.inference.model_file import ModelFile, find_model
from edge.tools.explain.tflite_file import CONV, DEPTHWISE, read_graph

FILE = find_model("posenet-075-s8-257x353-int8", MODELS)
"""That with dilations."""
KINDS = {schema.BuiltinOperator.CONV_2D: CONV, schema.BuiltinOperator.DEPTHWISE_CONV_2D: DEPTHWISE}


def test_every_operator_and_tensor_is_as_the_schema_reads_it() -> None:
    model = schema.Model.GetRootAs(FILE.content)
    theirs, ours = model.Subgraphs(0), read_graph(FILE)
    assert len(ours.operators) == theirs.OperatorsLength() > 0
    for number, operator in enumerate(ours.operators):
        expected = theirs.Operators(number)
        kind = KINDS[model.OperatorCodes(expected.OpcodeIndex()).BuiltinCode()]
        options = schema.Conv2DOptions() if kind == CONV else schema.DepthwiseConv2DOptions()
        table = expected.BuiltinOptions()
        options.Init(table.Bytes, table.Pos)
        assert operator == (
            kind,
            tuple(expected.InputsAsNumpy()),
            tuple(expected.OutputsAsNumpy()),
            (options.StrideH(), options.StrideW()),
            (options.DilationHFactor(), options.DilationWFactor()),
            options.Padding() == schema.Padding.SAME,
        )
    assert {operator.dilation for operator in ours.operators} == {(1, 1), (2, 2)}
    assert len(ours.tensors) == theirs.TensorsLength()
    for number, tensor in enumerate(ours.tensors):
        expected = theirs.Tensors(number)
        scale = expected.Quantization()
        assert tensor == (
            expected.Name().decode(),
            tuple(expected.ShapeAsNumpy()),
            tuple(scale.ScaleAsNumpy()),
            tuple(scale.ZeroPointAsNumpy()),
        )
    assert (ours.inputs, ours.outputs) == (tuple(theirs.InputsAsNumpy()), tuple(theirs.OutputsAsNumpy()))


@given(st.integers(0, len(FILE.content)), st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused(length: int, at: int, noise: bytes) -> None:
    content = bytearray(FILE.content[:length])
    content[at : at + len(noise)] = noise
    try:
        read_graph(ModelFile(Path("own.tflite"), bytes(content)))
    except BadModel as error:
        assert "own.tflite" in str(error)


def test_what_is_no_such_file_is_refused() -> None:
    with pytest.raises(BadModel, match="its graph cannot be read"):
        read_graph(ModelFile(Path("own.tflite"), b"text"))
