"""Track bodies from frame to frame: predict, match, begin and end tracks."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from edge.config.settings import TrackSettings
from edge.pose import KEYPOINT_COUNT, Keypoint, Person, Pose
from edge.sense.track.detections import Detections, find_detections
from edge.sense.track.ids import Ids
from edge.sense.track.oks import similarity
from edge.sense.track.one_euro import STRENGTHS, smooth
from edge.wire import MAX_POSES

_TRACK = np.dtype(
    [
        ("id", np.int64),  # 0: no person yet
        ("born", np.float64),  # s
        ("seen", np.float64),  # s
        ("positions", np.complex128, KEYPOINT_COUNT),  # x + iy, px, as decoded
        ("sure", np.bool_, KEYPOINT_COUNT),
        ("size", np.float64),  # px
        ("velocity", np.complex128),  # px/s, of the whole body
        ("smooth", np.complex128, KEYPOINT_COUNT),  # px, as published
        ("slopes", np.complex128, KEYPOINT_COUNT),  # px/s, of the filter
    ]
)
"""One body that is tracked; deleted when the body was not seen for too long."""

# docs/calibration.md, Tracking, has the evidence for these.
MIN_OKS = 0.2
"""Least OKS of a detection with an expected body (as in the tracker of tfjs)."""
GATE_WALK = 1.0
"""Body sizes a second by which a body may leave its expected path; somebody who walks by makes two."""
GATE_RUN = 4.0
"""Wider ``GATE_WALK`` for bodies that were just seen and would otherwise be lost: somebody starts to run, or falls."""
PREDICTION_S = 1.0
"""Time for which a body that is not seen is expected to keep its velocity."""
AFFINITY_DECAY_S = 0.5
"""Time after which the affinity of an unseen body to a detection has fallen to 1/e of its OKS."""
VELOCITY_S = 0.2
"""Time over which the velocity of a body is averaged."""
_SAME_MOMENT_S = 1e-3
"""Frames that are closer are simultaneous: no speed can be computed from them."""
_MIN_MISSES = 3
"""Least number of frames for which a person is kept unseen, at rates at which ``keep`` has fewer."""
_MAX_STEP_S = 30.0
"""Longest time between frames that belong together: three periods at the lowest ``camera.frame_rate``."""
_MAX_TRACKS = 2 * MAX_POSES
"""Most bodies that are tracked, seen and unseen, which bounds the time for a frame."""


# A body is expected where its velocity takes it, and may have left that path the farther the longer it was unseen. Each
# detection goes to the body with the highest affinity, which is its OKS: persons before bodies that are no persons yet,
# and of two persons rather the one that was just seen; otherwise somebody hidden, who may be anywhere, would take the
# detection of the person in front. Tracks and detections that are left over are matched again with a wider gate, for
# somebody who starts to run or falls. A detection without a track begins one, which becomes a person once it was seen
# in every frame for ``confirm`` seconds, or at once where there is no past (at the start, and after a gap).
class Tracker:
    """Give each person an id that lasts from frame to frame; ``settings`` may be replaced at any time."""

    def __init__(self, settings: TrackSettings) -> None:
        self.settings = settings
        self._ids = Ids()
        self._tracks: NDArray[np.void] = np.zeros(0, _TRACK)
        """Those seen in the last frame first, then in the order in which they were last seen."""
        self._now: float | None = None
        self._time = 0.0
        """Seconds since the first frame, as far as ``now`` went forwards."""
        self._step = settings.keep
        """Seconds between the last two frames; a long time after the first."""

    def update(
        self, poses: Iterable[Pose], now: float, claim: Callable[[Pose], int | None] = lambda _: None
    ) -> list[Person]:
        """Take in the poses of one frame.

        Args:
            poses: In any order.
            now: When the frame was taken, s, on any clock; a step backwards counts as no time.
            claim: Returns the id that a new person had before, if anybody knows; not called where there is no past.

        Returns:
            Each person who is among ``poses``, smoothed, to 0.01 px, the highest score first. Persons that are only
            expected are not included.
        """
        bodies = find_detections(poses)
        no_past = self._advance(now)
        rows, columns = self._match(bodies)
        tracks = _begin(bodies, -np.inf if no_past else self._time)
        if rows:
            tracks[columns] = self._follow(self._tracks[rows], bodies, columns)
        tracks["seen"] = self._time
        for row in np.flatnonzero((tracks["id"] == 0) & (self._time - tracks["born"] >= self.settings.confirm)):
            known = None if no_past else claim(bodies.poses[row])
            tracks["id"][row] = self._ids.give(self._time) if known is None or known in tracks["id"] else known
        unseen = (self._tracks["id"] > 0) & ~np.isin(self._tracks["id"], tracks["id"])
        unseen[rows] = False
        waiting = self._tracks[unseen]
        self._tracks = np.concatenate((tracks, waiting))[:_MAX_TRACKS] if len(waiting) else tracks
        if self._tracks["id"].any():
            self._ids.in_use(self._time)
        return _persons(tracks, bodies.poses)

    def skip(self, now: float) -> None:
        """Take in a frame at ``now`` s that was not looked at: what comes next has a past all the same."""
        self._advance(now)

    def recover(self, person: int | None, pose: Pose) -> Person | None:
        """Take in the body that a second look at the frame of the last ``update`` found.

        Args:
            person: The id of whose body it is, also of somebody whose track ended; None: of a new person.
            pose: In place of that of ``update``, if it had one.

        Returns:
            The person; None if the pose is no body.
        """
        bodies = find_detections([pose])
        if not bodies.poses:
            return None
        own = self._tracks["id"] == person
        if own.any():
            tracks = self._follow(self._tracks[own], bodies, [0])
        else:
            tracks = _begin(bodies, self._time)
            tracks["id"] = self._ids.give(self._time) if person is None else person
        tracks["seen"] = self._time
        self._tracks = np.concatenate((tracks, self._tracks[~own]))[:_MAX_TRACKS]
        return _persons(tracks, bodies.poses)[0]

    @property
    def is_settled(self) -> bool:
        """True if everybody who is tracked was found in the last frame, and is a person."""
        return bool(((self._tracks["id"] > 0) & (self._tracks["seen"] >= self._time)).all())

    @property
    def track_count(self) -> int:
        """Number of bodies that are tracked, seen and unseen."""
        return len(self._tracks)

    def _advance(self, now: float) -> bool:
        """Advance the time and end old tracks; True where the past cannot be compared with this frame."""
        if self._now is None:
            self._now = now
            return True
        step, self._now = max(0.0, now - self._now), now
        self._time += step
        patience = max(self.settings.keep, min(_MIN_MISSES * self._step, _MAX_STEP_S))
        self._step = step
        self._tracks = self._tracks[self._time - self._tracks["seen"] <= patience]
        return step > patience

    def _match(self, bodies: Detections) -> tuple[list[int], list[int]]:
        """Match tracks (rows) with bodies (columns)."""
        rows: list[int] = []
        columns: list[int] = []
        age = self._time - self._tracks["seen"]
        just_seen = age <= self._step + _SAME_MOMENT_S
        for gate, eligible in ((GATE_WALK, age >= 0), (GATE_RUN, just_seen)):
            if len(rows) < len(self._tracks) and len(columns) < len(bodies.poses):
                affinity = self._affinity(bodies, age, gate)
                affinity[~eligible] = -1.0
                for pair in np.argsort(-affinity, axis=None, kind="stable")[: np.count_nonzero(affinity >= 0)].tolist():
                    row, column = divmod(pair, len(bodies.poses))
                    if row not in rows and column not in columns:
                        rows.append(row)
                        columns.append(column)
        return rows, columns

    def _affinity(self, bodies: Detections, age: NDArray[np.float64], gate: float) -> NDArray[np.float64]:
        """Compute the affinity of each track with each body, ``[t, n]``; below 0: none."""
        tracks = self._tracks
        ahead = np.minimum(age, PREDICTION_S)
        expected = tracks["positions"] + (tracks["velocity"] * ahead)[:, None]
        oks = similarity(expected, tracks["sure"], tracks["size"], gate * ahead, bodies)
        affinity = (tracks["id"] > 0)[:, None] + oks * np.exp(-age / AFFINITY_DECAY_S)[:, None]
        return np.where(oks < MIN_OKS, -1.0, affinity)

    def _follow(self, tracks: NDArray[np.void], bodies: Detections, columns: list[int]) -> NDArray[np.void]:
        """Update tracks with the bodies that they were matched with."""
        positions, sure, sizes = bodies.positions[columns], bodies.sure[columns], bodies.sizes[columns]
        age = self._time - tracks["seen"]
        moves = age >= _SAME_MOMENT_S
        dt = np.where(moves, age, 1.0)
        common = sure & tracks["sure"]
        moved = (positions - tracks["positions"]).sum(axis=1, where=common) / np.maximum(common.sum(axis=1), 1)
        weight = np.where(moves, 1 - np.exp(-dt / VELOCITY_S), 0.0)
        tracks["velocity"] += weight * (moved / dt - tracks["velocity"])
        if self.settings.smoothing == "off":
            tracks["smooth"], tracks["slopes"] = positions, 0.0
        else:
            tracks["smooth"], tracks["slopes"] = smooth(
                positions,
                common & moves[:, None],
                tracks["smooth"],
                tracks["slopes"],
                sizes,
                dt,
                STRENGTHS[self.settings.smoothing],
            )
        tracks["positions"], tracks["sure"], tracks["size"] = positions, sure, sizes
        return tracks


def _begin(bodies: Detections, born: float) -> NDArray[np.void]:
    """Begin a track for each body."""
    tracks = np.zeros(len(bodies.poses), _TRACK)
    tracks["born"] = born
    tracks["positions"] = tracks["smooth"] = bodies.positions
    tracks["sure"], tracks["size"] = bodies.sure, bodies.sizes
    return tracks


def _persons(tracks: NDArray[np.void], poses: list[Pose]) -> list[Person]:
    """Make persons of the tracks that are some, with smoothed positions and the scores of their poses."""
    xs, ys = tracks["smooth"].real.round(2).tolist(), tracks["smooth"].imag.round(2).tolist()
    return [
        Person(number, Pose(pose.score, tuple(map(Keypoint, x, y, (point.score for point in pose.keypoints)))))
        for number, x, y, pose in zip(tracks["id"].tolist(), xs, ys, poses, strict=True)
        if number
    ]
