"""``python -m scripts.measure.blindness``: where the model no longer finds people, and what is said of it.

Photos of people are made dark, hazy, pale, blurred and over-exposed by degrees, with a sensor's noise. The least values
of ``edge.image_quality`` are those around which people are found in half of the photos in which they were found before.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.settings import Settings
from edge.image_quality import ImageQuality, blindness, is_sure
from edge.report.analytics.engine import MIN_SCORES
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.models import Models
from edge.sense.measure_image import measure_image
from edge.sense.track.detections import find_detections
from edge.tools.evaluate.photos.pose_finder import PoseFinder
from edge.tools.progress import Progress
from scripts.measure.script import run
from scripts.modelbuild import photos

_ROWS = 480
"""Height to which each photo is scaled first, px."""
_NOISE = 2.0
"""Standard deviation of the sensor's noise, grey levels."""
_WHITE, _GREY = 200.0, 60.0
"""Grey levels of haze, and of a film before the lens in a dim room."""
_AROUND = 1.15
"""Pictures count as around a value from the value over this to the value times this."""

Grey = NDArray[np.float32]


def _lamp(picture: Grey, gain: float) -> Grey:
    lit = picture * gain
    cv2.circle(lit, (picture.shape[1] // 8, picture.shape[0] // 8), picture.shape[0] // 10, (250, 250, 250), -1)
    return lit


def _blur(picture: Grey, sigma: float) -> Grey:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma * picture.shape[0]), np.float32)


_SHARES = (0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 1.0)
DEGRADATIONS: dict[str, tuple[Callable[[Grey, float], Grey], tuple[float, ...]]] = {
    "dark": (lambda picture, gain: picture * gain, (0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.035, 0.015, 0.0)),
    "dark, a lamp": (_lamp, (0.2, 0.1, 0.05, 0.0)),
    "haze": (lambda picture, share: picture * (1 - share) + _WHITE * share, _SHARES),
    "pale": (lambda picture, share: picture * (1 - share) + _GREY * share, _SHARES),
    "blurred": (_blur, (0.003, 0.006, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06)),
    "over-exposed": (lambda picture, gain: picture * gain, (2.0, 3.0, 4.0, 6.0, 8.0, 16.0, 32.0)),
}
"""By name: what is done, and its degrees: gain, share of the veil, or sigma in heights of the picture."""
JUDGED_BY = {"brightness": ("dark",), "contrast": ("haze", "pale"), "sharpness": ("blurred",)}
"""The degradations that each measure is there for."""


class Look(NamedTuple):
    """Result for one degraded photo."""

    degradation: str
    degree: float
    quality: ImageQuality
    seen: bool
    """A body that counts as a person."""
    sure: bool
    """A body that proves that the camera sees."""

    @property
    def blind(self) -> bool:
        """True if it is said that nobody can be seen."""
        return blindness(self.quality) != "" and not self.sure


def degrade(pixels: Pixels, seed: int) -> Iterator[tuple[str, float, Pixels]]:
    """Degrade a photo in all ways.

    Args:
        pixels: RGB.
        seed: Of the noise.

    Yields:
        The degradation, its degree, and the picture.
    """
    random = np.random.default_rng(seed)
    for name, (change, degrees) in DEGRADATIONS.items():
        for degree in degrees:
            changed = change(pixels.astype(np.float32), degree)
            noisy = changed + random.normal(0, _NOISE, changed.shape)
            yield name, degree, np.clip(noisy, 0, 255).astype(np.uint8)


class Observer:
    """Model and measures, as the sensor has them by default."""

    def __init__(self, settings: Settings) -> None:
        """Load the model."""
        model = Models(settings).model
        self._find_poses = PoseFinder(settings, model)
        self._measure = partial(measure_image, height=model.height, width=model.width)
        self._least = MIN_SCORES[settings.people.sensitivity]

    def look(self, pixels: Pixels, degradation: str = "", degree: float = 0.0) -> Look:
        """Look at a picture."""
        bodies = [body for body in find_detections(self._find_poses(pixels)).poses if body.score >= self._least]
        return Look(degradation, degree, self._measure(pixels), bool(bodies), any(map(is_sure, bodies)))


