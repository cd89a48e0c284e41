"""``python -m scripts.measure.track_clip CLIP``: measure tracking and smoothing in a clip.

In the clip people must appear one at a time, as there is no annotation of who is who: a visit is an interval with
somebody in view, and should have one id of its own. Jitter is measured on people who stand still, lag on keypoints
that move.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.config.settings import Settings
from edge.errors import BadInput
from edge.pose import SURE, Person, Pose
from edge.report import configuration
from edge.sense.camera.files.clip import Clip
from edge.sense.inference.models import Models
from edge.sense.track import Tracker
from edge.sense.track.detections import find_detections
from edge.tools.evaluate.photos.pose_finder import PoseFinder
from scripts.measure.script import run

_VISIT_ENDS_AFTER_S = 2.0
"""Time without a body that ends a visit."""
_WINDOW = 12
"""Frames over which a person is judged to stand still or to move."""
_MAX_STILL_SPEED, _MIN_MOVING_SPEED = 0.05, 0.5
"""Body sizes per second."""
_SHIFTS = np.arange(0.0, 3.01, 0.05)
"""Lags that are tried, frames."""


class TrackedFrame(NamedTuple):
    """One frame: its time, whether it has a body, and its persons without and with smoothing."""

    time: float
    body: bool
    raw: list[Person]
    smooth: list[Person]


@dataclass
class Visit:
    """Interval with somebody in view, s."""

    start: float
    end: float
    ids: list[int] = field(default_factory=list)
    """Id of the person of the highest score in each frame that has one."""

    @property
    def switches(self) -> int:
        """Number of changes of the id."""
        return sum(before != after for before, after in zip(self.ids, self.ids[1:], strict=False))


class KeypointPaths(NamedTuple):
    """Paths of the ``k`` keypoints of one person that are sure in all of 12 frames."""

    raw: NDArray[np.float64]
    """``[12, k, 2]`` px."""
    smooth: NDArray[np.float64]
    """``[12, k, 2]`` px."""
    speeds: NDArray[np.float64]
    """``[k]`` body sizes per second, from the first half to the second."""


def track(clip: Path, settings: Settings, rate: float | None) -> tuple[list[TrackedFrame], list[float]]:
    """Track the persons in a clip.

    Args:
        clip: Its path.
        settings: Model, decoder and tracker.
        rate: Greatest number of frames per second to use; None for all.

    Returns:
        The frames, and the time that tracking and smoothing took in each, ms.

    Raises:
        NoSource: There is no such file.
        BadInput: It is not a clip, or has no frame.
        Unavailable: PyAV is not installed.
    """
    find_poses = PoseFinder(settings, Models(settings).model)
    raw, smooth = Tracker(replace(settings.track, smoothing="off")), Tracker(settings.track)
    frames: list[TrackedFrame] = []
    costs: list[float] = []
    opened = Clip(clip, settings.video.frame_rate)
    for moment, frame in opened.frames():
        if rate and frames and moment - frames[-1].time < 0.9 / rate:
            continue
        poses = find_poses(opened.pixels(frame))
        begun = time.perf_counter()
        persons = smooth.update(poses, moment)
        costs.append(1000 * (time.perf_counter() - begun))
        frames.append(TrackedFrame(moment, bool(find_detections(poses).poses), raw.update(poses, moment), persons))
    opened.close()
    if not frames:
        raise BadInput(f"{clip} has no frame that can be read; expected a clip")
    return frames, costs


def visits(frames: list[TrackedFrame]) -> list[Visit]:
    """Intervals with somebody in view that are at least 2 s apart."""
    found: list[Visit] = []
    for frame in frames:
        if frame.body or frame.smooth:
            if not found or frame.time - found[-1].end > _VISIT_ENDS_AFTER_S:
                found.append(Visit(frame.time, frame.time))
            found[-1].end = frame.time
            found[-1].ids += [person.id for person in frame.smooth[:1]]
    return found


def paths(frames: list[TrackedFrame]) -> Iterator[KeypointPaths]:
    """Windows of 12 frames that all have the same person."""
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
                yield _path([raw for _, raw, _ in window], [smooth for *_, smooth in window], period)


def _path(raw: list[Pose], smooth: list[Pose], period: float) -> KeypointPaths:
    before, after = (np.array([pose.keypoints for pose in poses]) for poses in (raw, smooth))
    sure = (before[..., 2] >= SURE).all(axis=0)
    before, after = before[:, sure, :2], after[:, sure, :2]
    size = max(1.0, float(np.linalg.norm(np.ptp(before[0], axis=0))) / 2) if sure.any() else 1.0
    half = _WINDOW // 2
    lengths = np.linalg.norm(before[half:].mean(axis=0) - before[:half].mean(axis=0), axis=-1)
    return KeypointPaths(before, after, lengths / (half * period) / size)


def jitter(places: list[NDArray[np.float64]]) -> float:
    """Root mean square of the distance from one frame to the next, px, over arrays ``[12, k, 2]``."""
    steps = np.concatenate([np.diff(each, axis=0).reshape(-1, 2) for each in places])
    return float(np.sqrt((steps**2).sum(axis=-1).mean()))


def lag(raw: NDArray[np.float64], smooth: NDArray[np.float64]) -> float:
    """Delay of ``raw`` ``[12, k, 2]``, in frames to 0.05, with which it is nearest to ``smooth``."""
    numbers = np.arange(len(raw))
    late = numbers[int(_SHIFTS[-1]) :]

    def distance(shift: float) -> float:
        down = np.floor(late - shift).astype(int)
        part = (late - shift - down)[:, None, None]
        delayed = (1 - part) * raw[down] + part * raw[np.minimum(down + 1, len(raw) - 1)]
        return float(((smooth[late] - delayed) ** 2).sum())

    return float(min(_SHIFTS, key=distance))


def describe(frames: list[TrackedFrame], costs: list[float]) -> Iterator[str]:
    """Results as lines of text."""
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
    found_paths = list(paths(frames))
    still = [path for path in found_paths if len(path.speeds) and np.median(path.speeds) < _MAX_STILL_SPEED]
    if still:
        before, after = jitter([path.raw for path in still]), jitter([path.smooth for path in still])
        share = f", {100 * after / before:.0f} % of it" if before else ""
        yield f"still for {_WINDOW * len(still)} frames: jitter {before:.2f} px, smoothed {after:.2f} px{share}"
    moving = [path for path in found_paths if (path.speeds > _MIN_MOVING_SPEED).any()]
    if moving:
        raw, smooth = (
            np.concatenate([places[:, path.speeds > _MIN_MOVING_SPEED] for path, places in pairs], axis=1)
            for pairs in ([(path, path.raw) for path in moving], [(path, path.smooth) for path in moving])
        )
        late = lag(raw, smooth)
        yield f"moving, {raw.shape[1]} keypoints: lag {late:.2f} frames, {1000 * late * period:.0f} ms"


def main() -> int:
    """Print the results; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.measure.track_clip", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--rate", type=float, metavar="N", help="take at most N frames a second (default: all)")
    parser.add_argument("--config", metavar="FILE", help="config.toml")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="such as track.smoothing=strong"
    )
    arguments = parser.parse_args()
    settings = configuration.load_for(arguments)
    for line in describe(*track(arguments.clip, settings, arguments.rate)):
        print(line)
    return 0


if __name__ == "__main__":
    run("track_clip", main)
