"""Something that happened: what the meanings say once, at the moment when it is certain."""

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = (
    "arrived",
    "left",
    "posture_changed",
    "fall_suspected",
    "fall_confirmed",
    "fall_recovered",
    "inactive",
    "active_again",
)
"""Every kind of event there is: the last level of its topic ``event/<kind>``."""


@dataclass(frozen=True, slots=True)
class Event:
    """kind: a word of KINDS. confidence: 0..1. details: numbers and words, as docs/meaning.md lists them by kind."""

    kind: str
    person: int | None = None
    zone: str | None = None
    confidence: float = 1.0
    details: Mapping[str, float | int | str] = field(default_factory=dict)
