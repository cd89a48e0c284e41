"""How somebody holds the body: standing, sitting, bending or lying.

Wrong where the picture is: who lies with the head straight away from the camera looks as if kneeling and bent, and who
sits on the edge of something, facing a camera high up, as if standing. Squatting and kneeling count as sitting, and as
bending with the head down. None where hips, shoulders or legs are out of sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.config.settings import SECONDS, setting
from edge.geometry.anthropometry import TRUNK
from edge.report.analytics.base import EventKind, Registration, RuleFact, State
from edge.report.analytics.body.body import Body
from edge.report.analytics.event import Event
from edge.report.analytics.per_person import PerPerson
from edge.report.analytics.signal.time_window import TimeWindow
from edge.report.fields import ByPerson, Entity, Words


@dataclass(frozen=True, slots=True)
class PostureSettings:
    """Whether somebody stands, sits, bends or lies."""

    enabled: bool = setting(True)
    """Whether this is looked for at all."""
    settle: float = setting(1.0, **SECONDS)
    """Seconds for the greater part of which a posture must be seen to count."""


_LEVEL = 0.6 * TRUNK
"""Body heights of the shoulders above the hips, below which a trunk is level: 53 degrees from the vertical where it is
not foreshortened. In the noisy scenes 95 in 100 have above 0.69 trunks who stand, walk or sit, and below 0.63 who lie
or bend."""
_LONG = 0.38
"""Body heights from shoulders to feet across the picture, from which on a level body lies: in the noisy scenes 95 in
100 are below 0.28 who bend or kneel, and above 0.45 who lie across the picture."""
_FLAT = 0.1
"""Body heights of the hips above the feet, below which a level body lies, whichever way it points: who kneels and bends
has them at 0.24 (a shank), so 0.11 or more in 95 of 100 noisy pictures; a fall towards the camera ends below 0."""
_LOW = 0.45
"""Body heights of the shoulders above the feet, below which somebody may lie: 0.56 lolling on a low sofa, 0.33 at most
after the falls of the scenes, 0.36 for one that ends pointing away from a camera high up."""
_HANGS = 0.5
"""Parts of the trunk that the knees are below the hips of who stands, both measured downwards: 0.70 at least in exact
pictures of all sides, and on a chair 0.48 at most. Noisy, 9 in 100 who stand have less and 6 in 100 on a chair more;
nothing made of hips, knees, feet and height parts them better, as an error of the hips counts twice here."""
_HANGS_STEEPLY = 0.4
"""The same before a camera that looks down steeply, to which a leg is farther than a trunk, and so shorter: 0.46 to
0.58 of who stands in the recorded clip ``one-by-one``. It needs a leg that is straight besides."""
_STRAIGHT = 0.42
"""Of the way down from hips to feet, the knees have so much above them where a leg is straight, from wherever it is
seen: half, and on a bed's edge or a chair 0.38 at most."""
_SHANK = 0.2
"""Parts of the trunk that the feet are below the knees of who stands: 0.3 in that clip; who kneels has none."""
_MOST = 0.75
"""Part of the pictures that must show the same: three of four, so that a body between two postures keeps one."""


class Posture:
    """``posture`` of who has been there longest, and ``postures`` by id; one must last for ``settle`` s to count."""

    def __init__(self, settings: PostureSettings) -> None:
        self._held = PerPerson(lambda: _Held(settings.settle))

    def update(self, people: Sequence[Body], now: float) -> list[Event]:
        """``posture_changed`` from one known posture to another."""
        events = []
        for body, held in self._held.see(people, now):
            before = held.last
            held.update(body, now)
            if before and held.last and held.last != before:
                events.append(Event("posture_changed", body.id, details={"from": before, "to": held.last}))
        return events

    @property
    def by_person(self) -> dict[int, State]:
        return {number: {"posture": held.word} for number, held in self._held.items()}

    @property
    def state(self) -> State:
        words = {str(number): held.word for number, held in self._held.items()}
        return {"posture": next(iter(words.values()), None), "postures": words}


class _Held:
    """``word`` is what was seen in most pictures of the last ``settle`` s; ``last`` is the last that was not None."""

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._seen: TimeWindow[str | None] = TimeWindow(settle, spanning=True)
        self.word: str | None = None
        self.last: str | None = None

    def update(self, body: Body, now: float) -> None:
        self._seen.add(posture(body, body.frame_height) if body.frame_height else None, now)
        if self._seen.span < self._settle:
            return
        words = self._seen.values()
        word = max(set(words), key=words.count)
        if words.count(word) >= _MOST * len(words):
            self.word = word
            self.last = word or self.last


def posture(body: Body, height: float) -> str | None:
    """``standing``, ``sitting``, ``bending`` or ``lying``, as one picture shows it; None where it doesn't.

    height: px, of the person standing there.
    """
    if not (body.shoulders and body.hips and body.rise is not None and (end := body.feet or body.knees)):
        return None
    if is_level(body, height):
        across, down = abs(end.x - body.shoulders.x), end.y - body.hips.y
        if across < _LONG * height and down > _FLAT * height:
            return "bending"
        return "lying" if is_low(body, height) else "sitting"
    if not body.knees:
        return None
    leg = body.feet.y - body.hips.y if body.feet else None
    return "standing" if _hang(body.knees.y - body.hips.y, leg, body.rise) else "sitting"


def _hang(thigh: float, leg: float | None, rise: float) -> bool:
    """Whether thighs and, where they are seen, shanks hang down as of who stands: px downwards; rise: of the trunk."""
    if leg is None:
        return thigh > _HANGS * rise
    if leg - thigh < _SHANK * rise:
        return False
    return thigh > _HANGS * rise or (thigh > _HANGS_STEEPLY * rise and thigh > _STRAIGHT * leg)


def is_level(body: Body, height: float) -> bool:
    """Whether the trunk lies or is bent down, as far as it is seen; height: px, of the person standing there."""
    return body.rise is not None and body.rise < _LEVEL * height


def is_low(body: Body, height: float) -> bool:
    """Whether the trunk is level and, where feet are seen, not far above them."""
    if body.feet and body.shoulders and body.feet.y - body.shoulders.y > _LOW * height:
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
