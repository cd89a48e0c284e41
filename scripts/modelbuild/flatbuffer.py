"""Write a .tflite flatbuffer, operator by operator, with the schema that is part of ai-edge-litert."""

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from scripts.modelbuild.architecture import Layer

FLOAT32 = schema.TensorType.FLOAT32
INT32 = schema.TensorType.INT32
INT8 = schema.TensorType.INT8

_TYPES = {np.dtype(np.float32): FLOAT32, np.dtype(np.int32): INT32, np.dtype(np.int8): INT8}
_LARGEST_MODEL_BYTES = 8 << 20


class Scale:
    """Quantization: real = ``step`` * (stored - ``zero``), with one step for each channel along ``axis``."""

    def __init__(self, step: Any, zero: int = 0, axis: int = 0) -> None:
        self.step: NDArray[np.float32] = np.atleast_1d(np.asarray(step, np.float32))
        self.zero = zero
        self.axis = axis

    def pack(self) -> Any:
        """Convert to the schema's object."""
        packed = schema.QuantizationParametersT()
        packed.scale = self.step
        packed.zeroPoint = np.full(len(self.step), self.zero, np.int64)
        packed.quantizedDimension = self.axis
        return packed


class ModelWriter:
    """Builder of a file with one graph.

    Tensors are numbered; ``activation`` and ``constant`` return the number.
    """

    def __init__(self, description: str) -> None:
        self._model = schema.ModelT()
        self._model.version = 3
        self._model.description = description.encode()
        self._model.buffers = [schema.BufferT()]  # buffer 0 must be empty
        self._model.operatorCodes = []
        self._codes: dict[tuple[int, int], int] = {}
        self._graph = schema.SubGraphT()
        self._graph.name = b"main"
        self._graph.tensors = []
        self._graph.operators = []
        self._model.subgraphs = [self._graph]

    def activation(self, name: str, shape: tuple[int, ...], scale: Scale | None) -> int:
        """Add a tensor that is computed, int8 if it has a scale, else float32; returns its number."""
        return self._tensor(name, shape, INT8 if scale else FLOAT32, 0, scale)

    def constant(self, name: str, values: NDArray[Any], scale: Scale | None) -> int:
        """Add a tensor of constant float32, int32 or int8 ``values``; returns its number."""
        buffer = schema.BufferT()
        little_endian = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"))
        buffer.data = np.frombuffer(little_endian.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        return self._tensor(name, values.shape, _TYPES[values.dtype], len(self._model.buffers) - 1, scale)

    def convolution(self, layer: Layer, inputs: list[int], output: int) -> None:
        """Add the operator of ``layer`` from ``inputs`` (data, kernel, bias) to ``output``."""
        depthwise = layer.kind == "depthwise"
        options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME
        options.strideH = options.strideW = layer.stride
        # Dilation as an attribute: XNNPACK is slower with SpaceToBatch.
        options.dilationHFactor = options.dilationWFactor = layer.dilation
        activations = schema.ActivationFunctionType
        options.fusedActivationFunction = activations.NONE if layer.kind == "head" else activations.RELU6
        if depthwise:
            options.depthMultiplier = 1
        int8 = self._graph.tensors[output].type == INT8
        # Versions as in TensorFlow's op_version.cc: 3 for signed int8, 2 for a dilated depthwise layer in float.
        version = 3 if int8 else 2 if depthwise and layer.dilation > 1 else 1
        name = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        operator = schema.OperatorT()
        operator.opcodeIndex = self._code(getattr(schema.BuiltinOperator, name), version)
        operator.inputs, operator.outputs = inputs, [output]
        kind = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        operator.builtinOptions = options
        self._graph.operators.append(operator)

    def finish(self, inputs: dict[str, int], outputs: dict[str, int]) -> bytes:
        """Name inputs and outputs in a signature; returns the file's content."""
        self._graph.inputs, self._graph.outputs = list(inputs.values()), list(outputs.values())
        signature = schema.SignatureDefT()
        signature.signatureKey = b"serving_default"
        signature.subgraphIndex = 0
        signature.inputs, signature.outputs = _tensor_maps(inputs), _tensor_maps(outputs)
        self._model.signatureDefs = [signature]
        builder = flatbuffers.Builder(_LARGEST_MODEL_BYTES)
        builder.vtables = _NoVtableSharing()
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _tensor(self, name: str, shape: tuple[int, ...], kind: int, buffer: int, scale: Scale | None) -> int:
        tensor = schema.TensorT()
        tensor.name = name.encode()
        tensor.shape = list(shape)
        tensor.type = kind
        tensor.buffer = buffer
        tensor.quantization = scale.pack() if scale else None
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _code(self, builtin: int, version: int) -> int:
        if (builtin, version) not in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = builtin
            code.deprecatedBuiltinCode = builtin  # read by readers older than schema 3a
            code.version = version
            self._codes[builtin, version] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(code)
        return self._codes[builtin, version]


class _NoVtableSharing(dict[Any, Any]):
    """A table of vtables that stays empty, so that objects do not share any.

    The rules for sharing differ between releases of flatbuffers (before 25.12.19, objects of different sizes could
    share one). Without sharing, for a few kilobytes, all releases write the same bytes.
    """

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


def _tensor_maps(named: dict[str, int]) -> list[Any]:
    maps = []
    for name, index in named.items():
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = name.encode(), index
        maps.append(entry)
    return maps
