"""Follows bodies from picture to picture: who is expected where, who is seen, who comes and who has gone."""

from collections.abc import Iterable

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
        ("seen", np.float64),
        ("places", np.complex128, KEYPOINT_COUNT),  # x + iy, px, as decoded
        ("sure", np.bool_, KEYPOINT_COUNT),
        ("size", np.float64),  # px
        ("velocity", np.complex128),  # px/s, of the whole body
        ("smooth", np.complex128, KEYPOINT_COUNT),  # px, as published
        ("slopes", np.complex128, KEYPOINT_COUNT),  # px/s, the filter's
    ]
)
"""All that is known of a body; it goes when the body has gone."""
_ALIKE = 0.2
"""OKS from which on a body may be the one that was expected (as in tfjs's tracker)."""
_ROAM = 1.0
"""Body sizes a second by which a body may stray from where it was going; one that walks by makes two."""
_RUSH = 4.0
"""The same of one that starts to run, or falls: for those who were seen just now and would else be lost."""
_FORESIGHT = 1.0
"""Seconds for which a body that is not seen is thought to go on as it went."""
_FADE = 0.5
"""Seconds after which an unseen body's claim on a pose has faded to 1/e of its OKS."""
_INERTIA = 0.2
"""Seconds over which the velocity of a body is averaged."""
_MOMENT = 1e-3
"""Seconds; pictures that are closer are of the same moment, and no speed can be told from them."""
_MISSES = 3
"""Pictures for which a person is waited for at least, where they come so rarely that ``keep`` has fewer."""
_LONGEST = 30.0
"""Seconds between pictures that belong together: three times what there are at the lowest ``camera.frame_rate``."""
_MOST = 2 * MAX_POSES
"""Bodies that are followed at most, seen and unseen, so that no flood of them takes more and more time."""


