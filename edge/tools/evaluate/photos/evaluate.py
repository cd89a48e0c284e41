"""Look at annotated photos as ``sense`` does, and compare what is found with the annotations."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from edge.config.settings import Settings
from edge.errors import BadInput, NoSource, UsageError
from edge.report import configuration
from edge.sense.camera.error_text import quoted, reason
from edge.sense.camera.files.path_checks import is_folder
from edge.sense.camera.files.photo import SUFFIXES, is_photo
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.model_file import AUTO
from edge.sense.inference.models import Models
from edge.tools.evaluate.photos.accuracy import CocoEvaluation, load_pycocotools
from edge.tools.evaluate.photos.annotations import AnnotatedPhoto, read_annotations
from edge.tools.evaluate.photos.bootstrap import draw
from edge.tools.evaluate.photos.figures import (
    Draws,
    Figures,
    Headline,
    ModelRun,
    Varied,
    comparison,
    intervals,
    model_figures,
    rounded,
)
from edge.tools.evaluate.photos.pose_finder import PoseFinder
from edge.tools.evaluate.photos.report import summary, write_report
from edge.tools.evaluate.photos.tables import NOTE, tables
from edge.tools.evaluate.photos.variations import VARIATIONS, Variation
from edge.tools.progress import Progress
from edge.tools.table import as_text
from edge.tools.whole_photo import read_whole_photo

_SPEAKER = "posenet-edge evaluate"
_MAX_RESAMPLES = 100_000
_MAX_NAMED = 10
"""Photos that a message names."""


class Loaded(NamedTuple):
    """A model that is ready to look at photos, and what it found so far."""

    find_poses: PoseFinder
    run: ModelRun


class Photos(NamedTuple):
    """Photos that are to be evaluated."""

    folder: Path
    annotated: Sequence[AnnotatedPhoto]
    nobody: Sequence[Path] = ()
    """Photos without people."""


class Unreadable(NamedTuple):
    """A photo that could not be used, and why."""

    file: str
    reason: str


def evaluate(arguments: argparse.Namespace) -> None:
    """Print the figures of one model or several.

    Raises:
        UsageError: A number is out of range.
        NoSource: There is no such file or folder, or no photo in a folder.
        BadTruth: The annotations cannot be used.
        BadModel: A model file cannot be used.
        Unavailable: There is no TensorFlow Lite runtime, no Pillow, or no pycocotools.
        BadInput: A photo or the annotations cannot be read; all other photos are evaluated.
        OutputFailed: The report cannot be written.
        KeyboardInterrupt: It was interrupted; nothing is printed, as figures of some photos compare with no others.
    """
    if not 0 <= arguments.resamples <= _MAX_RESAMPLES:
        raise UsageError(f"--resamples {arguments.resamples}: expected 0 to {_MAX_RESAMPLES}")
    load_pycocotools()
    photos = _find_photos(arguments)
    settings = configuration.load_for(arguments)
    names = list(dict.fromkeys(arguments.model or [settings.model.file]))
    if arguments.against_set and (arguments.against or len(names) > 1):
        raise UsageError("--against-set compares one model with itself, expected one --model and no --against")
    if arguments.against and arguments.against not in names:
        names.append(arguments.against)
    models = [load(settings, name, arguments.zoom) for name in names]
    reference = names.index(arguments.against) if arguments.against else None
    if arguments.against_set:
        otherwise = load(configuration.load_for(arguments, *arguments.against_set), names[0], arguments.zoom)
        otherwise.run.name += f" with {', '.join(arguments.against_set)}"
        models.append(otherwise)
        reference = 1
    variations = VARIATIONS if arguments.vary else []
    try:
        read, unreadable = look(photos, models, variations)
        figures, compared = compute([model.run for model in models], read, arguments.resamples, reference)
    except KeyboardInterrupt:
        print(
            f"{_SPEAKER}: stopped; nothing is printed, as figures of some photos compare with no others",
            file=sys.stderr,
        )
        raise
    decode = settings.decode
    results: Figures = rounded(
        {
            "photos": {
                "evaluated": len(read),
                "home_like": None if None in (marks := [photo.home_like for photo in read]) else sum(map(bool, marks)),
                "people": sum(photo.people_count for photo in read),
                "nobody": len(models[0].run.nobody),
            },
            "settings": {
                **{f"decode.{key}": getattr(decode, key) for key in decode.__dataclass_fields__},
                "zoom": arguments.zoom,
            },
            "models": figures,
            "differences": compared,
            "unreadable": [each._asdict() for each in unreadable],
            "note": NOTE,
        }
    )
    print(json.dumps(results, indent=2) if arguments.json else _text(results))
    if arguments.report:
        write_report(Path(arguments.report), results)
    if unreadable:
        count = len(photos.annotated) + len(photos.nobody)
        raise BadInput(f"{_all_unreadable(unreadable, count)}; the figures are of the others")


def load(settings: Settings, name: str, zoom: bool = False) -> Loaded:
    """Load a model.

    Args:
        settings: Of model, decoder and attention.
        name: As for the setting ``model.file``, which it replaces.
        zoom: As for ``PoseFinder``.

    Returns:
        The model, which found nothing so far.

    Raises:
        BadModel: The model file cannot be used.
        Unavailable: There is no TensorFlow Lite runtime.
    """
    own = replace(settings, model=replace(settings.model, file=name))
    models = Models(own)
    if name == AUTO:
        print(f"{_SPEAKER}: model {models.file.path.stem}, chosen by a trial", file=sys.stderr)
    model = models.model
    return Loaded(PoseFinder(own, model, zoom), ModelRun(models.file.path.stem, (model.width, model.height)))


def look(
    photos: Photos, models: Sequence[Loaded], variations: Sequence[Variation] = (), speaker: str = _SPEAKER
) -> tuple[list[AnnotatedPhoto], list[Unreadable]]:
    """Look at all photos with all models, with progress on standard error; what they find is in their ``run``.

    Args:
        photos: The photos.
        models: At least one.
        variations: Changes of the annotated photos that are looked at as well.
        speaker: Named before each line of progress.

    Returns:
        The photos that could be used, and the others.

    Raises:
        BadInput: None of the annotated photos can be used.
        Unavailable: Pillow is not installed.
    """
    read: list[AnnotatedPhoto] = []
    unreadable: list[Unreadable] = []
    progress = Progress(speaker)
    for photo in progress.count("looking at photos", photos.annotated):
        try:
            pixels = _pixels(photos.folder / photo.file, (photo.width, photo.height))
        except (NoSource, BadInput) as error:
            unreadable.append(Unreadable(photo.file, str(error)))
            continue
        read.append(photo)
        for find_poses, run in models:
            run.poses[photo.id] = find_poses(pixels)
            run.invoke_seconds.append(find_poses.invoke_seconds)
        for kind, degree, change in variations:
            changed = change(pixels, photo)
            for find_poses, run in models:
                varied = run.varied.setdefault((kind, degree), Varied())
                varied.photos.append(changed.photo)
                varied.poses[photo.id] = find_poses(changed.pixels)
    if not read:
        raise BadInput(_all_unreadable(unreadable, len(photos.annotated)))
    for path in progress.count("looking at photos without people", photos.nobody):
        try:
            pixels = _pixels(path)
        except (NoSource, BadInput) as error:
            unreadable.append(Unreadable(path.name, str(error)))
            continue
        for find_poses, run in models:
            run.nobody.append(find_poses(pixels))
    return read, unreadable


def compute(
    runs: Sequence[ModelRun], photos: Sequence[AnnotatedPhoto], resamples: int, reference: int | None
) -> tuple[list[Figures], list[Figures]]:
    """Compute the figures of each model, with progress on standard error.

    Args:
        runs: What each found.
        photos: The photos that could be used.
        resamples: Draws of photos for the intervals; 0: no intervals.
        reference: Index of the model against which the others are compared; None: no comparison.

    Returns:
        The figures of each model, and the comparisons.
    """
    progress = Progress(_SPEAKER)
    draws = draw(len(photos), resamples)
    figures: list[Figures] = []
    drawn: list[Draws] = []
    for run in runs:
        evaluation = CocoEvaluation(photos, run.poses)
        figures.append(model_figures(run, evaluation, photos))
        counted = progress.count(f"intervals of {run.name}", list(draws))
        drawn.append(Headline(evaluation, photos).resampled(counted))
        if resamples:
            figures[-1]["intervals"] = intervals(drawn[-1])
    if reference is None:
        return figures, []
    others = [number for number in range(len(runs)) if number != reference]
    compared = [comparison(figures[number], figures[reference], drawn[number], drawn[reference]) for number in others]
    return figures, compared


def _find_photos(arguments: argparse.Namespace) -> Photos:
    """Read the annotations and list the folders; what is in the folder but not in the annotations is warned of."""
    annotated = read_annotations(Path(arguments.annotations))
    folder = Path(arguments.images)
    names = {Path(photo.file) for photo in annotated}
    unlisted = [path.name for path in _photos_in(folder) if path.relative_to(folder) not in names]
    if unlisted:
        print(
            f"{_SPEAKER}: {len(unlisted)} photos in {quoted(folder)} are not in the annotations, and are left out: "
            f"{_named(unlisted)}",
            file=sys.stderr,
        )
    return Photos(folder, annotated, _photos_in(Path(arguments.nobody)) if arguments.nobody else ())


def _photos_in(folder: Path) -> list[Path]:
    """List the photos in a folder, in the order of their names; at least one."""
    if not is_folder(folder, "a folder of photos"):
        raise NoSource(f"{quoted(folder)} is a file, expected a folder of photos")
    try:
        found = sorted(path for path in folder.iterdir() if is_photo(path))
    except OSError as error:
        raise BadInput(f"{quoted(folder)} cannot be listed: {reason(error)}") from error
    if not found:
        raise NoSource(f"{quoted(folder)} has no photos, expected files ending in {', '.join(SUFFIXES)}")
    return found


def _pixels(path: Path, size: tuple[int, int] | None = None) -> Pixels:
    """Read a photo, which must have the size, width and height, for which it is annotated, if it is."""
    pixels = read_whole_photo(path)
    height, width = pixels.shape[:2]
    if size and (width, height) != size:
        raise BadInput(f"{quoted(path)} has {width}x{height} px, expected {size[0]}x{size[1]} as in the annotations")
    return pixels


def _all_unreadable(unreadable: Sequence[Unreadable], count: int) -> str:
    more = f"; and {len(unreadable) - _MAX_NAMED} more" if len(unreadable) > _MAX_NAMED else ""
    whys = "; ".join(each.reason for each in unreadable[:_MAX_NAMED])
    return f"{len(unreadable)} of {count} photos could not be used: {whys}{more}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(map(quoted, names[:_MAX_NAMED])) + more


def _text(results: Figures) -> str:
    return "\n\n".join([summary(results), *map(as_text, tables(results)), NOTE])
