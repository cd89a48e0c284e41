"""Looks at the whole frame turned, for people who were never seen upright.

They lay there before, or the camera looks straight down.
"""

import math
from collections.abc import Iterable

from edge.config.settings import AttentionSettings
from edge.pose import Pose
from edge.sense.attention.outline import XY, Outline
from edge.sense.attention.view import View, whole
from edge.sense.attention.watch import Watch

_TURNS = (1, 3, 2)
"""Order of the quarter turns."""
_MIN_SCORE, _MIN_KEYPOINTS = 0.3, 6
"""Least score and number of sure keypoints of a body that only the turned frame shows."""
_MAX_OVERLAP = 0.3
"""Part of a box from which on the body is somebody who is known."""
_OWN_HEIGHTS = 0.7
"""Distance within which it is, too."""
_DOUBTED_S, _DOUBTED_HEIGHTS = 300.0, 0.3
"""Time for which, and distance within which, a body that was not confirmed is not believed again."""


class Survey:
    """Plans these looks, and finds bodies in them that nobody knew."""

    def __init__(self, settings: AttentionSettings) -> None:
        self.settings = settings
        self._looked_at: float | None = None
        self._looks = 0
        self._doubts: list[tuple[float, XY, float]] = []
        """Time, place and reach of bodies that were not confirmed."""

    def is_due(self, now: float) -> bool:
        """Tell whether it is time for a look; the first one is made after an interval of upright ones."""
        if self._looked_at is None:
            self._looked_at = now
        return self.settings.survey > 0 and now - self._looked_at >= self.settings.survey

    def view(self, size: tuple[int, int], now: float) -> View:
        """Choose the turn of the next look, which is made at ``now`` s."""
        self._looked_at = now
        self._looks += 1
        return whole(*size, _TURNS[self._looks % len(_TURNS)])

    def doubt(self, watch: Watch, now: float) -> None:
        """Remember a body that was not confirmed."""
        self._doubts.append((now, watch.place, _DOUBTED_HEIGHTS * watch.height))

    def find(self, poses: Iterable[Pose], known: Iterable[Watch], turns: int, now: float) -> list[Watch]:
        """Find bodies that nobody knew.

        Args:
            poses: What the look found, px of the frame.
            known: Everybody who is tracked or looked for.
            turns: Of the look.
            now: Time of the frame, s.

        Returns:
            A watch for each, without an id.
        """
        self._doubts = [doubt for doubt in self._doubts if 0 <= now - doubt[0] <= _DOUBTED_S]
        watches = list(known)
        found: list[Watch] = []
        for pose in sorted(poses, reverse=True):
            outline = Outline.of(pose)
            if outline is None or outline.score < _MIN_SCORE or outline.sure_count < _MIN_KEYPOINTS:
                continue
            if self._is_doubted(outline) or any(_is_of(outline, watch) for watch in watches + found):
                continue
            watch = Watch(None, outline)
            watch.found_at, watch.found, watch.found_turns = now, outline, turns
            found.append(watch)
        return found

    def _is_doubted(self, outline: Outline) -> bool:
        return any(math.dist(outline.centre, place) <= reach for _, place, reach in self._doubts)


def _is_of(outline: Outline, watch: Watch) -> bool:
    """Tell whether this may be the body of somebody who is known."""
    return (
        outline.overlap(watch.found or watch.outline) > _MAX_OVERLAP
        or math.dist(outline.centre, watch.place) <= _OWN_HEIGHTS * watch.height
    )
