"""What is made of the poses, as frozen dataclasses: the second half of ``edge.settings``. All of it is live."""

from dataclasses import dataclass, field
from typing import Any

from edge.polygon import Corner, Polygon

_NAME = {"pattern": r"[a-z0-9][a-z0-9_-]{0,31}", "form": "at most 32 small letters, digits, - and _"}
_SECONDS = {"low": 0.0, "high": 86400.0}


def _setting(default: Any, **bounds: Any) -> Any:
    return field(default=default, metadata={**bounds, "live": True})


def _needed(**bounds: Any) -> Any:
    return field(metadata={**bounds, "live": True})


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
    """At least three corners [x, y] in fractions of the frame, x right, y down."""
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
    """One end [x, y], in fractions of the frame."""
    end: Corner = _needed()
    """The other end; ``in`` is from left to right as one looks from start to end."""
    point: str = _setting("feet", words=("feet", "hips", "head"))
    """Which point of a body counts: ``feet`` (hips where they are not seen), ``hips`` or ``head``."""


@dataclass(frozen=True, slots=True)
class IgnoreSettings:
    """A part of the frame in which people are not real: a television, a mirror, a poster."""

    name: str = _needed(**_NAME)
    """For yourself."""
    polygon: Polygon = _needed()
    """At least three corners [x, y] in fractions of the frame; whose hips are inside is left out everywhere."""