# A body is expected where its velocity takes it, and may have strayed from there the farther the longer it was unseen.
# Each pose goes to the body that it is most alike (OKS), the most alike pair first: persons before what is no person
# yet, and of two persons rather the one that was seen just now; else somebody hidden, who may be anywhere, would take
# the pose of whoever stands in front. What is left over is tried again with more room, for who starts to run or falls.
# A pose that nobody takes begins a body, which becomes a person once it was seen in every picture for ``confirm``
# seconds; where there is no past to doubt it by (at the start, after a gap) at once.
class Tracker:
    """``update(poses, now)`` says who is who; ``settings`` may be exchanged at any time."""

    def __init__(self, settings: TrackSettings) -> None:
        self.settings = settings
        self._ids = Ids()
        self._tracks: NDArray[np.void] = np.zeros(0, _TRACK)
        """Those seen in the last picture first, then ever longer ago."""
        self._now: float | None = None
        self._time = 0.0
        """Seconds since the first picture, as far as ``now`` went forwards."""
        self._step = settings.keep
        """Seconds between the last two pictures; after the first, when nothing is known of them yet, generous."""

    def update(self, poses: Iterable[Pose], now: float) -> list[Person]:
        """Each person who is among ``poses``, smoothed, the surest first; none who is only expected.

        now: when the picture was taken, s, on any clock; a step backwards counts as no time. Positions are px, to 0.01.
        """
        bodies = find_detections(poses)
        without_past = self._advance(now)
        rows, columns = self._match(bodies)
        tracks = _begin(bodies, -np.inf if without_past else self._time)
        if rows:
            tracks[columns] = self._follow(self._tracks[rows], bodies, columns)
        tracks["seen"] = self._time
        for row in np.flatnonzero((tracks["id"] == 0) & (self._time - tracks["born"] >= self.settings.confirm)):
            tracks["id"][row] = self._ids.give(self._time)
        unseen = self._tracks["id"] > 0
        unseen[rows] = False
        waiting = self._tracks[unseen]
        self._tracks = np.concatenate((tracks, waiting))[:_MOST] if len(waiting) else tracks
        if self._tracks["id"].any():
            self._ids.in_use(self._time)
        return _persons(tracks, bodies.poses)

    def _advance(self, now: float) -> bool:
        """Moves the time on and forgets who has gone; True where nothing of the past can be compared with now."""
        if self._now is None:
            self._now = now
            return True
        step, self._now = max(0.0, now - self._now), now
        self._time += step
        patience = max(self.settings.keep, min(_MISSES * self._step, _LONGEST))
        self._step = step
        self._tracks = self._tracks[self._time - self._tracks["seen"] <= patience]
        return step > patience

    def _match(self, bodies: Detections) -> tuple[list[int], list[int]]:
        """Which track (row) is which body (column)."""
        rows: list[int] = []
        columns: list[int] = []
        age = self._time - self._tracks["seen"]
        just_now = age <= self._step + _MOMENT
        for roam, who in ((_ROAM, age >= 0), (_RUSH, just_now)):
            if len(rows) < len(self._tracks) and len(columns) < len(bodies.poses):
                claim = self._claim(bodies, age, roam)
                claim[~who] = -1.0
                for pair in np.argsort(-claim, axis=None, kind="stable")[: np.count_nonzero(claim >= 0)].tolist():
                    row, column = divmod(pair, len(bodies.poses))
                    if row not in rows and column not in columns:
                        rows.append(row)
                        columns.append(column)
        return rows, columns

    def _claim(self, bodies: Detections, age: NDArray[np.float64], roam: float) -> NDArray[np.float64]:
        """How strong each track's claim on each body is, ``[t, n]``; below 0, it has none."""
        tracks = self._tracks
        ahead = np.minimum(age, _FORESIGHT)
        expected = tracks["places"] + (tracks["velocity"] * ahead)[:, None]
        alike = similarity(expected, tracks["sure"], tracks["size"], roam * ahead, bodies)
        claim = (tracks["id"] > 0)[:, None] + alike * np.exp(-age / _FADE)[:, None]
        return np.where(alike < _ALIKE, -1.0, claim)

    def _follow(self, tracks: NDArray[np.void], bodies: Detections, columns: list[int]) -> NDArray[np.void]:
        """The tracks brought up to the bodies that they are."""
        places, sure, sizes = bodies.places[columns], bodies.sure[columns], bodies.sizes[columns]
        age = self._time - tracks["seen"]
        moves = age >= _MOMENT
        dt = np.where(moves, age, 1.0)
        common = sure & tracks["sure"]
        path = (places - tracks["places"]).sum(axis=1, where=common) / np.maximum(common.sum(axis=1), 1)
        share = np.where(moves, 1 - np.exp(-dt / _INERTIA), 0.0)
        tracks["velocity"] += share * (path / dt - tracks["velocity"])
        if self.settings.smoothing == "off":
            tracks["smooth"], tracks["slopes"] = places, 0.0
        else:
            tracks["smooth"], tracks["slopes"] = smooth(
                places,
                common & moves[:, None],
                tracks["smooth"],
                tracks["slopes"],
                sizes,
                dt,
                STRENGTHS[self.settings.smoothing],
            )
        tracks["places"], tracks["sure"], tracks["size"] = places, sure, sizes
        return tracks


def _begin(bodies: Detections, born: float) -> NDArray[np.void]:
    """A new track for each body."""
    tracks = np.zeros(len(bodies.poses), _TRACK)
    tracks["born"] = born
    tracks["places"] = tracks["smooth"] = bodies.places
    tracks["sure"], tracks["size"] = bodies.sure, bodies.sizes
    return tracks


def _persons(tracks: NDArray[np.void], poses: list[Pose]) -> list[Person]:
    """Those of the tracks that are persons, each at the smoothed places and with the scores of its pose."""
    xs, ys = tracks["smooth"].real.round(2).tolist(), tracks["smooth"].imag.round(2).tolist()
    return [
        Person(number, Pose(pose.score, tuple(map(Keypoint, x, y, (point.score for point in pose.keypoints)))))
        for number, x, y, pose in zip(tracks["id"].tolist(), xs, ys, poses, strict=True)
        if number
    ]
