"""Store rounding decisions in a file that has the same bytes for the same decisions."""

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from edge.errors import BadModel
from scripts.modelbuild.architecture import Layer, Weights
from scripts.modelbuild.quantize import Decision, Decisions, no_decision

FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def pack(decisions: Decisions) -> bytes:
    """Content of an .npz with arrays ``LAYER.FIELD`` and a fixed date."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for layer, decision in sorted(decisions.items()):
            for field, values in decision._asdict().items():
                array = io.BytesIO()
                np.lib.format.write_array(array, values, version=(1, 0), allow_pickle=False)
                entry = zipfile.ZipInfo(f"{layer}.{field}.npy", FIXED_DATE)
                archive.writestr(entry, array.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return file.getvalue()


def load(path: Path, plan: list[Layer], weights: Weights) -> Decisions:
    """Read the decisions of all layers of ``plan``.

    Returns:
        Decisions that fit the weights.

    Raises:
        BadModel: The file is missing, damaged or does not fit.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            found = {
                layer.name: Decision(*(arrays[f"{layer.name}.{field}"] for field in Decision._fields)) for layer in plan
            }
    except (OSError, LookupError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadModel(f"{path}: no usable rounding decisions ({error}); git restores the file") from error
    for layer in plan:
        expected = no_decision(weights[layer.name])
        for field, values in found[layer.name]._asdict().items():
            like = getattr(expected, field)
            if values.shape != like.shape or values.dtype != like.dtype:
                raise BadModel(
                    f"{path}: {layer.name}.{field} is {values.dtype} {values.shape}, expected {like.dtype} {like.shape}"
                )
    return found
