"""What is made of the poses, as frozen dataclasses: the second half of ``edge.config.settings``. All of it is live."""

from dataclasses import dataclass, field
from typing import Any

from edge.geometry.polygon import Corner, Polygon

Marks = tuple[tuple[float, float, float, float], ...]
"""Points of the floor: x and y in fractions of the frame, metres to the right, metres away."""

_NAME = {"pattern": r"[a-z0-9][a-z0-9_-]{0,31}", "form": "at most 32 small letters, digits, - and _"}
_SECONDS = {"low": 0.0, "high": 86400.0}
SENSITIVITIES = ("low", "normal", "high")


def _setting(default: Any, **bounds: Any) -> Any:
    return field(default=default, metadata={**bounds, "live": True})


def _needed(**bounds: Any) -> Any:
    return field(metadata={**bounds, "live": True})


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Who counts as a person, for everything that poses mean."""

    sensitivity: str = _setting("normal", words=SENSITIVITIES)
    """``low`` takes only people who are seen well, ``high`` whatever looks like one."""
    although_unsealed: bool = _setting(False)
    """Say what poses mean although the sensing room is not sealed; ``posenet-edge run`` does, to try it on a desk."""


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """Whether somebody is there, and how many."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    enter: float = _setting(0.5, **_SECONDS)
    """Seconds for which somebody must be seen before the room counts as occupied."""
    clear: float = _setting(5.0, **_SECONDS)
    """Seconds for which nobody must be seen before it counts as empty."""


@dataclass(frozen=True, slots=True)
class ApproachSettings:
    """Whether somebody comes nearer to the camera, or goes away from it."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    growth: float = _setting(0.12, low=0.02, high=2.0)
    """By what part somebody must grow in the picture in a second, or shrink: m/s by m of distance; who walks 8 m away
    makes 0.15."""


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """Where the floor is, so that feet are somewhere in metres: where the camera hangs, or four marks on the floor."""

    camera_height: float | None = _setting(None, low=0.1, high=20.0)
    """Of the lens above the floor, m."""
    tilt: float | None = _setting(None, low=0.0, high=90.0)
    """How far the camera looks down from the horizontal, degrees."""
    field_of_view: float | None = _setting(None, low=10.0, high=170.0)
    """What the frame shows from its left to its right edge, degrees."""
    marks: Marks = _setting(())
    """Four points of the floor, each [x, y in fractions of the frame, metres to the right, metres away]; they win."""


@dataclass(frozen=True, slots=True)
class HandsSettings:
    """Whether somebody raises a hand, or both."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    hold: float = _setting(1.0, **_SECONDS)
    """Seconds for which a hand must be up before it counts as raised."""
    above: float = _setting(0.12, low=-0.2, high=0.3)
    """Body heights by which the wrist must be above the middle of the face; the crown is 0.07 above it, a hand beside
    the head 0.05, one stretched upwards 0.23."""


@dataclass(frozen=True, slots=True)
class WavingSettings:
    """Whether somebody waves."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    swings: int = _setting(4, low=3, high=20)
    """How often a raised forearm must swing to one side or the other ..."""
    within: float = _setting(3.0, low=0.5, high=30.0)
    """... within so many seconds."""


@dataclass(frozen=True, slots=True)
class RepetitionsSettings:
    """How often somebody did squats, jumping jacks or arm raises."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    least: int = _setting(3, low=2, high=20)
    """How often one must be done before it counts as an exercise."""
    pause: float = _setting(5.0, low=2.0, high=60.0)
    """Seconds without another after which the exercise has ended."""


@dataclass(frozen=True, slots=True)
class PostureSettings:
    """Whether somebody stands, sits, bends or lies."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    settle: float = _setting(1.0, **_SECONDS)
    """Seconds for the greater part of which a posture must be seen to count."""


@dataclass(frozen=True, slots=True)
class FallSettings:
    """Whether somebody has fallen and is still down."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    confirm: float = _setting(5.0, **_SECONDS)
    """Seconds for which somebody must be down before it counts as a fall."""
    give_up: float = _setting(600.0, **_SECONDS)
    """Seconds after which a fall is over where nobody is seen down there any more, and nobody was seen getting up."""


@dataclass(frozen=True, slots=True)
class InactivitySettings:
    """Whether somebody is there but has not moved for long."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""
    after: float = _setting(1800.0, **_SECONDS)
    """Seconds without movement, while somebody is seen."""


@dataclass(frozen=True, slots=True)
class MovementSettings:
    """How much the people move."""

    enabled: bool = _setting(True)
    """Whether this is looked for at all."""


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """A part of the frame with a name, for instance a sofa or a bed."""

    name: str = _needed(**_NAME)
    """As it appears in topics and entities."""
    polygon: Polygon = _needed()
    """At least three corners [x, y], in fractions of the frame (x right, y down) or in metres."""
    unit: str = _setting("frame", words=("frame", "metres"))
    """``frame``: fractions of it; ``metres``: on the floor, x to the right and y away, which needs ``[floor]``."""
    point: str = _setting("feet", words=("feet", "hips", "head"))
    """Which point of a body counts: ``feet`` (hips where they are not seen), ``hips`` or ``head``."""
    enter: float = _setting(0.5, **_SECONDS)
    """Seconds inside before somebody has entered."""
    leave: float = _setting(1.0, **_SECONDS)
    """Seconds outside before somebody has left."""
    dwell: float = _setting(0.0, **_SECONDS)
    """Seconds inside after which somebody dwells there; 0: never."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """A line across the frame, for instance a door's threshold."""

    name: str = _needed(**_NAME)
    """As it appears in topics and entities."""
    start: Corner = _needed()
    """One end [x, y], in fractions of the frame or in metres."""
    end: Corner = _needed()
    """The other end; ``in`` is from left to right as one looks from start to end."""
    unit: str = _setting("frame", words=("frame", "metres"))
    """``frame``: fractions of it; ``metres``: on the floor, x to the right and y away, which needs ``[floor]``."""
    point: str = _setting("feet", words=("feet", "hips", "head"))
    """Which point of a body counts: ``feet`` (hips where they are not seen), ``hips`` or ``head``."""


@dataclass(frozen=True, slots=True)
class IgnoreSettings:
    """A part of the frame in which people are not real: a television, a mirror, a poster."""

    name: str = _needed(**_NAME)
    """For yourself."""
    polygon: Polygon = _needed()
    """At least three corners [x, y] in fractions of the frame; who is all but wholly inside is left out everywhere."""


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """A rule of your own."""

    name: str = _needed(**_NAME)
    """As it appears in topics and entities."""
    when: str = _needed()
    """What must be so, as docs/analytics.md tells: ``left_wrist above left_shoulder for 2 s and zone == 'shelf'``."""
