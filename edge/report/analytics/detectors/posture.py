"""Posture: standing, sitting, bending or lying.

Somebody who sits facing the camera looks like somebody who stands further away, and is told from that by what the same
person's length was with the feet at that height in the picture.

Wrong if the picture is: a body that lies with the head straight away from the camera looks like one that kneels and
bends, and one that sits on an edge, facing a camera high up, like one that stands; so may one that faces the camera and
was never seen standing there. Squatting and kneeling count as sitting, and as bending with the head down. None if hips,
shoulders or legs are out of sight; only lying on the floor is told without legs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import SECONDS, setting
from edge.geometry.anthropometry import ANKLES, HIPS, KNEES, SHOULDERS, TRUNK
from edge.report.analytics.base import EventKind, Registration, RuleFact, State
from edge.report.analytics.body.body import Body, Point
from edge.report.analytics.body.standing_length import StandingLength, StandingLengths, StandingSample
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.fields import ByPerson, Entity, Words
from edge.runtime.time_window import TimeWindow


@dataclass(frozen=True, slots=True)
class PostureSettings:
    """Detection of postures."""

    enabled: bool = setting(True)
    """Switches the detector on."""
    settle: float = setting(1.0, **SECONDS)
    """Seconds for the greater part of which a posture must be seen to count."""


_LEVEL_HEIGHTS = 0.6 * TRUNK
"""Height of the shoulders above the hips below which a trunk is level: 53 degrees from the vertical."""
_LONG_HEIGHTS = 0.38
"""Distance from shoulders to feet across the picture from which on a level body lies."""
_FLAT_HEIGHTS = 0.1
"""Height of the hips above the feet below which a level body lies, whichever way it points."""
_LOW_HEIGHTS = 0.45
"""Height of the shoulders above the feet below which somebody may lie."""
_HANGS = 0.5
"""Height of the hips above the knees of somebody who stands, as a part of the trunk's height."""
_HANGS_STEEPLY = 0.4
"""The part that is enough for a straight leg: from a camera that looks down steeply, a leg seems shorter."""
_STRAIGHT = 0.42
"""Part of the height from hips to feet that is above the knees of a straight leg."""
_SHANK = 0.2
"""Height of the knees above the feet of somebody who stands, as a part of the trunk's height."""
_LENGTH = SHOULDERS - ANKLES
"""Height of the shoulders above the ankles of somebody who stands, in body heights; the next three are in such lengths.
A seat is as high as the knees."""
_SHORT_LENGTHS = ((SHOULDERS + KNEES + TRUNK) / 2 - ANKLES) / _LENGTH
"""Height of the shoulders above the feet below which somebody no longer stands: halfway to sitting on a chair, as seen
from the height of the body."""
_LOW_HIPS_LENGTHS = ((HIPS + KNEES) / 2 - ANKLES) / _LENGTH
"""Height of the hips above the feet below which somebody who no longer stands sits, else bends: halfway too."""
_FLOOR_LENGTHS = (KNEES - ANKLES) / _LENGTH
"""Height of the hips above where the feet stood below which they are lower than on a seat."""
_ACROSS = 0.6
"""Part of a trunk's length that one has which lies across the picture; one that leans towards the camera is shorter."""
_MOST = 0.75
"""Part of the frames that must show the same: three of four, so that a body between two postures keeps one."""
# For the evidence see docs/calibration.md.


class Posture:
    """``posture`` of the person who has been there longest, and ``postures`` by id."""

    def __init__(self, settings: PostureSettings) -> None:
        self._held = PerPerson(lambda: _Held(settings.settle))
        self._lengths = StandingLengths()

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """Emit ``posture_changed`` from one known posture to another."""
        events = []
        for (body, held), own in zip(self._held.see(people, now), self._lengths.see(people, now), strict=True):
            before = held.last
            held.update(own_posture(body, own, now), now)
            if before and held.last and held.last != before:
                events.append(Event("posture_changed", body.id, details={"from": before, "to": held.last}))
        return events

    @property
    def by_person(self) -> dict[int, State]:
        """State of each person, by id."""
        return {number: {"posture": held.word} for number, held in self._held.items()}

    @property
    def state(self) -> State:
        """The keys of ``state`` that this detector fills."""
        words = {str(number): held.word for number, held in self._held.items()}
        return {"posture": next(iter(words.values()), None), "postures": words}


