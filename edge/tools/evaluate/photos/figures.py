"""The figures of one model, as ``--json`` prints them; each key is explained in docs/evaluate.md."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.pose import KEYPOINT_NAMES, Pose
from edge.tools.evaluate.photos.accuracy import CocoEvaluation, PersonResult
from edge.tools.evaluate.photos.annotations import AnnotatedPhoto
from edge.tools.evaluate.photos.bootstrap import Interval, differences, interval
from edge.tools.evaluate.photos.calibration import Calibration, joint_calibration, pose_calibration
from edge.tools.evaluate.photos.thresholds import bodies, threshold_curve

HEIGHTS = {"small": 0.3, "middle": 0.6, "large": math.inf}
"""Classes of people by the height of their box: upper limits as a fraction of the photo's height."""
_CROWDS = {"1": 1, "2-3": 3, "4+": math.inf}
"""Classes of photos by the number of people who are to be found: upper limits."""
HOME_LIKE = "_home_like"
"""Ends the keys of the figures of those photos that are like a home."""

Figures = dict[str, Any]
Values = dict[str, float | None]
Draws = dict[str, list[float | None]]
"""By key, one value for each draw of photos."""
Poses = dict[int, list[Pose]]
"""By the photo's id, px of the photo."""


@dataclass
class Varied:
    """The photos after a variation, with the people where they are then, and what was found in them."""

    photos: list[AnnotatedPhoto] = field(default_factory=list)
    poses: Poses = field(default_factory=dict)


@dataclass
class ModelRun:
    """Poses that one model found, photo by photo."""

    name: str
    input_size: tuple[int, int]
    """Width and height, px."""
    poses: Poses = field(default_factory=dict)
    varied: dict[tuple[str, str], Varied] = field(default_factory=dict)
    """By kind and degree of the variation."""
    nobody: list[list[Pose]] = field(default_factory=list)
    """In each photo without people."""
    invoke_seconds: list[float] = field(default_factory=list)


class Headline:
    """Computes the figures that have intervals, for any draw of photos."""

    def __init__(self, evaluation: CocoEvaluation, photos: Sequence[AnnotatedPhoto]) -> None:
        """Count photo by photo.

        Args:
            evaluation: Of these photos.
            photos: All photos.
        """
        self._evaluation = evaluation
        home_like = [photo.home_like for photo in photos]
        self._home_like = None if None in home_like else np.array(home_like, np.bool_)
        # Columns: people, those found, their labelled joints, and those in the right place.
        self._counts = np.zeros((len(photos), 4), np.int64)
        for each in evaluation.people:
            labelled, right = (int(joints.sum()) for joints in (each.person.labelled, each.right))
            self._counts[each.photo] += (1, 1, labelled, right) if each.pose else (1, 0, 0, 0)

    def __call__(self, drawn: NDArray[np.intp]) -> Values:
        """Compute them.

        Args:
            drawn: Indices of the photos to use, some perhaps several times.

        Returns:
            By key: those of COCO's, also of photos that are like a home where the annotations say so, ``found``
            and ``pck``.
        """
        values: Values = dict(self._evaluation.accuracy(drawn)._asdict())
        if self._home_like is not None:
            at_home = self._evaluation.accuracy(drawn[self._home_like[drawn]])
            values |= {key + HOME_LIKE: value for key, value in at_home._asdict().items()}
        people, found, labelled, right = self._counts[drawn].sum(axis=0).tolist()
        return {**values, "found": _share(found, people), "pck": _share(right, labelled)}

    def resampled(self, draws: Iterable[NDArray[np.intp]]) -> Draws:
        """Compute them for each draw; by key, one value for each draw."""
        values: Draws = {key: [] for key in self(np.arange(len(self._counts)))}
        for drawn in draws:
            for key, value in self(drawn).items():
                values[key].append(value)
        return values


