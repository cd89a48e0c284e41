"""``python -m edge.tools.evaluate.track_clip CLIP``: how well persons are followed and smoothed in a clip.

For clips in which people come one at a time, since nothing else says who is who: a visit is a stretch with somebody in
view, and should have one id of its own. Jitter is counted over people who stand still, lag over keypoints that move.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.config import loader
from edge.config.settings import Settings
from edge.data_files import MODELS
from edge.errors import BadInput, PosenetEdgeError
from edge.pose import Person, Pose
from edge.sense.camera.files.clip import Clip, upright
from edge.sense.decode import make_decoder
from edge.sense.inference.letterbox import Letterbox
from edge.sense.inference.model import Model
from edge.sense.inference.model_file import find_model
from edge.sense.track import Tracker
from edge.sense.track.detections import find_detections

_EMPTY = 2.0
"""Seconds without a body that end a visit."""
_WINDOW = 12
"""Frames over which somebody counts as still or as moving."""
_STILL, _MOVING = 0.05, 0.5
"""Body sizes a second: no faster, and no slower."""
_SURE = 0.3
"""Keypoint score from which on a keypoint is smoothed."""
_SHIFTS = np.arange(0.0, 3.01, 0.05)
"""Frames by which the smoothed way may lag behind the raw one."""


class Seen(NamedTuple):
    """One frame: its time, whether a body is in it, and the persons in it without and with smoothing."""

    time: float
    body: bool
    raw: list[Person]
    smooth: list[Person]


@dataclass
class Visit:
    """Somebody comes and goes."""

    start: float
    end: float
    ids: list[int] = field(default_factory=list)
    """Of the surest person of each frame that has one."""

    @property
    def switches(self) -> int:
        """How often the id changes."""
        return sum(before != after for before, after in zip(self.ids, self.ids[1:], strict=False))


class Way(NamedTuple):
    """12 frames of one person: the ``k`` keypoints that were sure in all of them."""

    raw: NDArray[np.float64]
    """``[12, k, 2]`` px."""
    smooth: NDArray[np.float64]
    speeds: NDArray[np.float64]
    """``[k]`` body sizes a second, from the first half to the second."""


def watch(clip: Path, settings: Settings, rate: float | None) -> tuple[list[Seen], list[float]]:
    """Every frame of the clip (at most ``rate`` a second), and the ms that each took to track and smooth.

    Raises NoSource and BadInput for what is no clip, Unavailable without PyAV.
    """
    model = Model(find_model(settings.model.file, MODELS), threads=1)
    fit = Letterbox(model.height, model.width, model.quantization)
    decode = make_decoder(settings.decode)
    raw, smooth = Tracker(replace(settings.track, smoothing="off")), Tracker(settings.track)
    frames: list[Seen] = []
    costs: list[float] = []
    opened = Clip(clip)
    for number, frame in enumerate(opened.frames()):
        moment = number / (opened.rate or settings.camera.frame_rate) if frame.time is None else frame.time
        if rate and frames and moment - frames[-1].time < 0.9 / rate:
            continue
        tensor, undo = fit(upright(frame))
        model.set_input(tensor)
        model.invoke()
        poses = [undo(pose) for pose in decode(model.heads())]
        begun = time.perf_counter()
        persons = smooth.update(poses, moment)
        costs.append(1000 * (time.perf_counter() - begun))
        frames.append(Seen(moment, bool(find_detections(poses).poses), raw.update(poses, moment), persons))
    opened.close()
    if not frames:
        raise BadInput(f"{clip} has no frame that can be read; expected a clip")
    return frames, costs


def visits(frames: list[Seen]) -> list[Visit]:
    """The stretches with somebody in view, no two of them closer than 2 s."""
    found: list[Visit] = []
    for frame in frames:
        if frame.body or frame.smooth:
            if not found or frame.time - found[-1].end > _EMPTY:
                found.append(Visit(frame.time, frame.time))
            found[-1].end = frame.time
            found[-1].ids += [person.id for person in frame.smooth[:1]]
    return found


def ways(frames: list[Seen]) -> Iterator[Way]:
    """Windows of 12 frames in which the same person is seen throughout."""
    by_id: dict[int, list[tuple[int, Pose, Pose]]] = {}
    for number, frame in enumerate(frames):
        for raw, smooth in zip(frame.raw, frame.smooth, strict=True):
            by_id.setdefault(raw.id, []).append((number, raw.pose, smooth.pose))
    for seen in by_id.values():
        for begin in range(0, len(seen) - _WINDOW + 1, _WINDOW):
            window = seen[begin : begin + _WINDOW]
            first, last = window[0][0], window[-1][0]
            if last - first == _WINDOW - 1:
                period = (frames[last].time - frames[first].time) / (_WINDOW - 1)
                yield _way([raw for _, raw, _ in window], [smooth for *_, smooth in window], period)


def _way(raw: list[Pose], smooth: list[Pose], period: float) -> Way:
    before, after = (np.array([pose.keypoints for pose in poses]) for poses in (raw, smooth))
    sure = (before[..., 2] >= _SURE).all(axis=0)
    before, after = before[:, sure, :2], after[:, sure, :2]
    size = max(1.0, float(np.linalg.norm(np.ptp(before[0], axis=0))) / 2) if sure.any() else 1.0
    half = _WINDOW // 2
    paths = np.linalg.norm(before[half:].mean(axis=0) - before[:half].mean(axis=0), axis=-1)
    return Way(before, after, paths / (half * period) / size)


def jitter(places: list[NDArray[np.float64]]) -> float:
    """Root mean square of the way from one frame to the next, px, over arrays ``[12, k, 2]``."""
    steps = np.concatenate([np.diff(each, axis=0).reshape(-1, 2) for each in places])
    return float(np.sqrt((steps**2).sum(axis=-1).mean()))


def lag(raw: NDArray[np.float64], smooth: NDArray[np.float64]) -> float:
    """Frames by which ``raw`` ``[12, k, 2]`` must be delayed to be nearest to ``smooth``, to 0.05."""
    numbers = np.arange(len(raw))
    late = numbers[int(_SHIFTS[-1]) :]

    def distance(shift: float) -> float:
        down = np.floor(late - shift).astype(int)
        part = (late - shift - down)[:, None, None]
        delayed = (1 - part) * raw[down] + part * raw[np.minimum(down + 1, len(raw) - 1)]
        return float(((smooth[late] - delayed) ** 2).sum())

    return float(min(_SHIFTS, key=distance))


def describe(frames: list[Seen], costs: list[float]) -> Iterator[str]:
    """What was found, a line each."""
    seconds = frames[-1].time - frames[0].time
    period = seconds / max(1, len(frames) - 1)
    yield f"{len(frames)} frames in {seconds:.1f} s, tracked and smoothed in {np.median(costs):.2f} ms each (median)"
    found = visits(frames)
    for visit in found:
        ids = ", ".join(map(str, dict.fromkeys(visit.ids))) or "none"
        yield f"visit {visit.start:.1f} to {visit.end:.1f} s: id {ids}; {visit.switches} switches"
    persons = {person.id for frame in frames for person in frame.smooth}
    crowded = sum(len(frame.smooth) > 1 for frame in frames)
    yield f"{len(found)} visits, {len(persons)} ids, {crowded} frames with more than one person"
    whole = list(ways(frames))
    still = [way for way in whole if len(way.speeds) and np.median(way.speeds) < _STILL]
    if still:
        before, after = jitter([way.raw for way in still]), jitter([way.smooth for way in still])
        share = f", {100 * after / before:.0f} % of it" if before else ""
        yield f"still for {_WINDOW * len(still)} frames: jitter {before:.2f} px, smoothed {after:.2f} px{share}"
    moving = [way for way in whole if (way.speeds > _MOVING).any()]
    if moving:
        raw, smooth = (
            np.concatenate([places[:, way.speeds > _MOVING] for way, places in pairs], axis=1)
            for pairs in ([(way, way.raw) for way in moving], [(way, way.smooth) for way in moving])
        )
        late = lag(raw, smooth)
        yield f"moving, {raw.shape[1]} keypoints: lag {late:.2f} frames, {1000 * late * period:.0f} ms"


def main() -> int:
    """Returns the exit code: 0, or what an error says."""
    parser = argparse.ArgumentParser(
        prog="python -m edge.tools.evaluate.track_clip", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--rate", type=float, metavar="N", help="take at most N frames a second (default: all)")
    parser.add_argument("--config", metavar="FILE", help="config.toml")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="such as track.smoothing=strong"
    )
    arguments = parser.parse_args()
    settings = loader.load(loader.config_path(arguments.config), arguments.set)
    for line in describe(*watch(arguments.clip, settings, arguments.rate)):
        print(line)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PosenetEdgeError as error:
        print(f"trackeval: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
