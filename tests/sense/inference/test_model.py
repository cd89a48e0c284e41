"""The contract of a model file: the real ones pass, and one that breaks any part of it is refused by name."""

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.data_files import MODELS
from edge.errors import BadModel
from edge.sense.decode import decode_multi, decode_single
from edge.sense.inference.heads import Heads
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import ModelFile, find_model
from edge.sense.inference.tflite_runtime import choose_threads

TABLE = {entry["name"]: entry for entry in tomllib.loads((MODELS / "models.toml").read_text())["model"]}


@pytest.fixture(scope="module")
def content() -> bytes:
    return find_model("fast", MODELS).content


@pytest.mark.parametrize("name", TABLE)
def test_each_model_says_of_itself_what_the_table_says(name: str) -> None:
    model = Model(find_model(name, MODELS))
    said = (model.height, model.width, model.output_stride, model.quantization)
    assert said == tuple(TABLE[name][key] for key in ("height", "width", "output_stride", "quantization"))


@pytest.mark.parametrize("name", TABLE)
def test_each_model_finds_the_astronauts_nose(name: str, astronaut: np.ndarray) -> None:
    model = Model(find_model(name, MODELS))
    tensor, undo = Letterbox(model.height, model.width, model.quantization)(astronaut)
    heads = model(tensor)
    best = max(decode_multi(heads, 10, 0.3, 20.0), key=lambda pose: pose.score)
    for pose in (undo(decode_single(heads)), undo(best)):
        nose = pose.keypoints[0]
        assert np.hypot(nose.x - 222, nose.y - 125) < 8
        assert nose.score > 0.9
        left_eye, right_eye = pose.keypoints[1:3]
        assert left_eye.x > nose.x > right_eye.x, "her left is on our right"
        assert max(left_eye.y, right_eye.y) < nose.y


def test_heads_have_their_shapes_and_units() -> None:
    model = Model(find_model("default", MODELS))
    heads = model(np.zeros((257, 353, 3), np.int8))
    assert [head.shape for head in heads[:4]] == [(17, 23, 17), (17, 23, 34), (17, 23, 32), (17, 23, 32)]
    assert all(head.dtype == np.float32 for head in heads[:4])
    assert heads.output_stride == 16
    assert 0 <= heads.scores.min() <= heads.scores.max() <= 1
    assert heads.scores.max() < 0.5, "grey has no keypoints"