def model_figures(run: ModelRun, evaluation: CocoEvaluation, photos: Sequence[AnnotatedPhoto]) -> Figures:
    """Compute all figures of a model but the intervals.

    Args:
        run: What it found.
        evaluation: Of ``run.poses`` in these photos.
        photos: Those that could be read.

    Returns:
        The figures, 0..1 unless the key says something else.
    """
    people = evaluation.people
    figures: Figures = {
        "model": run.name,
        "input": f"{run.input_size[0]}x{run.input_size[1]}",
        "invoke_ms": 1000 * median(run.invoke_seconds) if run.invoke_seconds else None,
        **Headline(evaluation, photos)(np.arange(len(photos))),
        "by_height": by_height(people),
        "by_people": _by_people(evaluation, photos),
        "by_keypoint": _by_keypoint(people),
    }
    for (kind, degree), varied in run.varied.items():
        changed = CocoEvaluation(varied.photos, varied.poses)
        figures.setdefault(f"by_{kind}", {})[degree] = {"ap": changed.accuracy().ap, **_group(changed.people)}
    own = CocoEvaluation(photos, {number: bodies(poses) for number, poses in run.poses.items()})
    empty = [bodies(poses) for poses in run.nobody]
    figures["thresholds"] = [each._asdict() for each in threshold_curve(own, empty)]
    figures["calibration"] = {
        "joints": _as_json(joint_calibration(evaluation)),
        "poses": _as_json(pose_calibration(evaluation)),
    }
    return figures


def by_height(people: Sequence[PersonResult]) -> Figures:
    """Group people by their height in the photo; classes without anybody are there with None."""
    return {
        name: _group([each for each in people if _class_of(each.person.height_share, HEIGHTS) == name])
        for name in HEIGHTS
    }


def intervals(values: Draws) -> dict[str, Interval | None]:
    """Find the interval of each figure."""
    return {key: interval(drawn) for key, drawn in values.items()}


def comparison(ours: Figures, theirs: Figures, our_draws: Draws, their_draws: Draws) -> Figures:
    """Compare two models on the same photos.

    Args:
        ours: Figures of the one.
        theirs: Figures of the other.
        our_draws: Values of the same draws of photos.
        their_draws: So of the other.

    Returns:
        For each figure that both have, the difference and its interval.
    """
    result: Figures = {"model": ours["model"], "against": theirs["model"]}
    for key, values in our_draws.items():
        if ours[key] is not None and theirs[key] is not None:
            ends = interval(differences(values, their_draws[key]))
            result[key] = {"difference": ours[key] - theirs[key], "interval": ends}
    return result


def rounded(value: Any) -> Any:
    """Round all numbers in figures to 4 decimals."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return round(float(value), 4) if isinstance(value, float) else value


def _group(people: Sequence[PersonResult]) -> Figures:
    found = [each for each in people if each.pose]
    return {
        "people": len(people),
        "found": _share(len(found), len(people)),
        "pck": _share(
            sum(int(each.right.sum()) for each in found), sum(int(each.person.labelled.sum()) for each in found)
        ),
    }


def _by_people(evaluation: CocoEvaluation, photos: Sequence[AnnotatedPhoto]) -> Figures:
    groups: Figures = {}
    for name in _CROWDS:
        inside = {
            number
            for number, photo in enumerate(photos)
            if photo.people_count and _class_of(photo.people_count, _CROWDS) == name
        }
        people = [each for each in evaluation.people if each.photo in inside]
        groups[name] = {"photos": len(inside), "ap": evaluation.accuracy(sorted(inside)).ap, **_group(people)}
    return groups


def _by_keypoint(people: Sequence[PersonResult]) -> Figures:
    groups: Figures = {}
    for number, name in enumerate(KEYPOINT_NAMES):
        right = [bool(each.right[number]) for each in people if each.pose and each.person.labelled[number]]
        groups[name] = {"joints": len(right), "pck": _share(sum(right), len(right))}
    return groups


def _class_of(value: float, classes: dict[str, float]) -> str:
    return next(name for name, limit in classes.items() if value <= limit)


def _share(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _as_json(calibration: Calibration) -> Figures:
    curve = [each._asdict() for each in calibration.curve]
    return {"number": calibration.number, "ece": calibration.ece, "curve": curve}
