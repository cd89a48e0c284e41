"""Events: what happened, told once, at the moment when it is certain."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EVENT_RATE = 5.0
"""Greatest number of events a second, all kinds together."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        kind: A key of ``edge.report.analytics.registry.EVENTS``.
        person: The id, if it is about one.
        zone: The name, if it is about one.
        confidence: 0..1.
        details: The values of the fields that its kind has.
    """

    kind: str
    person: int | None = None
    zone: str | None = None
    confidence: float = 1.0
    details: Mapping[str, float | int | str] = field(default_factory=dict)