def look_at_all(observer: Observer, folders: list[Path], with_people: bool) -> tuple[int, list[Look]]:
    """Degrade the photos of folders.

    Args:
        observer: Looks at them.
        folders: Of photos.
        with_people: Take only those in which somebody is found before.

    Returns:
        The number of photos, and what was found in the degraded ones.
    """
    files = [file for folder in folders for file in photos.listed(folder)]
    count, looks = 0, []
    for number, file in enumerate(Progress("blindness").count("looking at photos", files)):
        photo = photos.read(file)
        size = round(photo.shape[1] * _ROWS / photo.shape[0]), _ROWS
        pixels = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
        if with_people and not observer.look(pixels).seen:
            continue
        count += 1
        looks += [observer.look(picture, name, degree) for name, degree, picture in degrade(pixels, number)]
    return count, looks


def half_recall(values: NDArray[np.float64], seen: NDArray[np.bool_]) -> float:
    """Find the greatest value of a measure around which less than half of the people are found.

    Args:
        values: ``[n]``, of each picture.
        seen: ``[n]``.

    Returns:
        The value; 0 if there is none.
    """
    for value in np.geomspace(max(values.max(initial=0.0), 1e-3), 1e-3, 400):
        around = (values >= value / _AROUND) & (values <= value * _AROUND)
        if around.sum() >= max(len(values) / 50, 1) and seen[around].mean() < 0.5:
            return float(value)
    return 0.0


def describe(people: list[Look], nobody: list[Look]) -> Iterator[str]:
    """Results as lines of text."""
    yield f"{'degradation':<15}{'degree':>7}{'somebody found':>16}{'called blind':>14}{'without people':>16}"
    for name, (_, degrees) in DEGRADATIONS.items():
        for degree in degrees:
            shown, empty = ([look for look in looks if look[:2] == (name, degree)] for looks in (people, nobody))
            found, blind = _share(look.seen for look in shown), _share(look.blind for look in shown)
            yield f"{name:<15}{degree:>7}{found:>16}{blind:>14}{_share(look.blind for look in empty):>16}"
    yield ""
    for measure, names in JUDGED_BY.items():
        looks = [look for look in people if look.degradation in names]
        values = np.array([getattr(look.quality, measure) for look in looks])
        value = half_recall(values, np.array([look.seen for look in looks]))
        yield f"{measure}: half of the people are found around {value:.3f}"
    judged = [look for look in people if any(look.degradation in names for names in JUDGED_BY.values())]
    unsure = [look for look in people if not look.sure]
    yield f"called blind with a sure body: {sum(look.blind and look.sure for look in people)} of {len(people)}"
    yield f"called blind, of pictures without a sure body: {_share(look.blind for look in unsure)}"
    yield f"nobody found, of those called blind: {_share(not look.seen for look in judged if look.blind)}"
    yield f"called blind, of those in which nobody is found: {_share(look.blind for look in judged if not look.seen)}"


def _share(flags: "Iterator[bool]") -> str:
    values = list(flags)
    return f"{100 * sum(values) / len(values):.0f} %" if values else "-"


def main() -> int:
    """Print the results; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.measure.blindness", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="+", help="photos of people")
    parser.add_argument("--nobody", type=Path, required=True, metavar="FOLDER", help="photos without people")
    arguments = parser.parse_args()
    look = partial(look_at_all, Observer(Settings()))
    count, people = look(arguments.folder, with_people=True)
    empty, nobody = look([arguments.nobody], with_people=False)
    print(f"{count} photos in which somebody is found, {empty} without people")
    for line in describe(people, nobody):
        print(line)
    return 0


if __name__ == "__main__":
    run("blindness", main)