class _Held:
    """``word`` is what was seen in most pictures of the last ``settle`` s; ``last`` is the last that was not None."""

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._seen: TimeWindow[str | None] = TimeWindow(settle, spanning=True)
        self.word: str | None = None
        self.last: str | None = None

    def update(self, seen: str | None, now: float) -> None:
        self._seen.add(seen, now)
        if self._seen.span < self._settle:
            return
        words = self._seen.values()
        word = max(set(words), key=words.count)
        if words.count(word) >= _MOST * len(words):
            self.word = word
            self.last = word or self.last


def own_posture(body: Body, own: StandingLength, now: float) -> str | None:
    """Classify a posture by one frame and by how this person stood.

    Args:
        body: The person.
        own: How this person stood; a frame that shows the person standing is added to it.
        now: Monotonic time, s.

    Returns:
        As ``posture``.
    """
    word = posture(body, body.frame_height) if body.frame_height else None
    # Feet that are cut off by the frame seem to stand at its edge, wherever they are.
    is_whole = body.soles is not None and body.soles.y <= body.size[1]
    if word == "standing" and is_whole and body.feet and body.shoulders and body.hips:
        length = own.at(body.feet.y)
        if length and body.feet.y - body.shoulders.y < _SHORT_LENGTHS * length:
            return "sitting" if body.feet.y - body.hips.y < _LOW_HIPS_LENGTHS * length else "bending"
        own.add(body.feet, body.shoulders, now)
    if word is None and own.last and _lies_on_floor(body, own.last):
        return "lying"
    return word


def _lies_on_floor(body: Body, stood: StandingSample) -> bool:
    """Tell whether a trunk, of which no legs are seen, lies across the picture where the person stood."""
    if not (body.shoulders and body.hips):
        return False
    height = stood.length / _LENGTH
    if not is_level(body, height) or math.dist(body.shoulders, body.hips) < _ACROSS * TRUNK * height:
        return False
    return stood.feet_y - body.hips.y < _FLOOR_LENGTHS * stood.length


def posture(body: Body, height: float) -> str | None:
    """Classify a posture by one frame.

    Args:
        body: The person.
        height: Height of that person standing there, px.

    Returns:
        ``standing``, ``sitting``, ``bending`` or ``lying``; None if it is not seen.
    """
    if not (body.shoulders and body.hips and body.rise is not None and (end := body.feet or body.knees)):
        return None
    if is_level(body, height):
        if is_folded(body.shoulders, body.hips, end, height):
            return "bending"
        return "lying" if is_low(body, height) else "sitting"
    if not body.knees:
        return None
    leg = body.feet.y - body.hips.y if body.feet else None
    return "standing" if _hang(body.knees.y - body.hips.y, leg, body.rise) else "sitting"


def is_folded(shoulders: Point, hips: Point, end: Point, height: float) -> bool:
    """Tell whether a level trunk is bent over the ``end`` of what is seen, mostly the feet; height in px."""
    return abs(end.x - shoulders.x) < _LONG_HEIGHTS * height and end.y - hips.y > _FLAT_HEIGHTS * height


def _hang(thigh: float, leg: float | None, rise: float) -> bool:
    """Tell whether thighs and, if seen, shanks hang down as when standing; thigh, leg and rise (of the trunk): px."""
    if leg is None:
        return thigh > _HANGS * rise
    if leg - thigh < _SHANK * rise:
        return False
    return thigh > _HANGS * rise or (thigh > _HANGS_STEEPLY * rise and thigh > _STRAIGHT * leg)


def is_level(body: Body, height: float) -> bool:
    """Tell whether the trunk lies or is bent down, as far as it is seen; height: of the person standing there, px."""
    return body.rise is not None and body.rise < _LEVEL_HEIGHTS * height


def is_low(body: Body, height: float) -> bool:
    """Tell whether the trunk is level and, if feet are seen, not far above them."""
    if body.feet and body.shoulders and body.feet.y - body.shoulders.y > _LOW_HEIGHTS * height:
        return False
    return is_level(body, height)


_POSTURE = Words(
    allowed=("standing", "sitting", "bending", "lying"),
    help="of whoever has been there longest",
    entity=Entity("sensor", "Posture", {"icon": "mdi:human"}),
)

REGISTRATION = Registration(
    section="posture",
    settings=PostureSettings,
    make=lambda context: Posture(context.settings.section(PostureSettings)),
    state={"posture": _POSTURE, "postures": ByPerson(of=_POSTURE, help="by id")},
    events={"posture_changed": EventKind("somebody has another posture", {"from": _POSTURE, "to": _POSTURE})},
    facts={"posture": RuleFact("posture", of_person=True)},
)
