"""Count the people in the room, seen or not.

People do not vanish. A person lost from sight has left through an edge of the picture or an exit, or was no person, or
is assumed to be there still, for a while. Nor do people appear from nowhere: a person first seen in the middle of the
picture was there before, and is one of those who are assumed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge.geometry.polygon import Polygon, contains
from edge.report.analytics.body.body import Body, Point, middle
from edge.report.analytics.body.departure import Path, is_cut_off
from edge.wire import MAX_POSES

_SURE_SCORE = 0.5
"""Least score of a body that is surely one: those that are found in furniture have less. See docs/calibration.md."""
_PROVEN_S = 2.0
"""Time for which somebody must have been seen surely, to be assumed when lost."""
_MOVED_HEIGHTS = 0.12
"""Way that shoulders or hips must have gone: what never moves is furniture."""
_STEP_S = 1.0
"""Longest time between two frames in which somebody counts as seen meanwhile."""
_GLIMPSE_S = 0.45
"""Time without a find that says nothing of somebody who was found surely, and not upright in the picture: only looks
that are turned so show that body, and others come between them. See docs/calibration.md."""
_REACH_HEIGHTS = 0.7
"""Distance within which a body that appears may be somebody who was just lost."""
_WALK_HEIGHTS_PER_S = 1.0
"""Velocity with which that distance grows: a walk. It does not grow where somebody rests and another one comes in."""
_SAME_HEIGHTS = 0.5
"""Distance within which a body is taken for another find of the person who was lost."""
_APART_HEIGHTS = 0.7
"""Distance between two bodies in one frame from which on they are two people."""
_REMEMBERED_S = 60.0
"""Time for which somebody who is neither seen nor assumed is known again by the same id."""


class Ended(NamedTuple):
    """Somebody who ceased to be there."""

    person: int
    how: str
    """``edge``, ``exit``, ``lost`` (no longer seen, and not assumed) or ``assumed`` (assumed until the time was over).
    """
    seconds: float
    """Time since the person was last seen."""


class _Evidence:
    """Proof that a body is a person: seen surely for long enough, upright once, and moving."""

    def __init__(self) -> None:
        self._sure_s = 0.0
        self._sure_at: float | None = None
        self._upright = False
        self._first: dict[str, Point] = {}
        self._moved = False

    def add(self, body: Body, height: float, now: float) -> None:
        is_sure = body.score >= _SURE_SCORE
        if is_sure and self._sure_at is not None:
            self._sure_s += min(now - self._sure_at, _STEP_S)
        self._sure_at = now if is_sure else None
        self._upright = self._upright or (is_sure and body.upright_lately is True)
        for name, point in (("shoulders", body.shoulders), ("hips", body.hips)):
            if point and not self._moved:
                start = self._first.setdefault(name, point)
                self._moved = math.dist(start, point) >= _MOVED_HEIGHTS * height

    @property
    def proves(self) -> bool:
        return self._sure_s >= _PROVEN_S and self._upright and self._moved


@dataclass(slots=True)
class _Ghost:
    """Somebody who is assumed."""

    person: int
    place: Point
    height: float
    rests: bool
    seen_at: float
    until: float


class _Occupant:
    """Somebody who is seen, or was."""

    def __init__(self, from_outside: bool) -> None:
        self.evidence = _Evidence()
        self.path = Path()
        self.from_outside = from_outside
        self.apart: set[int] = set()
        """Ids of others who were seen at some distance in the same frame."""
        self.covers: list[_Ghost] = []
        """Those who were assumed until this one appeared, who may be one of them."""

    def add(self, body: Body, now: float) -> None:
        self.path.add(body, now)
        self.evidence.add(body, self.path.height, now)


class Occupants:
    """Everybody who is there: ``update`` takes in each frame; then ``count`` of them are there."""

    def __init__(self, exits: Sequence[Polygon], assume: float, assume_resting: float) -> None:
        """Know of nobody.

        Args:
            exits: Parts of the picture through which people leave, in fractions of it.
            assume: Time for which somebody who was lost is assumed to be there, s.
            assume_resting: The same of somebody who was last seen sitting or lying.
        """
        self._exits = exits
        self._assume = {False: assume, True: assume_resting}
        self._known: dict[int, _Occupant] = {}
        self._seen: set[int] = set()
        self._ghosts: list[_Ghost] = []
        self._glimpsed_at = -math.inf
        self._now = 0.0

    def update(self, people: Sequence[Body], now: float) -> list[Ended]:
        """Take in a frame.

        Args:
            people: Everybody who is seen and counts.
            now: Monotonic time, s.

        Returns:
            Everybody who ceased to be there.
        """
        self._now = now
        before, self._seen = self._seen, {body.id for body in people}
        returned = {ghost.person for ghost in self._ghosts} & self._seen
        for ghosts in (self._ghosts, *(occupant.covers for occupant in self._known.values())):
            ghosts[:] = [ghost for ghost in ghosts if ghost.person not in self._seen]
        newcomers = [body for body in people if body.id not in self._known]
        for body in newcomers:
            self._known[body.id] = _Occupant(self._is_from_outside(body))
        for body in people:
            self._known[body.id].add(body, now)
            if body.score >= _SURE_SCORE and body.upright is False:
                self._glimpsed_at = now
        self._tell_apart(people)
        ended = [each for person in before - self._seen for each in self._lose(person)]
        for body in people:
            self._cover(body, appears=body.id not in before | returned)
        ended += self._end_of_time()
        self._forget()
        return ended

    def count(self, ahead: float = 0.0) -> int:
        """Return how many people are there, seen or assumed for more than ``ahead`` s from now on."""
        assumed = sum(ghost.until - self._now > ahead for ghost in self._ghosts)
        return min(len(self._seen) + assumed, MAX_POSES)

    @property
    def is_glimpsed(self) -> bool:
        """True if somebody was found, lying or seen from above, so lately that not being seen now says nothing."""
        return self._now - self._glimpsed_at <= _GLIMPSE_S

    @property
    def assumed(self) -> int:
        """The number of people who are assumed."""
        return min(len(self._ghosts), MAX_POSES - len(self._seen))

    @property
    def remaining(self) -> float:
        """The time until nobody is assumed any more, s; 0 if nobody is, not even behind somebody who may be another."""
        covered = [ghost for occupant in self._known.values() for ghost in occupant.covers]
        return max((ghost.until - self._now for ghost in self._ghosts + covered), default=0.0)

    def _is_from_outside(self, body: Body) -> bool:
        point = body.soles or body.centre
        at_exit = point is not None and any(contains(polygon, *body.fraction(point)) for polygon in self._exits)
        return at_exit or is_cut_off(body)

    def _tell_apart(self, people: Sequence[Body]) -> None:
        for number, body in enumerate(people):
            one = self._known[body.id]
            for other_body in people[number + 1 :]:
                other = self._known[other_body.id]
                if other_body.id not in one.apart and _distance(body, other_body) > _APART_HEIGHTS * max(
                    one.path.height, other.path.height
                ):
                    one.apart.add(other_body.id)
                    other.apart.add(body.id)

    def _lose(self, person: int) -> list[Ended]:
        """Decide what became of somebody who is no longer seen."""
        occupant = self._known[person]
        path = occupant.path
        over = [ghost for ghost in occupant.covers if self._is_over(ghost)]
        covered = [ghost for ghost in occupant.covers if not self._is_over(ghost)]
        occupant.covers = []
        how = path.leaves_by(self._exits)
        proven = occupant.evidence.proves
        if how or not proven:
            # What was no person was none of those who were there before; nor was perhaps who came in, past somebody
            # who rests, and went out again.
            self._ghosts += [ghost for ghost in covered if not proven or (occupant.from_outside and ghost.rests)]
            ended = [Ended(person, how or "lost", self._now - path.seen_at)]
            return ended if proven else ended + self._ends(over)
        rests = path.rests
        until = path.seen_at + self._assume[rests]
        if until <= self._now:
            return [Ended(person, "lost", self._now - path.seen_at)]
        ghost = _Ghost(person, _place(path.last), path.height, rests, path.seen_at, until)
        self._ghosts = [*self._ghosts, ghost][-MAX_POSES:]
        return []

    def _cover(self, body: Body, appears: bool) -> None:
        """Take a body for the nearest of those who are assumed, if it may be that person.

        Args:
            body: Somebody who is seen.
            appears: Nobody of that id was seen in the last frame.
        """
        occupant = self._known[body.id]
        near = [
            (math.dist(_place(body), ghost.place), number)
            for number, ghost in enumerate(self._ghosts)
            if (
                # One body may have been found twice; and who stands where somebody stood shows that nobody is there.
                self._is_covered(ghost, body) and not (ghost.rests and ghost.person in occupant.apart)
            )
            or (appears and self._may_have_come(ghost, body, occupant))
        ]
        if near:
            occupant.covers.append(self._ghosts.pop(min(near)[1]))

    def _may_have_come(self, ghost: _Ghost, body: Body, occupant: _Occupant) -> bool:
        """Tell whether somebody may have come unseen to where a body appears."""
        if ghost.person in occupant.apart:
            return False
        reach = _REACH_HEIGHTS
        if not (ghost.rests and occupant.from_outside):
            reach += _WALK_HEIGHTS_PER_S * (self._now - ghost.seen_at)
        return math.dist(_place(body), ghost.place) <= reach * ghost.height

    @staticmethod
    def _is_covered(ghost: _Ghost, body: Body) -> bool:
        return math.dist(_place(body), ghost.place) <= _SAME_HEIGHTS * ghost.height

    def _end_of_time(self) -> list[Ended]:
        over = [ghost for ghost in self._ghosts if self._is_over(ghost)]
        self._ghosts = [ghost for ghost in self._ghosts if not self._is_over(ghost)]
        return self._ends(over)

    def _ends(self, ghosts: Sequence[_Ghost]) -> list[Ended]:
        return [Ended(ghost.person, "assumed", self._now - ghost.seen_at) for ghost in ghosts]

    def _is_over(self, ghost: _Ghost) -> bool:
        return ghost.until <= self._now

    def _forget(self) -> None:
        """Forget who has been away for long, except those who are assumed."""
        kept = self._seen | {ghost.person for ghost in self._ghosts}
        for person, occupant in list(self._known.items()):
            if person not in kept and self._now - occupant.path.seen_at > _REMEMBERED_S:
                del self._known[person]


def _place(body: Body) -> Point:
    return middle(list(body.points.values())) or Point(0.0, 0.0)


def _distance(one: Body, other: Body) -> float:
    return math.dist(_place(one), _place(other))
