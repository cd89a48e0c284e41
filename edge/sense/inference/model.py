"""PoseNet in TensorFlow Lite: the model file is checked once, at load; then tensors in, heads out.

Heads are named and dequantized here and nowhere else. Two families of files are supported: this project's (a
signature names ``heatmaps``, ``offsets``, ``displacement_fwd``, ``displacement_bwd``) and Coral's official
quantized ones without the custom decoder (tensors ``float_heatmaps``, ``float_short_offsets`` and
``float_mid_offsets``, which is displacement_fwd followed by displacement_bwd).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadModel
from edge.pose import EDGE_COUNT, KEYPOINT_COUNT
from edge.sense.inference.heads import Float32, Heads, ModelSpec
from edge.sense.inference.model_file import ModelFile
from edge.sense.inference.tflite_runtime import make_interpreter
from edge.wire import STRIDES

_CHANNELS = {
    "heatmaps": KEYPOINT_COUNT,
    "offsets": 2 * KEYPOINT_COUNT,
    "displacement_fwd": 2 * EDGE_COUNT,
    "displacement_bwd": 2 * EDGE_COUNT,
}
_CORAL_CHANNELS = {
    "float_heatmaps": KEYPOINT_COUNT,
    "float_short_offsets": 2 * KEYPOINT_COUNT,
    "float_mid_offsets": 4 * EDGE_COUNT,
}
_TYPES = {np.uint8: "uint8", np.int8: "int8", np.float32: "float32"}


class _Output(NamedTuple):
    """One output tensor."""

    tensor: int
    table: Float32 | None
    """The float32 of each of its 256 values, if it is quantized."""
    values: Float32
    """Its dequantized values."""


class Model:
    """A PoseNet ready to run; its buffers are reused, so heads are valid until the next call.

    ``height``, ``width``, ``output_stride`` and ``quantization`` are as in ``ModelSpec``. A tensor is
    ``[height, width, 3]`` RGB: int8 is the pixel minus 128, uint8 the pixel, float32 the pixel / 127.5 - 1.
    """

    def __init__(self, file: ModelFile, threads: int = 1) -> None:
        """Load and check the model.

        Args:
            file: The .tflite file.
            threads: For inference.

        Raises:
            BadModel: It is no PoseNet that this can run; the message names the file and the reason.
            Unavailable: There is no TensorFlow Lite runtime.
        """
        self._path = file.path
        try:
            self._interpreter = make_interpreter(file.content, threads)
            self._check_input()
            self._check_outputs()
            # Some damage shows only when the network runs.
            self.invoke()
            self.heads()
        except BadModel:
            raise
        except (ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines() or ["unknown reason"]
            raise BadModel(f"model {file.path}: not a usable TensorFlow Lite file: {reason[0]}") from error

    @property
    def spec(self) -> ModelSpec:
        """Input and grid."""
        return ModelSpec(self.height, self.width, self.output_stride, self.quantization)

    def __call__(self, tensor: NDArray[Any]) -> Heads:
        """Run on one image ``[height, width, 3]``."""
        self.set_input(tensor)
        self.invoke()
        return self.heads()

    def set_input(self, tensor: NDArray[Any]) -> None:
        """Copy one image ``[height, width, 3]`` into the interpreter."""
        self._interpreter.set_tensor(self._input, tensor[None])

    def invoke(self) -> None:
        """Run the network."""
        self._interpreter.invoke()

    def heads(self) -> Heads:
        """Read and dequantize the results of the last ``invoke``."""
        for name, output in self._outputs.items():
            raw = self._interpreter.get_tensor(output.tensor)[0]
            if output.table is not None:
                # mode="clip" lets numpy write straight into ``out``; every index is in range anyway.
                output.table.take(raw.view(np.uint8), out=output.values, mode="clip")
            else:
                np.copyto(output.values, _sigmoid(raw) if name.endswith("heatmaps") else raw)
        return self._heads

    def _check_input(self) -> None:
        details = self._interpreter.get_input_details()
        shape = [int(side) for side in details[0]["shape"]] if len(details) == 1 else []
        if len(shape) != 4 or shape[0] != 1 or shape[3] != 3:
            self._refuse(f"input {shape or len(details)}, expected one of shape [1, height, width, 3]")
        self._input = details[0]["index"]
        self.height, self.width = shape[1:3]
        self.quantization = self._type_of("input", details[0])
        if self.quantization != "float32":
            # Pixels go in without arithmetic, so the tensor must mean (about) pixel / 127.5 - 1.
            scale, zero_point = details[0]["quantization"]
            low = (np.iinfo(details[0]["dtype"]).min - zero_point) * scale
            if abs(scale * 127.5 - 1) > 0.02 or abs(low + 1) > 0.02:
                self._refuse(f"input scale {scale:.5f} and zero point {zero_point}, expected pixels from -1 to 1")

    def _check_outputs(self) -> None:
        outputs = self._named_outputs()
        wanted = next((names for names in (_CHANNELS, _CORAL_CHANNELS) if names.keys() <= outputs.keys()), {})
        if not wanted:
            self._refuse(f"outputs {', '.join(sorted(outputs))}, expected {', '.join(_CHANNELS)}")
        shapes = {name: [int(side) for side in outputs[name]["shape"]] for name in wanted}
        cells = shapes[next(iter(wanted))][1:3]
        sides = (self.height, self.width)
        fits = [stride for stride in STRIDES if [(n - 1) * stride + 1 for n in cells] == list(sides)]
        if not fits:
            self._refuse(
                f"{cells} cells for an input of {self.height}x{self.width}, "
                f"expected (side - 1) / stride + 1 with a stride of {', '.join(map(str, STRIDES))}"
            )
        self.output_stride = fits[0]
        self._outputs: dict[str, _Output] = {}
        for name, channels in wanted.items():
            if shapes[name] != [1, *cells, channels]:
                self._refuse(f"output {name} has shape {shapes[name]}, expected {[1, *cells, channels]}")
            values = np.zeros([*cells, channels], np.float32)
            self._outputs[name] = _Output(outputs[name]["index"], self._table(name, outputs[name]), values)
        scores, offsets, *displacements = (output.values for output in self._outputs.values())
        if len(displacements) == 1:
            displacements = np.split(displacements[0], 2, axis=-1)
        self._heads = Heads(scores, offsets, displacements[0], displacements[1], self.output_stride)

    def _named_outputs(self) -> dict[str, dict[str, Any]]:
        """Find output details by name: the signature's names where there is one, else those of the tensors."""
        if self._interpreter.get_signature_list():
            details = self._interpreter.get_signature_runner().get_output_details()
            if _CHANNELS.keys() <= details.keys():
                return dict(details)
        return {detail["name"]: detail for detail in self._interpreter.get_output_details()}

    def _table(self, name: str, detail: dict[str, Any]) -> Float32 | None:
        """Make the table of the float32 of each byte; None for a float tensor."""
        if self._type_of(f"output {name}", detail) == "float32":
            return None
        scale, zero_point = detail["quantization"]
        if not scale > 0:
            self._refuse(f"output {name} has no quantization scale, expected one")
        quantized = np.arange(256, dtype=np.uint8).view(detail["dtype"]).astype(np.float32)
        values = (quantized - np.float32(zero_point)) * np.float32(scale)
        return _sigmoid(values) if name.endswith("heatmaps") else values

    def _type_of(self, what: str, detail: dict[str, Any]) -> str:
        if detail["dtype"] not in _TYPES:
            self._refuse(f"{what} is {np.dtype(detail['dtype']).name}, expected {' or '.join(_TYPES.values())}")
        return _TYPES[detail["dtype"]]

    def _refuse(self, what: str) -> Any:
        raise BadModel(f"model {self._path}: not a PoseNet that this can run: {what}")


def _sigmoid(logits: Float32) -> Float32:
    """Compute 1 / (1 + e^-x), as tanh so that no logit overflows."""
    scores: Float32 = np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1))
    return scores
