"""Attention: where the model looks a second time in a frame, and what it believes of what it finds there.

PoseNet does not find a body that lies across the picture. So a second look, at a crop that is turned by quarters, goes
to where somebody was lost inside the picture or goes down, at once and then again for as long as somebody may lie there.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edge.pose import Person, Pose
from edge.sense.attention.outline import Outline
from edge.sense.attention.view import View
from edge.sense.attention.watch import Watch

_LOST_S = 0.2
"""Time without an upright find after which somebody is lost: a fall that is not seen must be found while it happens."""
_EDGE = 0.03
"""Part of the picture's width; who was last seen so near a side has left through it."""
_AHEAD_S = 0.2
"""Time for which the last velocity is assumed to go on."""
_MIN_FRAMES = 8
"""Least number of frames in which somebody was found, before a loss is one."""
_EAGER_S = 30.0
"""Time for which each frame is looked at a second time."""
_PATIENT_S = 600.0
"""Time after which somebody who is not found is not looked for any more."""
_FOUND_S = 2.0
"""Time for which a find shows which turn is right."""
_STEADY_INTERVAL_S, _RARE_INTERVAL_S = 0.25, 1.0
"""Between two looks after ``_EAGER_S``: at somebody who is found, and for somebody who is not."""
_TURNS = (0, 1, 3, 2)
"""Order in which quarter turns are tried."""
_SIDE_HEIGHTS = 1.6
"""Side of a crop."""
_BELOW_HEIGHTS = 0.25
"""Distance of its centre below the trunk's last place: who falls is lower afterwards."""
_GRID_HEIGHTS, _GRID_PX = 0.08, 4.0
"""Steps of a crop's place and size, so that it does not tremble with the keypoints."""
_MIN_SIDE_PX = 64.0
_MIN_SCORE, _MIN_KEYPOINTS = 0.25, 5
"""Least score and number of sure keypoints of a find."""
_SIZE_HEIGHTS = (0.25, 1.5)
"""Longer side of a find's box."""
_REACH_HEIGHTS = 1.0
"""Greatest distance of a find from where the body was."""
_MAX_OVERLAP = 0.4
"""Part of a box from which on a find is another person's body."""
_RETURN_HEIGHTS, _RETURN_HEIGHTS_PER_S, _RETURN_S = 0.7, 1.0, 1.5
"""Distance within which a newcomer is the one who was lost: some, and more with the time, up to a limit."""
_MAX_RETURN_SIZE = 1.8
"""Greatest height of such a newcomer, in heights of the lost one."""
_LEFT_S = 2.0
"""Time for which somebody who left through the edge may come back as the same person."""
_MIN_PERSON_SCORE = 0.2
_MAX_WATCHES = 20


class Look(NamedTuple):
    """A second look for one person."""

    watch: Watch
    view: View