def reference_heads(content: bytes, tensor: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs dequantized by the book, (q - zero point) * scale, through the signature."""
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(model_content=content)
    runner = interpreter.get_signature_runner()
    details = runner.get_output_details()
    outputs = runner(image=tensor[None])
    return {
        name: (value[0].astype(np.float64) - details[name]["quantization"][1]) * details[name]["quantization"][0]
        for name, value in outputs.items()
    }


def test_dequantizing_is_by_the_book(content: bytes, astronaut: np.ndarray) -> None:
    model = Model(ModelFile(Path("fast"), content))
    tensor, _ = Letterbox(model.height, model.width, model.quantization)(astronaut)
    heads = model(tensor)
    expected = reference_heads(content, tensor)
    np.testing.assert_allclose(heads.scores, 1 / (1 + np.exp(-expected["heatmaps"])), atol=1e-6)
    for name in ("offsets", "displacement_fwd", "displacement_bwd"):
        np.testing.assert_allclose(getattr(heads, name), expected[name], rtol=1e-5, atol=1e-4)


def test_a_second_image_leaves_nothing_of_the_first(content: bytes, astronaut: np.ndarray) -> None:
    model = Model(ModelFile(Path("fast"), content))
    tensor, _ = Letterbox(model.height, model.width, model.quantization)(astronaut)
    grey = np.zeros_like(tensor)
    before = Heads(*(np.copy(head) for head in model(grey)[:4]), 16)
    model(tensor)
    for first, second in zip(before[:4], model(grey)[:4], strict=True):
        np.testing.assert_array_equal(first, second)


def edited(content: bytes, edit: Callable[[Any], None]) -> bytes:
    """The model with ``edit`` done to its flatbuffer, in the terms of the TensorFlow Lite schema."""
    flatbuffers = pytest.importorskip("flatbuffers")
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    edit(model)
    builder = flatbuffers.Builder(1 << 21)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def output(model: Any, name: bytes) -> Any:
    """The tensor behind a name of the signature."""
    signature = model.signatureDefs[0]
    return model.subgraphs[0].tensors[next(m.tensorIndex for m in signature.outputs if m.name == name)]


def rename(model: Any, old: bytes, new: bytes) -> None:
    for mapping in model.signatureDefs[0].outputs:
        if mapping.name == old:
            mapping.name = new
    for tensor in model.subgraphs[0].tensors:
        if tensor.name == old:
            tensor.name = new


def exchange(model: Any, first: bytes, second: bytes) -> None:
    outputs = {mapping.name: mapping for mapping in model.signatureDefs[0].outputs}
    outputs[first].name, outputs[second].name = second, first


def rescale_input(model: Any, scale: float) -> None:
    model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]].quantization.scale = np.array([scale], np.float32)


def point_nowhere(model: Any) -> None:
    model.signatureDefs[0].outputs[0].tensorIndex = 9999


def read_what_nobody_writes(model: Any) -> None:
    graph, operator = model.subgraphs[0], model.subgraphs[0].operators[1]
    tensor = copy.copy(graph.tensors[operator.inputs[0]])
    tensor.name = b"orphan"
    graph.tensors.append(tensor)
    operator.inputs = np.array([len(graph.tensors) - 1, *operator.inputs[1:]], np.int32)


def test_an_unedited_model_is_still_accepted(content: bytes) -> None:
    """Or the refusals below would prove nothing."""
    assert Model(ModelFile(Path("own.tflite"), edited(content, lambda model: None))).output_stride == 16


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda model: rename(model, b"offsets", b"offset"), "expected heatmaps, offsets, displacement_fwd"),
        (lambda model: exchange(model, b"heatmaps", b"offsets"), r"output heatmaps has shape .* expected .*17\]"),
        (lambda model: rescale_input(model, 1 / 255), "expected pixels from -1 to 1"),
        (point_nowhere, "not a usable TensorFlow Lite file: "),
        (read_what_nobody_writes, "not a usable TensorFlow Lite file: "),
    ],
    ids=["a missing output", "exchanged outputs", "another input range", "no such tensor", "an input that lacks data"],
)
def test_a_model_that_breaks_the_contract_is_refused(content: bytes, edit: Callable[[Any], None], words: str) -> None:
    with pytest.raises(BadModel, match=words) as refused:
        Model(ModelFile(Path("own.tflite"), edited(content, edit)))
    assert "own.tflite" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_outputs_are_found_by_name_in_whatever_order(content: bytes, astronaut: np.ndarray) -> None:
    def shuffle(model: Any) -> None:
        model.signatureDefs[0].outputs.reverse()
        model.subgraphs[0].outputs = model.subgraphs[0].outputs[::-1]

    straight = Model(ModelFile(Path("a"), content))
    shuffled = Model(ModelFile(Path("b"), edited(content, shuffle)))
    tensor, _ = Letterbox(straight.height, straight.width, straight.quantization)(astronaut)
    for first, second in zip(straight(tensor)[:4], shuffled(tensor)[:4], strict=True):
        np.testing.assert_array_equal(first, second)


def coral(content: bytes) -> bytes:
    """The same network as Coral's official files present themselves: no signature, the displacements in one tensor."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

    def edit(model: Any) -> None:
        graph = model.subgraphs[0]
        forward, backward = output(model, b"displacement_fwd"), output(model, b"displacement_bwd")
        both = schema.TensorT()
        both.name, both.type, both.buffer = b"float_mid_offsets", forward.type, 0
        both.shape = [*forward.shape[:3], 64]
        both.quantization = forward.quantization
        output(model, b"heatmaps").name = b"float_heatmaps"
        output(model, b"offsets").name = b"float_short_offsets"
        graph.tensors.append(both)
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CONCATENATION
        code.version = 2
        model.operatorCodes.append(code)
        join = schema.OperatorT()
        join.opcodeIndex = len(model.operatorCodes) - 1
        join.inputs = [graph.tensors.index(forward), graph.tensors.index(backward)]
        join.outputs = [len(graph.tensors) - 1]
        join.builtinOptionsType = schema.BuiltinOptions.ConcatenationOptions
        join.builtinOptions = schema.ConcatenationOptionsT()
        join.builtinOptions.axis = 3
        graph.operators.append(join)
        named = {tensor.name: index for index, tensor in enumerate(graph.tensors)}
        graph.outputs = [named[b"float_heatmaps"], named[b"float_short_offsets"], named[b"float_mid_offsets"]]
        model.signatureDefs = []

    return edited(content, edit)


def test_a_model_in_corals_shape_says_the_same(content: bytes, astronaut: np.ndarray) -> None:
    ours, theirs = Model(ModelFile(Path("ours"), content)), Model(ModelFile(Path("theirs"), coral(content)))
    tensor, _ = Letterbox(ours.height, ours.width, ours.quantization)(astronaut)
    for first, second in zip(ours(tensor)[:4], theirs(tensor)[:4], strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_file_cut_short_is_refused(content: bytes, share: float) -> None:
    with pytest.raises(BadModel, match=r"cut\.tflite: not a usable TensorFlow Lite file"):
        Model(ModelFile(Path("cut.tflite"), content[: int(len(content) * share)]))


@pytest.mark.parametrize("content", [b"x" * 100, b"\0" * 5000, b"TFL3" * 100, b"\x89PNG\r\n\x1a\n" + b"\0" * 100])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(BadModel, match="not a usable TensorFlow Lite file"):
        Model(ModelFile(Path("photo.png"), content))


def test_loading_says_nothing_on_standard_error(content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    Model(ModelFile(Path("fast"), content))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("cores", "wanted", "threads"), [(1, 0, 1), (2, 0, 1), (4, 0, 3), (16, 0, 4), (1, 3, 3), (16, 1, 1)]
)
def test_a_core_is_left_free(monkeypatch: pytest.MonkeyPatch, cores: int, wanted: int, threads: int) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)))
    assert choose_threads(wanted) == threads
