"""Attention: which view of a frame the model looks at, where it looks a second time, and what is believed of that.

The whole frame upright is the rule. PoseNet does not find a body that lies across the picture, so a second look, at a
crop that is turned by quarters, goes to where somebody was lost inside the picture or goes down, at once and then again
for as long as somebody may lie there. Now and then the whole frame is looked at turned, for somebody who was never seen
upright; in an empty room that look takes the place of an upright one and costs nothing. Where people are small, most
frames are looked at in a crop around all of them.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from edge.config.settings import AttentionSettings
from edge.pose import Person, Pose
from edge.sense.attention.outline import Outline
from edge.sense.attention.survey import Survey
from edge.sense.attention.view import View, whole
from edge.sense.attention.watch import Watch
from edge.sense.attention.zoom import zoom

_LOST_S = 0.2
"""Time without an upright find after which somebody is lost: a fall that is not seen must be found while it happens."""
_LEAVING_S = 1.0
"""Time after which it is decided whether somebody who is not found has left."""
_EDGE = 0.03
"""Part of the picture's width; who was last seen so near a side has left through it."""
_AHEAD_S = 0.2
"""Time for which the last velocity is assumed to go on."""
_GAP_S = 5.0
"""Time without a frame after which nothing is known any more."""
_MIN_FRAMES = 8
"""Least number of frames in which somebody was found, before a loss is one."""
_EAGER_S = 30.0
"""Time for which each frame is looked at a second time."""
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
"""Least side of a crop."""
_MIN_SCORE, _MIN_KEYPOINTS = 0.25, 5
"""Least score and number of sure keypoints of a find."""
_SIZE_HEIGHTS = (0.25, 1.5)
"""Longer side of a find's box."""
_REACH_HEIGHTS = 1.0
"""Greatest distance of a find from where the body was."""
_MAX_OVERLAP = 0.4
"""Part of a box from which on a find is another person's body."""
_SAME_HEIGHTS = 0.3
"""Distance between two trunks within which they are one."""
_RETURN_HEIGHTS, _RETURN_HEIGHTS_PER_S, _RETURN_S = 0.7, 1.0, 1.5
"""Distance within which a newcomer is the one who was lost: some, and more with the time, up to a limit."""
_MAX_RETURN_SIZE = 1.8
"""Greatest height of such a newcomer, in heights of the lost one."""
_LEFT_S = 2.0
"""Time for which somebody who left through the edge may come back as the same person."""
_MIN_PERSON_SCORE, _MIN_RETURN_SCORE = 0.2, 0.25
"""Least scores of somebody who is remembered, and of the newcomer."""
_MAX_WATCHES = 20
"""Most people who are remembered, which bounds the time for a frame."""
_TRIALS, _MIN_FINDS = 8, 3
"""Looks at a body that only a survey showed, and how many must find it before it is a person."""
_WHOLE_EVERY = 3
"""At least every third frame is looked at as a whole."""


class Look(NamedTuple):
    """A second look at a frame: for one person, or, without one, for everybody."""

    watch: Watch | None
    view: View


class Find(NamedTuple):
    """The body that a second look for somebody found; ``watch.person`` is None if it is a new person."""

    watch: Watch
    pose: Pose