class Attention:
    """Remembers the people of the last frames, and plans the second looks."""

    def __init__(self) -> None:
        self._watches: list[Watch] = []
        self._size = (1, 1)
        self._turn = 0

    def see(self, persons: Iterable[Person], size: tuple[int, int], now: float) -> None:
        """Take in the persons that an upright frame of that width and height, px, shows at ``now`` s."""
        self._size = size
        known = {watch.person: watch for watch in self._watches}
        for person in persons:
            outline = Outline.of(person.pose)
            if outline is None:
                continue
            watch = known.get(person.id)
            if watch is None:
                if outline.score < _MIN_PERSON_SCORE:
                    continue
                watch = Watch(person.id, outline, now)
                self._watches.append(watch)
            watch.left = False
            watch.see(outline, now)
        for watch in self._watches:
            if not watch.left and watch.unseen_for(now) >= _LOST_S and watch.missed_for(now) >= 1.0:
                watch.left = self._has_left(watch)
        self._watches = [watch for watch in self._watches if not self._is_over(watch, now)][-_MAX_WATCHES:]

    def _is_over(self, watch: Watch, now: float) -> bool:
        return watch.missed_for(now) > (_LEFT_S if watch.left else _PATIENT_S)

    def _has_left(self, watch: Watch) -> bool:
        """Tell whether a person who is lost needs no look: seen too briefly, or gone through the edge."""
        if watch.frames < _MIN_FRAMES or not watch.was_upright:
            return True
        ahead, margin = watch.velocity_x * _AHEAD_S, _EDGE * self._size[0]
        outline = watch.outline
        at_edge = outline.left + min(0.0, ahead) < margin or outline.right + max(0.0, ahead) > self._size[0] - margin
        return at_edge and watch.down_since is None and (outline.is_steep or outline.inclination is None)

    def claim(self, pose: Pose, now: float) -> int | None:
        """Recognize a newcomer as somebody who was lost nearby.

        Args:
            pose: Of the newcomer.
            now: Time of the frame, s.

        Returns:
            The id of the lost person; None if there is none near enough.
        """
        outline = Outline.of(pose)
        if outline is None or outline.score < _MIN_PERSON_SCORE:
            return None
        near = []
        for watch in self._watches:
            if watch.person is None or watch.unseen_for(now) <= 0:
                continue
            reach = _RETURN_HEIGHTS + min(_RETURN_S, watch.missed_for(now)) * _RETURN_HEIGHTS_PER_S
            distance = min(math.dist(outline.centre, watch.outline.centre), math.dist(outline.centre, watch.place))
            if distance <= reach * watch.height and outline.height < _MAX_RETURN_SIZE * watch.height:
                near.append((distance, watch))
        if not near:
            return None
        _, watch = min(near, key=lambda each: each[0])
        return watch.person

    def next_look(self, now: float) -> Look | None:
        """Choose the next second look; None if none is wanted now."""
        wanted = [watch for watch in self._watches if self._wants(watch, now)]
        if not wanted:
            return None
        watch = min(wanted, key=lambda each: each.attended_at)
        watch.attended_at = now
        watch.looks += 1
        return Look(watch, self._crop(watch, self._next_turns(watch, now)))

    def _wants(self, watch: Watch, now: float) -> bool:
        lost = watch.unseen_for(now) >= _LOST_S
        down = watch.down_since is not None and now - watch.down_since < _EAGER_S
        if watch.left or not (lost or down):
            return False
        missed = watch.missed_for(now)
        if down or missed < _EAGER_S:
            return True
        return now - watch.attended_at >= (_STEADY_INTERVAL_S if missed < _FOUND_S else _RARE_INTERVAL_S)

    def _next_turns(self, watch: Watch, now: float) -> int:
        """Every second look at the turn that was right, the others at all turns in order."""
        if now - watch.found_at >= _FOUND_S:
            return _TURNS[watch.looks % len(_TURNS)]
        if watch.looks % 2:
            return watch.found_turns
        return _TURNS[watch.looks // 2 % len(_TURNS)]

    def _crop(self, watch: Watch, turns: int) -> View:
        """Make the view around a person, within the frame."""
        grid = max(_GRID_PX, _GRID_HEIGHTS * watch.height)
        width, height = self._size
        side = min(round(_SIDE_HEIGHTS * watch.height / grid) * grid, max(width, height))
        side = max(_MIN_SIDE_PX, side)
        x, y = watch.place
        if watch.found_place is None:
            y += _BELOW_HEIGHTS * watch.height
        x, y = round(x / grid) * grid, round(y / grid) * grid
        across, down = min(side, width), min(side, height)
        left = int(max(0.0, min(x - across / 2, width - across)))
        top = int(max(0.0, min(y - down / 2, height - down)))
        return View(left, top, int(across), int(down), turns)

    def take(self, look: Look, poses: Iterable[Pose], persons: Sequence[Person], now: float) -> Pose | None:
        """Choose the body among what a look found.

        Args:
            look: The second look.
            poses: What it found, px of the frame.
            persons: Those that the upright frame shows.
            now: Time of the frame, s.

        Returns:
            The body of the person who was looked for; None if it is not there.
        """
        watch = look.watch
        others = [Outline.of(person.pose) for person in persons if person.id != watch.person]
        best: tuple[float, Pose, Outline] | None = None
        for pose in poses:
            outline = Outline.of(pose)
            if outline is None or not self._fits(outline, watch):
                continue
            if any(other and outline.overlap(other) > _MAX_OVERLAP for other in others):
                continue
            if best is None or pose.score > best[0]:
                best = pose.score, pose, outline
        if best is None or not watch.find(best[2], look.view.turns, now):
            return None
        return best[1]

    def _fits(self, outline: Outline, watch: Watch) -> bool:
        least, most = _SIZE_HEIGHTS
        return (
            outline.score >= _MIN_SCORE
            and outline.sure_count >= _MIN_KEYPOINTS
            and least * watch.height <= outline.longest <= most * watch.height
            and math.dist(outline.centre, watch.place) <= _REACH_HEIGHTS * watch.height
        )
