"""Measure models on annotated photos: accuracy, distance from the float32 model, and speed."""

import math
import platform
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from edge.config.settings import DecodeSettings, Settings
from edge.errors import UsageError
from edge.pose import SURE, Keypoint, Pose
from edge.sense.camera.files.photo import read_photo
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.model import Model as Network
from edge.sense.inference.model_file import ModelFile, find_model
from edge.tools.evaluate.photos.accuracy import CocoEvaluation
from edge.tools.evaluate.photos.annotations import AnnotatedPhoto, read_annotations
from edge.tools.evaluate.photos.figures import Headline, by_height
from edge.tools.evaluate.photos.pose_finder import PoseFinder
from edge.tools.progress import Progress
from scripts.modelbuild import catalogue
from scripts.modelbuild.catalogue import SHIPPED, Entry
from scripts.modelbuild.graph import build
from scripts.modelbuild.recipe import read_weights
from scripts.modelbuild.recipe import replace as replace_file

SETTINGS = replace(Settings(), decode=DecodeSettings(max_poses=20, score_threshold=0.2, nms_radius=20.0))
INVOKE = f"invoke_ms_{platform.machine()}"
"""Name of the figure, with the kind of processor that it was measured on."""

Photos = dict[int, Pixels]
"""Photos [height, width, 3] RGB by id."""

Measured = dict[str, dict[str, Any]]
"""Figures by model name, named as in ``models.toml``."""

_COLUMNS = {
    "ap": ("AP", ".3f"),
    "ap_home_like": ("home-like", ".3f"),
    "found_small": ("small", ".2f"),
    "found_middle": ("middle", ".2f"),
    "found_large": ("large", ".2f"),
    "fidelity_median_px": ("median px", ".2f"),
    "fidelity_p90_px": ("p90 px", ".2f"),
    INVOKE: ("invoke ms", ".1f"),
}


class Found(NamedTuple):
    """What a model finds, by photo id: poses in px of the photo, and of the model input, and the times, s."""

    in_photo: dict[int, list[Pose]]
    in_input: dict[int, list[Pose]]
    invoke_seconds: list[float]


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
    annotated = read_annotations(annotations_path)
    counted = Progress("build-models").count("reading photos", annotated)
    images = {photo.id: read_photo(photo_folder / photo.file) for photo in counted}
    weights = read_weights(given)
    print(f"{'model':<30}" + "".join(f"{title:>10}" for title, _ in _COLUMNS.values()), flush=True)
    measured: Measured = {}
    for model in SHIPPED:
        if only and model.name not in only:
            continue
        float_file = ModelFile(Path(model.float_name), build(model.shape, weights, None))
        reference, figures = _assess(model.float_name, Network(float_file), images, annotated)
        _print_row(model.float_name, figures)
        found, figures = _assess(model.name, Network(find_model(model.name, folder)), images, annotated)
        figures |= _fidelity(reference, found)
        _print_row(model.name, figures)
        measured[model.name] = figures
    return measured


def record(folder: Path, measured: Measured) -> None:
    """Write the figures into ``models.toml``; those of other kinds of processor are kept."""
    entries = catalogue.load(folder)
    for name, figures in measured.items():
        entries[name] = Entry(entries[name].sha256, {**entries[name].measured, **figures})
    replace_file(folder / catalogue.CATALOGUE, catalogue.render(entries).encode())


def _assess(
    name: str, network: Network, images: Photos, annotated: list[AnnotatedPhoto]
) -> tuple[Found, dict[str, Any]]:
    found = find_poses(name, PoseFinder(SETTINGS, network), images)
    evaluation = CocoEvaluation(annotated, found.in_photo)
    accuracy = Headline(evaluation, annotated)(np.arange(len(annotated)))
    figures: dict[str, Any] = {"photos": len(images)}
    figures |= {key: accuracy[key] for key in ("ap", "ap_home_like") if key in accuracy}
    figures |= {f"found_{height}": group["found"] for height, group in by_height(evaluation.people).items()}
    known = {key: round(value, 3) for key, value in figures.items() if value is not None}
    return found, {**known, INVOKE: round(1000 * median(found.invoke_seconds), 1)}


def find_poses(name: str, finder: PoseFinder, images: Photos) -> Found:
    """Find poses in every photo."""
    found = Found({}, {}, [])
    for number, image in Progress("build-models").count(name, list(images.items())):
        poses, undo = finder.in_input(image)
        found.in_input[number] = poses
        found.in_photo[number] = [undo(pose) for pose in poses]
        found.invoke_seconds.append(finder.invoke_seconds)
    return found


def _fidelity(reference: Found, found: Found) -> dict[str, float]:
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