class Attention:
    """Remembers the people of the last frames, and plans the looks at each frame.

    For each frame: ``first_view``, then ``see`` or ``survey`` with what it showed, then as often as the budget allows
    ``next_look`` and ``take``.
    """

    def __init__(self, settings: AttentionSettings, input_size: tuple[int, int]) -> None:
        """Remember nobody.

        Args:
            settings: What may be looked at.
            input_size: Width and height of the model's input, px.
        """
        self._settings = settings
        self.input_size = input_size
        self._survey = Survey(settings)
        self._watches: list[Watch] = []
        self._size = (1, 1)
        self._now = -math.inf
        self._zoomed = 0
        """Number of frames since the last whole one."""

    def reconfigure(self, settings: AttentionSettings) -> None:
        """Take over other settings; everybody is remembered."""
        self._settings = self._survey.settings = settings

    @property
    def is_watching(self) -> bool:
        """True while anybody is remembered: found, looked for, or in doubt."""
        return bool(self._watches)

    def first_view(self, size: tuple[int, int], now: float, is_settled: bool) -> View:
        """Choose the view with which a frame begins.

        Args:
            size: Width and height of the frame, px.
            now: Time of the frame, s; a step backwards, or a long one, forgets everybody.
            is_settled: Whoever the tracker follows was found in the last frame, and is a person.

        Returns:
            Mostly the whole frame upright.
        """
        if not 0 <= now - self._now <= _GAP_S or size != self._size:
            self._watches, self._survey = [], Survey(self._settings)
        self._size, self._now = size, now
        view = whole(*size)
        if self._settings.looks and is_settled:
            if not self._watches and self._survey.is_due(now):
                return self._survey.view(size, now)
            if self._settings.zoom and self._zoomed < _WHOLE_EVERY - 1 and not self._is_anybody_in_doubt(now):
                view = zoom([watch.outline for watch in self._watches], size, self.input_size) or view
        self._zoomed = 0 if view.is_whole(size) else self._zoomed + 1
        return view

    def _is_anybody_in_doubt(self, now: float) -> bool:
        """Tell whether somebody is lost or goes down."""
        return any(watch.down_since is not None or watch.unseen_for(now) >= _LOST_S for watch in self._watches)

    def see(self, persons: Iterable[Person], now: float) -> None:
        """Take in the persons that an upright view of the frame shows at ``now`` s; without looks, remember nobody."""
        if not self._settings.looks:
            self._watches = []
            return
        known = {watch.person: watch for watch in self._watches}
        for person in persons:
            outline = Outline.of(person.pose)
            if outline is None or outline.score < _MIN_PERSON_SCORE:
                continue
            watch = known.get(person.id)
            if watch is None:
                watch = Watch(person.id, outline)
                self._watches.append(watch)
            watch.left = False
            watch.see(outline, now)
        for watch in self._watches:
            if not watch.left and watch.unseen_for(now) >= _LOST_S and watch.missed_for(now) >= _LEAVING_S:
                watch.left = self._has_left(watch)
        self._watches = [watch for watch in self._watches if not self._is_over(watch, now)][-_MAX_WATCHES:]

    def _is_over(self, watch: Watch, now: float) -> bool:
        if watch.person is None and watch.looks >= _TRIALS:
            self._survey.doubt(watch, now)
            return True
        return watch.missed_for(now) > (_LEFT_S if watch.left else self._settings.search)

    def _has_left(self, watch: Watch) -> bool:
        """Tell whether a person who is lost needs no look: seen too briefly, or gone through the edge."""
        if watch.person is None or watch.was_admitted:
            return False
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
        if outline is None or outline.score < _MIN_RETURN_SCORE:
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
        """Choose the next second look at the frame; None if none is wanted."""
        wanted = [watch for watch in self._watches if self._wants(watch, now)]
        if wanted:
            watch = min(wanted, key=lambda each: each.attended_at)
            watch.attended_at = now
            watch.looks += 1
            return Look(watch, self._crop(watch, self._next_turns(watch, now)))
        return Look(None, self._survey.view(self._size, now)) if self._survey.is_due(now) else None

    def _wants(self, watch: Watch, now: float) -> bool:
        if watch.attended_at == now:
            return False
        lost = watch.unseen_for(now) >= _LOST_S
        down = watch.down_since is not None and now - watch.down_since < _EAGER_S
        if watch.left or not (lost or down):
            return False
        missed = watch.missed_for(now)
        if down or missed < _EAGER_S:
            return True
        return now - watch.attended_at >= (_STEADY_INTERVAL_S if watch.is_found_by_looks(now) else _RARE_INTERVAL_S)

    def _next_turns(self, watch: Watch, now: float) -> int:
        """Every second look at the turn that was right, the others at all turns in order."""
        if not watch.is_found_by_looks(now):
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
        if watch.found is None:
            y += _BELOW_HEIGHTS * watch.height
        x, y = round(x / grid) * grid, round(y / grid) * grid
        across, down = min(side, width), min(side, height)
        left = int(max(0.0, min(x - across / 2, width - across)))
        top = int(max(0.0, min(y - down / 2, height - down)))
        return View(left, top, int(across), int(down), turns)

    def survey(self, poses: Iterable[Pose], view: View, now: float) -> None:
        """Take in what the whole frame shows turned, px of the frame; bodies that nobody knew are looked at next."""
        self._watches += self._survey.find(poses, self._watches, view.turns, now)

    def take(self, look: Look, poses: Iterable[Pose], persons: Sequence[Person], now: float) -> Find | None:
        """Choose the body among what a second look for one person found.

        Args:
            look: The second look.
            poses: What it found, px of the frame.
            persons: Those that the frame showed before.
            now: Time of the frame, s.

        Returns:
            The body of that person; None if it is not there.
        """
        watch = look.watch
        if watch is None:
            self.survey(poses, look.view, now)
            return None
        others = [outline for each in persons if each.id != watch.person and (outline := Outline.of(each.pose))]
        # Whoever has been there longer keeps a body that looks for both of them find.
        elders = takewhile(lambda each: each is not watch, self._watches)
        others += [elder.found for elder in elders if elder.found and elder.is_found_by_looks(now)]
        bodies = [(pose, outline) for pose in poses if (outline := Outline.of(pose)) and self._fits(outline, watch)]
        own = [each for each in bodies if not any(_is_same(each[1], other) for other in others)]
        if not own:
            return None
        pose, outline = max(own)
        if not watch.find(outline, look.view.turns, now) or (watch.person is None and watch.finds < _MIN_FINDS):
            return None
        return Find(watch, pose)

    def _fits(self, outline: Outline, watch: Watch) -> bool:
        least, most = _SIZE_HEIGHTS
        return (
            outline.score >= _MIN_SCORE
            and outline.sure_count >= _MIN_KEYPOINTS
            and least * watch.height <= outline.longest <= most * watch.height
            and math.dist(outline.centre, watch.place) <= _REACH_HEIGHTS * watch.height
        )


def _is_same(outline: Outline, other: Outline) -> bool:
    """Tell whether two outlines may be of one body."""
    near = math.dist(outline.centre, other.centre) < _SAME_HEIGHTS * min(outline.height, other.height)
    return near or outline.overlap(other) > _MAX_OVERLAP
