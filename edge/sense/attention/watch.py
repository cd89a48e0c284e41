"""Memory of one person for attention: where the body was, how it moved, and where looks found it again."""

import math
from statistics import median, quantiles
from typing import NamedTuple

from edge.geometry.trunk import DESCENT_S, FAST_HEIGHTS_PER_S, LEVEL_DEGREES, PATH_S
from edge.runtime.time_window import TimeWindow
from edge.sense.attention.outline import XY, Outline

_HEIGHT_S = 3.0
"""Time over which the standing height is measured: the 80th percentile, as bending and hiding make it smaller."""
_LOW_HEIGHTS = 0.38
"""Way by which the trunk of somebody who went down is lower than before."""
_BACK_UP_HEIGHTS, _BACK_UP_S = 0.25, 0.5
"""Somebody whose trunk is upright so little below its old place, for so long, is up again."""
_MIN_SCORE = 0.2
"""Least score of a pose that is measured."""
_MIN_HEIGHT_SCORE, _MIN_HEIGHT_KEYPOINTS = 0.25, 8
"""Least score and number of sure keypoints of a pose whose height is believed."""
_MIN_CLEAR_SCORE = 0.5
"""Least score of a body that is found by a look and neither lies nor is low; furniture reaches less."""
_FOUND_S = 2.0
"""Time for which a find of a look tells where the body is, and which turn shows it."""
_VELOCITY_S = 0.2
"""Time over which the velocity is averaged."""


class _Step(NamedTuple):
    y: float
    """Of the trunk, px."""
    is_steep: bool


class Watch:
    """One person, followed by the poses of upright frames (``see``) and of second looks (``find``)."""

    def __init__(self, person: int | None, outline: Outline) -> None:
        """Begin with the first pose; ``person`` is the id, None before there is one."""
        self.person = person
        self.outline = outline
        """Of the last upright find."""
        self.height = outline.height
        """Height of this person standing there, px."""
        self.was_upright = False
        self.frames = 0
        """Number of frames in which the body was found upright."""
        self.seen_at = self.found_at = self.attended_at = -math.inf
        """When the body was last found upright, found by a look, and looked for, s."""
        self.found: Outline | None = None
        """The last find of a look; None if the body was found upright since."""
        self.found_turns = 0
        self.looks = self.finds = 0
        """Number of looks for this body, and of those that found it."""
        self.was_admitted = False
        """Whether second looks alone made this a person."""
        self.down_since: float | None = None
        """When the person went down fast; None while up."""
        self.left = False
        """Whether the person left through the edge of the picture."""
        self.velocity_x = 0.0
        """Px/s."""
        self._old_y = outline.centre[1]
        """Height in the picture at which the trunk was before it went down, px."""
        self._up_since = math.inf
        self._path: TimeWindow[_Step] = TimeWindow(PATH_S)
        self._heights: TimeWindow[float] = TimeWindow(_HEIGHT_S)

    @property
    def place(self) -> XY:
        """Centre of the body by the last find, px."""
        return (self.found or self.outline).centre

    def unseen_for(self, now: float) -> float:
        """Time since the body was last found in an upright frame, s."""
        return now - self.seen_at

    def missed_for(self, now: float) -> float:
        """Time since it was last found in any way, s."""
        return now - max(self.seen_at, self.found_at)

    def is_found_by_looks(self, now: float) -> bool:
        """Tell whether a look found the body lately."""
        return now - self.found_at < _FOUND_S

    def see(self, outline: Outline, now: float) -> None:
        """Take in the body as an upright frame shows it."""
        self._move(outline, now)
        self.frames += 1
        self.outline, self.seen_at, self.found = outline, now, None
        if outline.is_steep and outline.score >= _MIN_HEIGHT_SCORE and outline.sure_count >= _MIN_HEIGHT_KEYPOINTS:
            self._measure(outline, now)
        if outline.inclination is not None and outline.score >= _MIN_SCORE:
            self._path.add(_Step(outline.centre[1], outline.is_steep), now)
            if self._descent(outline.centre[1], now) >= FAST_HEIGHTS_PER_S:
                self._go_down(now)
        self._get_up(outline, now)

    def find(self, outline: Outline, turns: int, now: float) -> bool:
        """Take in the body as a second look shows it; False if it is not believed."""
        believed = self._is_level(outline) or self._is_low(outline) or outline.score >= _MIN_CLEAR_SCORE
        if not believed and not (turns and self.was_admitted):
            return False
        self.finds += 1
        self.found_at, self.found, self.found_turns = now, outline, turns
        return True

    def admit(self, person: int) -> None:
        """Become a person with that id."""
        self.person, self.was_admitted = person, True

    def _move(self, outline: Outline, now: float) -> None:
        passed = now - self.seen_at
        if 0 < passed < 0.5:
            speed = (outline.centre[0] - self.outline.centre[0]) / passed
            self.velocity_x += (1 - math.exp(-passed / _VELOCITY_S)) * (speed - self.velocity_x)
        elif passed:
            self.velocity_x = 0.0

    def _measure(self, outline: Outline, now: float) -> None:
        self._heights.add(outline.height, now)
        if self.down_since is None:
            heights = self._heights.values()
            self.height = quantiles(heights, n=5, method="inclusive")[-1] if len(heights) > 1 else heights[0]
            self.was_upright = True

    def _descent(self, y: float, now: float) -> float:
        """Greatest speed downwards from an upright trunk to ``y``, heights a second."""
        shortest, longest = DESCENT_S
        speeds = [
            (y - step.y) / (now - time)
            for time, step in self._path
            if step.is_steep and shortest <= now - time <= longest
        ]
        return max(speeds, default=0.0) / self.height

    def _go_down(self, now: float) -> None:
        if self.down_since is None:
            steep = [step.y for time, step in self._path if step.is_steep and time <= now - DESCENT_S[0]]
            self._old_y = median(steep)
            self.down_since, self._up_since = now, math.inf

    def _get_up(self, outline: Outline, now: float) -> None:
        if outline.is_steep and outline.centre[1] - self._old_y < _BACK_UP_HEIGHTS * self.height:
            self._up_since = min(self._up_since, now)
            if now - self._up_since >= _BACK_UP_S:
                self.down_since = None
        else:
            self._up_since = math.inf

    def _is_level(self, outline: Outline) -> bool:
        return outline.inclination is not None and outline.inclination >= LEVEL_DEGREES

    def _is_low(self, outline: Outline) -> bool:
        """Tell whether the trunk is far below its place before it went down or was lost."""
        steep = [step.y for step in self._path.values() if step.is_steep]
        before = self._old_y if self.down_since is not None else median(steep) if steep else math.inf
        return outline.inclination is not None and outline.centre[1] - before >= _LOW_HEIGHTS * self.height
