"""Measure models on annotated photos: accuracy, distance from the float32 model, and speed."""

import math
import platform
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.errors import UsageError
from edge.pose import SURE, Keypoint, Pose
from edge.sense.decode import decode_multi
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model as Network
from edge.sense.inference.model_file import ModelFile, find_model
from edge.tools.progress import Progress
from scripts.modelbuild import catalogue, photos
from scripts.modelbuild.accuracy import Annotations
from scripts.modelbuild.catalogue import SHIPPED, Entry
from scripts.modelbuild.graph import build
from scripts.modelbuild.recipe import read_weights, replace

MAX_POSES = 20
SCORE_THRESHOLD = 0.2
NMS_RADIUS = 20.0
WARM_UPS = 10
RUNS = 100
INVOKE = f"invoke_ms_{platform.machine()}"
"""Name of the figure, with the kind of processor that it was measured on."""

Photos = dict[int, NDArray[np.uint8]]
"""Photos [height, width, 3] RGB by id."""

Measured = dict[str, dict[str, Any]]
"""Figures by model name, named as in ``models.toml``."""

_COLUMNS = {
    "ap_all": ("AP all", ".3f"),
    "ap_home_like": ("home-like", ".3f"),
    "found_small": ("small", ".2f"),
    "found_middle": ("middle", ".2f"),
    "found_large": ("large", ".2f"),
    "fidelity_median_px": ("median px", ".2f"),
    "fidelity_p90_px": ("p90 px", ".2f"),
    INVOKE: ("invoke ms", ".1f"),
}


class Poses(NamedTuple):
    """Poses that a model finds, by photo id: ``in_photo`` in px of the photo, ``in_input`` in px of the model input."""

    in_photo: dict[int, list[Pose]]
    in_input: dict[int, list[Pose]]


def measure(folder: Path, given: Path | None, photo_folder: Path, annotations_path: Path, only: list[str]) -> Measured:
    """Measure shipped models and the float32 models of the same shapes, and print a table.

    Args:
        folder: Folder of the models.
        given: The npm package, None to fetch it.
        photo_folder: Folder of the photos.
        annotations_path: Their keypoints in COCO format.
        only: Names of the models to measure; empty for all.

    Returns:
        The figures.

    Raises:
        UsageError: There is no model of a given name.
    """
    unknown = set(only) - {model.name for model in SHIPPED}
    if unknown:
        known = ", ".join(model.name for model in SHIPPED)
        raise UsageError(f"no such model: {', '.join(sorted(unknown))}; expected some of {known}")
    annotations = Annotations(annotations_path)
    counted = Progress("build-models").count("reading photos", annotations.photos)
    images = {photo.id: photos.read(photo_folder / photo.file) for photo in counted}
    weights = read_weights(given)
    print(f"{'model':<30}" + "".join(f"{title:>10}" for title, _ in _COLUMNS.values()), flush=True)
    measured: Measured = {}
    for model in SHIPPED:
        if only and model.name not in only:
            continue
        float_file = ModelFile(Path(model.float_name), build(model.shape, weights, None))
        reference, figures = _assess(model.float_name, Network(float_file), images, annotations)
        _print_row(model.float_name, figures)
        found, figures = _assess(model.name, Network(find_model(model.name, folder)), images, annotations)
        figures |= _fidelity(reference, found)
        _print_row(model.name, figures)
        measured[model.name] = figures
    return measured


def record(folder: Path, measured: Measured) -> None:
    """Write the figures into ``models.toml``; those of other kinds of processor are kept."""
    entries = catalogue.load(folder)
    for name, figures in measured.items():
        entries[name] = Entry(entries[name].sha256, {**entries[name].measured, **figures})
    replace(folder / catalogue.CATALOGUE, catalogue.render(entries).encode())


def _assess(name: str, network: Network, images: Photos, annotations: Annotations) -> tuple[Poses, dict[str, Any]]:
    poses = find_poses(name, network, images)
    figures: dict[str, Any] = {"photos": len(images), "ap_all": annotations.average_precision(poses.in_photo)}
    if any(photo.home_like for photo in annotations.photos):
        figures["ap_home_like"] = annotations.average_precision(poses.in_photo, home_like=True)
    figures |= annotations.found_by_height(poses.in_photo)
    return poses, {key: round(value, 3) for key, value in figures.items()} | {INVOKE: round(invoke_ms(network), 1)}


def find_poses(name: str, network: Network, images: Photos) -> Poses:
    """Find poses in every photo with the letterbox, model and decoder of ``sense``."""
    fit = Letterbox(network.height, network.width, network.quantization)
    poses = Poses({}, {})
    for number, image in Progress("build-models").count(name, list(images.items())):
        tensor, undo = fit(image)
        found = decode_multi(network(tensor), MAX_POSES, SCORE_THRESHOLD, NMS_RADIUS)
        poses.in_input[number] = found
        poses.in_photo[number] = [undo(pose) for pose in found]
    return poses


def invoke_ms(network: Network) -> float:
    """Median time of one run (ms) with the current input."""
    times = []
    for _ in range(WARM_UPS + RUNS):
        start = time.perf_counter()
        network.invoke()
        times.append(1e3 * (time.perf_counter() - start))
    return median(times[WARM_UPS:])


def _fidelity(reference: Poses, found: Poses) -> dict[str, float]:
    """Median and 90th percentile of keypoint distances (px of the model input)."""
    all_distances = sorted(
        distance
        for number, poses in reference.in_input.items()
        for distance in distances([pose for pose in poses if _root_score(pose) >= SURE], found.in_input[number])
    )
    if not all_distances:
        return {}
    ninth = all_distances[math.floor(0.9 * (len(all_distances) - 1))]
    return {"fidelity_median_px": round(median(all_distances), 2), "fidelity_p90_px": round(ninth, 2)}


def distances(reference: list[Pose], found: list[Pose]) -> list[float]:
    """Distances (px) of reference keypoints of ``SURE`` or more to those of the nearest pose found.

    The nearest pose has the least median distance over all keypoints.

    Returns:
        One for each such keypoint; none if no pose was found.
    """
    if not found:
        return []
    result: list[float] = []
    for pose in reference:
        nearest = min(found, key=lambda other: median(map(_distance, pose.keypoints, other.keypoints)))
        pairs = zip(pose.keypoints, nearest.keypoints, strict=True)
        result.extend(_distance(ours, theirs) for ours, theirs in pairs if ours.score >= SURE)
    return result


def _distance(one: Keypoint, other: Keypoint) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _root_score(pose: Pose) -> float:
    return max(keypoint.score for keypoint in pose.keypoints)


def _print_row(name: str, figures: dict[str, Any]) -> None:
    cells = [format(figures[key], form) if key in figures else "" for key, (_, form) in _COLUMNS.items()]
    print(f"{name:<30}" + "".join(f"{cell:>10}" for cell in cells), flush=True)
