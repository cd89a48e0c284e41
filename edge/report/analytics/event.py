"""Something that happened: what the meanings say once, at the moment when it is certain."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EVENT_RATE = 5.0
"""Most of them a second, all kinds together."""


@dataclass(frozen=True, slots=True)
class Event:
    """kind: a key of ``shape.EVENTS``. confidence: 0..1. details: numbers and words, those that its kind has there."""

    kind: str
    person: int | None = None
    zone: str | None = None
    confidence: float = 1.0
    details: Mapping[str, float | int | str] = field(default_factory=dict)
