"""Receptive fields, parameters and multiply-accumulates, against plain counting and against the files themselves."""

from functools import cache

import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given
from hypothesis import strategies as st

from edge.data_files import MODELS
from edge.sense.inference.model_file import find_model
from edge.tools.explain.network import Field, describe, separable, variants, widen
from edge.tools.explain.tflite_file import CONV, DEPTHWISE, Graph, Operator, Tensor, read_graph


def tensor(*shape: int) -> Tensor:
    return Tensor("", shape, (), ())


SMALL = Graph(
    (
        tensor(1, 9, 13, 3),
        tensor(4, 3, 3, 3), tensor(4), tensor(1, 5, 7, 4),
        tensor(1, 3, 3, 4), tensor(4), tensor(1, 5, 7, 4),
        tensor(8, 1, 1, 4), tensor(8), tensor(1, 5, 7, 8),
    ),
    (
        Operator(CONV, (0, 1, 2), (3,), stride=(2, 2)),
        Operator(DEPTHWISE, (3, 4, 5), (6,), dilation=(2, 2)),
        Operator(CONV, (6, 7, 8), (9,)),
    ),
    (0,),
    (9,),
)  # fmt: skip
"""Two 3x3 layers, the second depthwise and dilated, and a 1x1 layer."""


@cache
def graph(stride: int) -> Graph:
    return read_graph(find_model(f"posenet-075-s{stride}-257x353-int8", MODELS))


def test_a_small_network_by_hand() -> None:
    conv, depthwise, pointwise = describe(SMALL)
    assert [each.parameters for each in (conv, depthwise, pointwise)] == [3 * 3 * 3 * 4 + 4, 3 * 3 * 4 + 4, 4 * 8 + 8]
    assert [each.macs for each in (conv, depthwise, pointwise)] == [35 * 4 * 27, 35 * 4 * 9, 35 * 8 * 4]
    # 3 px, then two cells of 2 px twice as far apart to either side: 3 + 2 * 2 * 2.
    assert [each.field and each.field.size for each in (conv, depthwise, pointwise)] == [(3, 3), (11, 11), (11, 11)]
    saved = separable([conv, depthwise, pointwise])
    assert (saved.pairs, saved.macs, saved.parameters) == (1, 35 * (4 * 9 + 8 * 4), 40 + 40)
    assert (saved.full_macs, saved.full_parameters) == (35 * 9 * 4 * 8, 9 * 4 * 8 + 8)


def test_an_operator_that_mixes_cells_in_an_unknown_way_ends_the_receptive_field() -> None:
    for kind, field in (("DEQUANTIZE", Field((11, 11), (2, 2))), ("SPACE_TO_BATCH_ND", None)):
        changed = SMALL._replace(
            tensors=(*SMALL.tensors, tensor(1, 5, 7, 8)), operators=(*SMALL.operators, Operator(kind, (9,), (10,)))
        )
        assert describe(changed)[-1].field == field
        assert (variants(changed) is None) == (field is None)


def test_a_network_that_adds_what_two_layers_give_is_described_without_variants() -> None:
    conv, depthwise, pointwise = SMALL.operators
    added = len(SMALL.tensors)
    residual = SMALL._replace(
        tensors=(*SMALL.tensors, tensor(1, 5, 7, 4)),
        operators=(conv, depthwise, Operator("ADD", (3, 6), (added,)), pointwise._replace(inputs=(added, 7, 8))),
    )
    assert describe(residual)[-1].field == Field((11, 11), (2, 2))
    assert variants(residual) is None


def inputs_of(cell: int, layers: list[tuple[int, int, int]]) -> set[int]:
    """Pixels, along one axis and with those beyond the border, on which a cell depends, layer by layer from the end."""
    needed = {cell}
    for kernel, stride, dilation in reversed(layers):
        needed = {each * stride + dilation * tap for each in needed for tap in range(kernel)}
    return needed


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 3, 5]), st.sampled_from([1, 2]), st.sampled_from([1, 2, 3])),
        min_size=1,
        max_size=5,
    )
)
def test_a_receptive_field_spans_the_pixels_that_are_counted(layers: list[tuple[int, int, int]]) -> None:
    field = Field((1, 1), (1, 1))
    for kernel, stride, dilation in layers:
        field = widen(field, (kernel, 1), (stride, 1), (dilation, 1))
    first, second = inputs_of(0, layers), inputs_of(1, layers)
    assert field.size == (max(first) - min(first) + 1, 1)
    assert field.step == (min(second) - min(first), 1)


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_the_parameters_are_all_that_the_file_stores(stride: int) -> None:
    file = find_model(f"posenet-075-s{stride}-257x353-int8", MODELS)
    model = schema.Model.GetRootAs(file.content)
    tensors = [model.Subgraphs(0).Tensors(number) for number in range(model.Subgraphs(0).TensorsLength())]
    widths = {schema.TensorType.INT8: 1, schema.TensorType.INT32: 4}
    stored = sum(model.Buffers(each.Buffer()).DataLength() // widths[each.Type()] for each in tensors)
    assert sum(layer.parameters for layer in describe(graph(stride))) == stored


def test_strides_and_dilations_turn_the_file_of_one_stride_into_those_of_the_others() -> None:
    """The shipped files of strides 8 and 32 were built by other code, from the same weights."""
    of = {stride: variants(graph(stride)) for stride in (8, 16, 32)}
    one = of[16]
    assert one is not None
    assert of[8] is not None
    assert of[32] is not None
    assert one.as_it_is.macs == sum(layer.macs for layer in describe(graph(16)))
    assert one.atrous == of[8].as_it_is
    assert one.coarser == of[32].as_it_is
    assert one.atrous.field == one.as_it_is.field > one.finer.field
    assert one.atrous.cells == one.finer.cells
