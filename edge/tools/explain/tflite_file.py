"""Read the operators of a .tflite file: what the runtime's interpreter does not tell, strides and dilations above all.

A .tflite file is a flatbuffer. Only the parts that are needed are read, by the field numbers of TensorFlow's
``schema.fbs``, so that the 32-bit runtime, which carries no reader, is no exception.
"""

import struct
from typing import Any, NamedTuple

from edge.errors import BadModel
from edge.sense.inference.model_file import ModelFile

CONV, DEPTHWISE = "CONV_2D", "DEPTHWISE_CONV_2D"
_NAMES = {
    0: "ADD",
    1: "AVERAGE_POOL_2D",
    2: "CONCATENATION",
    3: CONV,
    4: DEPTHWISE,
    6: "DEQUANTIZE",
    14: "LOGISTIC",
    19: "RELU",
    21: "RELU6",
    22: "RESHAPE",
    32: "CUSTOM",
    34: "PAD",
    37: "BATCH_TO_SPACE_ND",
    38: "SPACE_TO_BATCH_ND",
    114: "QUANTIZE",
}
"""Builtin operators that are found in PoseNets; others are named by number."""


class Tensor(NamedTuple):
    """One tensor of the graph."""

    name: str
    shape: tuple[int, ...]
    scales: tuple[float, ...]
    """Real = scale * (stored - zero point); empty for floats, one for each channel of a kernel."""
    zero_points: tuple[int, ...]


class Operator(NamedTuple):
    """One operator of the graph. The last five are of convolutions."""

    kind: str
    """Name of the builtin operator."""
    inputs: tuple[int, ...]
    """Numbers of tensors, as the next. A convolution's are data, kernel and bias."""
    outputs: tuple[int, ...]
    stride: tuple[int, int] = (1, 1)
    """Down, then across, as the next."""
    dilation: tuple[int, int] = (1, 1)
    is_padded: bool = True
    """True: SAME, as many cells as the input has, divided by the stride. False: VALID, no border is added."""


class Graph(NamedTuple):
    """The graph of a file, its operators in running order."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_graph(file: ModelFile) -> Graph:
    """Read the first graph of a file.

    Args:
        file: That the runtime has loaded, which checks its form.

    Returns:
        Its tensors and operators.

    Raises:
        BadModel: It cannot be read.
    """
    try:
        return _graph(file.content)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadModel(f"model {file.path}: its graph cannot be read ({error}), expected a .tflite file") from error


def _graph(content: bytes) -> Graph:
    model = _Table(content, _unpack("<I", content, 0))
    codes = [_kind(code) for code in model.tables(1)]
    graph = model.tables(2)[0]
    return Graph(
        tuple(_tensor(each) for each in graph.tables(0)),
        tuple(_operator(each, codes) for each in graph.tables(3)),
        graph.numbers(1, "i"),
        graph.numbers(2, "i"),
    )


def _kind(code: "_Table") -> str:
    # The number has one byte in files of old converters, and four in a field of its own since.
    number = max(code.number(0, "b"), code.number(3, "i"))
    return _NAMES.get(number, f"operator {number}")


def _tensor(table: "_Table") -> Tensor:
    quantization = table.table(4)
    return Tensor(
        table.text(3),
        table.numbers(0, "i"),
        quantization.numbers(2, "f") if quantization else (),
        quantization.numbers(3, "q") if quantization else (),
    )


def _operator(table: "_Table", kinds: list[str]) -> Operator:
    operator = Operator(kinds[table.number(0, "I")], table.numbers(1, "i"), table.numbers(2, "i"))
    options = table.table(4)
    if options is None or operator.kind not in (CONV, DEPTHWISE):
        return operator
    # Conv2DOptions and DepthwiseConv2DOptions: both begin with padding, stride across and stride down.
    dilation = 4 if operator.kind == CONV else 5
    return operator._replace(
        stride=(options.number(2, "i"), options.number(1, "i")),
        dilation=(options.number(dilation + 1, "i", 1), options.number(dilation, "i", 1)),
        is_padded=options.number(0, "b") == 0,
    )


class _Table:
    """One table of a flatbuffer; fields are numbered, and absent ones have a default."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content = content
        self._at = at
        self._vtable = at - _unpack("<i", content, at)

    def number(self, field: int, kind: str, default: int = 0) -> int:
        """Read a scalar; ``kind`` is that of ``struct``."""
        at = self._field(field)
        return int(_unpack(f"<{kind}", self._content, at)) if at else default

    def numbers(self, field: int, kind: str) -> tuple[Any, ...]:
        """Read a vector of scalars; empty if absent."""
        at, count = self._vector(field)
        return struct.unpack_from(f"<{count}{kind}", self._content, at) if count else ()

    def text(self, field: int) -> str:
        """Read a string; empty if absent."""
        at, count = self._vector(field)
        return self._content[at : at + count].decode()

    def table(self, field: int) -> "_Table | None":
        """Read a table; None if absent."""
        at = self._field(field)
        return _Table(self._content, at + _unpack("<I", self._content, at)) if at else None

    def tables(self, field: int) -> list["_Table"]:
        """Read a vector of tables; empty if absent."""
        at, count = self._vector(field)
        places = range(at, at + 4 * count, 4)
        return [_Table(self._content, place + _unpack("<I", self._content, place)) for place in places]

    def _field(self, field: int) -> int:
        """Find where a field is; 0 if absent."""
        entry = 4 + 2 * field
        if entry >= _unpack("<H", self._content, self._vtable):
            return 0
        offset = _unpack("<H", self._content, self._vtable + entry)
        return self._at + offset if offset else 0

    def _vector(self, field: int) -> tuple[int, int]:
        """Find the first element of a vector, and their number."""
        at = self._field(field)
        if not at:
            return 0, 0
        at += _unpack("<I", self._content, at)
        return at + 4, _unpack("<I", self._content, at)


def _unpack(kind: str, content: bytes, at: int) -> Any:
    if at < 0:
        raise IndexError("an offset before the file")
    return struct.unpack_from(kind, content, at)[0]
